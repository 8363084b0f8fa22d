import { askWhole } from '../../client/ask.js';
import type { Analyzer } from '../../client/analyzer.js';
import { CanopyError } from '../../common/errors.js';
import type { Json, JsonObject } from '../../common/json.js';
import { isJsonObject, pathSteps, readPath, setPath } from '../../graph/metadataPath.js';

/** A dump of a graph: what `GET /api/topology` and `skydive client topology export` write. */
export interface Dump {
  readonly nodes: readonly JsonObject[];
  readonly edges: readonly JsonObject[];
}

/** What came in, and what was left out with the reason. */
export interface Imported {
  readonly nodes: number;
  readonly edges: number;
  readonly left: readonly { readonly id: string; readonly why: string }[];
}

/** Elements in one call. */
const IN_ONE_CALL = 5_000;

const PUBLISH = 'mutation Import($input: PublishTopologyInput!) { publishTopology(input: $input) { created updated } }';

/** The dump in a parsed file; `undefined` for anything else. */
export function dumpIn(parsed: unknown): Dump | undefined {
  const graph: unknown = Array.isArray(parsed) && parsed.length === 1 ? parsed[0] : parsed;
  if (typeof graph !== 'object' || graph === null || !('Nodes' in graph || 'Edges' in graph)) return undefined;
  const { Nodes, Edges } = graph as Record<'Nodes' | 'Edges', unknown>;
  const list = (value: unknown): JsonObject[] => (Array.isArray(value) ? (value as JsonObject[]).filter(isJsonObject) : []);
  return { nodes: list(Nodes), edges: list(Edges) };
}

/** An element as `publishTopology` takes it. */
type Ready = { readonly id: string } & Readonly<Record<string, unknown>>;

/** Publishes a dump under an origin of its own. `progress` hears how much is done. Throws what the analyzer refuses. */
export async function publishDump(
  analyzer: Analyzer,
  { nodes, edges }: Dump,
  origin: string,
  progress: (done: number, of: number) => void,
): Promise<Imported> {
  const left: { id: string; why: string }[] = [];
  const all = nodes.length + edges.length;
  let done = 0;
  /** Answers the ids of those that are in the graph now. */
  const publish = async (kind: 'nodes' | 'edges', ready: readonly Ready[]): Promise<Set<string>> => {
    const published = new Set<string>();
    for (let from = 0; from < ready.length; from += IN_ONE_CALL) {
      const part = ready.slice(from, from + IN_ONE_CALL);
      for (const id of await publishPart(analyzer, origin, kind, part, left)) published.add(id);
      progress((done += part.length), all);
    }
    return published;
  };
  const readyNodes = nodes.flatMap((node) => readyNode(node) ?? leave(node, 'a node needs ID, Metadata.Name and Metadata.Type', left));
  if (readyNodes.length === 0) throw new CanopyError('BAD_INPUT', 'there is no node in the dump that could be published');
  const known = await publish('nodes', readyNodes);
  const readyEdges = edges.flatMap(
    (edge) => readyEdge(edge, known) ?? leave(edge, 'an edge needs ID, Metadata.RelationType and both of its nodes', left),
  );
  const { size } = await publish('edges', readyEdges);
  return { nodes: known.size, edges: size, left };
}

function leave({ ID }: JsonObject, why: string, left: { id: string; why: string }[]): [] {
  left.push({ id: String(ID), why });
  return [];
}

function readyNode({ ID: id, Host: host, Metadata: metadata }: JsonObject): Ready | undefined {
  const { Name: name, Type: type, ...more } = isJsonObject(metadata) ? metadata : {};
  if (typeof id !== 'string' || typeof name !== 'string' || typeof type !== 'string') return undefined;
  return { id, name, type, host: typeof host === 'string' ? host : undefined, metadata: nested(more) };
}

function readyEdge(
  { ID: id, Parent: source, Child: target, Metadata: metadata }: JsonObject,
  known: ReadonlySet<string>,
): Ready | undefined {
  const { RelationType: relationType, ...more } = isJsonObject(metadata) ? metadata : {};
  const hasEnds = typeof source === 'string' && typeof target === 'string' && known.has(source) && known.has(target);
  return typeof id === 'string' && typeof relationType === 'string' && hasEnds
    ? { id, source, target, relationType, metadata: nested(more) }
    : undefined;
}

/** Publishes what can be, and adds the few elements that the analyzer refuses to `left`. Many are no oddity of some: that is thrown. */
async function publishPart(
  analyzer: Analyzer,
  origin: string,
  kind: 'nodes' | 'edges',
  part: readonly Ready[],
  left: { id: string; why: string }[],
): Promise<string[]> {
  try {
    await askWhole(analyzer, { document: PUBLISH, variables: { input: { origin, [kind]: part } } });
    return part.map(({ id }) => id);
  } catch (error) {
    const refused = refusals(error, kind);
    if (refused.size === 0 || refused.size === part.length) throw error;
    for (const [index, why] of refused) left.push({ id: part[index]!.id, why });
    const others = part.filter((_, index) => !refused.has(index));
    return publishPart(analyzer, origin, kind, others, left);
  }
}

/** An error of GraphQL that lists what is wrong with a call. */
interface Fault {
  readonly extensions?: {
    readonly details?: { readonly problems?: readonly { path: string; message: string }[]; readonly count?: number };
  };
}

/** Which elements of a call were refused, by their place, and why; none where the error is about something else, or tells of a part of them only. */
function refusals(error: unknown, kind: 'nodes' | 'edges'): ReadonlyMap<number, string> {
  const [fault] = error instanceof CanopyError ? ((error.details as { errors?: Fault[] }).errors ?? []) : [];
  const { problems = [], count } = fault?.extensions?.details ?? {};
  const found = new Map<number, string>();
  if (count !== problems.length) return found;
  for (const { path, message } of problems) {
    const [, index, below = ''] = new RegExp(`^${kind}\\[(\\d+)\\]\\.?(.*)$`).exec(path) ?? [];
    if (index === undefined) return new Map();
    found.set(Number(index), below === '' ? message : `${below}: ${message}`);
  }
  return found;
}

/**
 * Dotted keys (`random.trust_cpu` of a kernel's command line) as objects in objects, which the same paths reach; where there is a value on the way, the dots
 * become strokes.
 */
function nested(object: JsonObject): JsonObject {
  let made: JsonObject = {};
  for (const [key, value] of Object.entries(object)) {
    const inner = Array.isArray(value)
      ? (value as readonly Json[]).map((entry) => (isJsonObject(entry) ? nested(entry) : entry))
      : isJsonObject(value)
        ? nested(value)
        : value;
    const steps = pathSteps(key);
    const isDotted = steps !== undefined && steps.length > 1 && readPath(made, key) === undefined;
    made = (isDotted ? setPath(made, steps, inner) : undefined) ?? { ...made, [key.replaceAll('.', '-')]: inner };
  }
  return made;
}
