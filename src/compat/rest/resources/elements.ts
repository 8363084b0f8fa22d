import { CanopyError } from '../../../common/errors.js';
import type { JsonObject } from '../../../common/json.js';
import type { Delta, PutEdge, PutNode } from '../../../graph/delta.js';
import { differentPaths } from '../../../graph/difference.js';
import type { EdgeRevision, NodeRevision, Revision } from '../../../graph/element.js';
import { isJsonObject } from '../../../graph/metadataPath.js';
import type { GraphView } from '../../../graph/view.js';
import { edgeJson, nodeJson } from '../../../gremlin/json/element.js';
import type { Asker } from '../../../services/asker.js';
import { isReserved } from '../../../services/publish/origins.js';
import { requireRight } from '../../../services/viewer.js';
import { checkEdge, checkNode, fieldOf, readEdge, readNode } from '../../elementJson.js';
import type { RestContext } from '../context.js';
import { applyPatch, type PatchOperation } from '../jsonPatch.js';
import type { Patched, Resource } from '../resource.js';

/** What of a node's metadata no patch changes. */
const FIXED_KEYS: ReadonlySet<string> = new Set(['Name', 'Type', 'TID']);

/** Nodes of the graph: all of them are listed, and what is created is this interface's own. */
export const nodeResource = (context: RestContext): Resource => ({
  name: 'node',
  takesYaml: false,
  list: (asker) => list(asker, 'node', (graph) => graph.nodes(), nodeJson),
  get: (asker, id) => Promise.resolve(one(asker, 'node', (graph) => graph.node(id), nodeJson)),
  async create(asker, body) {
    requireRight(asker.viewer, 'node', 'write');
    const { delta } = readNode(body);
    checkNode(delta);
    if (asker.scope.present().graph.node(delta.id) !== undefined) throw new CanopyError('BAD_INPUT', 'Node ID conflict');
    await create(context, asker, delta, body);
    return one(asker, 'node', (graph) => graph.node(delta.id), nodeJson)!;
  },
  patch: (asker, id, operations) => patch(context, asker, 'node', operations, (graph) => graph.node(id), nodeJson, FIXED_KEYS),
  remove: (asker, id) => remove(context, asker, 'node', id, (graph) => graph.node(id)),
});

/** Edges, as nodes. */
export const edgeResource = (context: RestContext): Resource => ({
  name: 'edge',
  takesYaml: false,
  list: (asker) => list(asker, 'edge', (graph) => graph.edges(), edgeJson),
  get: (asker, id) => Promise.resolve(one(asker, 'edge', (graph) => graph.edge(id), edgeJson)),
  async create(asker, body) {
    requireRight(asker.viewer, 'edge', 'write');
    const { delta } = readEdge(body);
    checkEdge(delta);
    const { graph } = asker.scope.present();
    if (graph.edge(delta.id) !== undefined) throw new CanopyError('BAD_INPUT', 'Edge ID conflict');
    if (graph.node(delta.parent) === undefined) throw new CanopyError('BAD_INPUT', 'Parent node not found');
    if (graph.node(delta.child) === undefined) throw new CanopyError('BAD_INPUT', 'Child node not found');
    await create(context, asker, delta, body);
    return one(asker, 'edge', (view) => view.edge(delta.id), edgeJson)!;
  },
  patch: (asker, id, operations) => patch(context, asker, 'edge', operations, (graph) => graph.edge(id), edgeJson, new Set()),
  remove: (asker, id) => remove(context, asker, 'edge', id, (graph) => graph.edge(id)),
});

/** What it is called where rights are given. */
type ElementObject = 'node' | 'edge';

type Show<Element> = (element: Element, graph: GraphView) => JsonObject;

function list<Element extends Revision>(
  { viewer, scope }: Asker,
  object: ElementObject,
  elements: (graph: GraphView) => Iterable<Element>,
  show: Show<Element>,
): Promise<Record<string, JsonObject>> {
  requireRight(viewer, object, 'read');
  const { graph } = scope.present();
  return Promise.resolve(Object.fromEntries(Array.from(elements(graph), (element) => [element.id, show(element, graph)])));
}

function one<Element extends Revision>(
  { viewer, scope }: Asker,
  object: ElementObject,
  find: (graph: GraphView) => Element | undefined,
  show: Show<Element>,
): JsonObject | undefined {
  requireRight(viewer, object, 'read');
  const { graph } = scope.present();
  const element = find(graph);
  return element && show(element, graph);
}

/** Whose it is may be said, as `skydive client` does (`cli.HOST`); it is this interface's otherwise. */
async function create({ services, hostId }: RestContext, asker: Asker, delta: PutNode | PutEdge, body: JsonObject): Promise<void> {
  const said = fieldOf(body, 'Origin') ?? '';
  if (typeof said !== 'string') throw new CanopyError('BAD_INPUT', 'Origin must be a string');
  const { refused, durable } = services.elements.write(asker, said === '' || isReserved(said) ? `api.${hostId}` : said, [delta]);
  throwFirst(refused);
  await durable;
}

async function patch<Element extends NodeRevision | EdgeRevision>(
  { services }: RestContext,
  asker: Asker,
  object: ElementObject,
  operations: readonly PatchOperation[],
  find: (graph: GraphView) => Element | undefined,
  show: Show<Element>,
  fixed: ReadonlySet<string>,
): Promise<Patched | undefined> {
  requireRight(asker.viewer, object, 'write');
  const before = one(asker, object, find, show);
  if (before === undefined) return undefined;
  const patched = applyPatch(before, operations).Metadata;
  if (!isJsonObject(patched)) throw new CanopyError('BAD_INPUT', 'validating patched resource: Metadata must be an object');
  const metadata = { ...patched };
  for (const key of fixed) keepAsItWas(metadata, before.Metadata as JsonObject, key);
  const changes = differentPaths(before.Metadata as JsonObject, metadata);
  if (changes.length === 0) return { value: before, status: 304 };
  const set = changes.flatMap(({ path, after }) => (after === undefined ? [] : [[path, after] as const]));
  const unset = changes.flatMap(({ path, after }) => (after === undefined ? [path] : []));
  const { id, origin } = find(asker.scope.present().graph)!;
  if (isReserved(origin)) await services.publisher.updateMetadata(asker, id, Object.fromEntries(set), unset);
  else {
    const delta: Delta = { op: 'patch', id, set, unset };
    const { refused, durable } = services.elements.write(asker, origin, [delta]);
    throwFirst(refused);
    await durable;
  }
  return { value: one(asker, object, find, show) ?? before, status: 200 };
}

function keepAsItWas(metadata: Record<string, JsonObject[string]>, before: JsonObject, key: string): void {
  if (before[key] === undefined) delete metadata[key];
  else metadata[key] = before[key];
}

async function remove(
  { services }: RestContext,
  asker: Asker,
  object: ElementObject,
  id: string,
  find: (graph: GraphView) => Revision | undefined,
): Promise<boolean> {
  requireRight(asker.viewer, object, 'write');
  if (find(asker.scope.present().graph) === undefined) return false;
  await services.publisher.remove(asker, [id]);
  return true;
}

function throwFirst(refused: ReadonlyMap<number, CanopyError>): void {
  for (const error of refused.values()) throw error;
}
