import type { JsonObject } from '../../common/json.js';
import type { ElementId, NodeRevision } from '../../graph/element.js';
import { jsonEqual } from '../../graph/jsonCompare.js';
import { mergeObjects, mergeOverlays } from '../../graph/metadataPath.js';
import { OverlayView } from '../../graph/overlayView.js';
import { Replacements } from '../../graph/replacements.js';
import type { GraphView } from '../../graph/view.js';
import type { Selector } from '../../gremlin/gremlin.js';

/** A rule that lays metadata over the nodes that its string finds. */
export interface UpdateRule {
  readonly id: string;
  readonly metadata: JsonObject;
  readonly select: Selector;
}

/** Rules that find more because of each other are asked so often at most. */
const MOST_ROUNDS = 10;

export interface LaidOver {
  /** What is laid over each node. */
  readonly overlays: Map<ElementId, JsonObject>;
  /** The graph with that; it needs no release. */
  readonly view: GraphView;
}

/**
 * What the rules lay over the nodes of a view in which `writer` has laid something over nodes before. They begin at the graph without any of it, each sees what
 * others have laid and not what it laid itself, and what was found stays: so the outcome hangs on nothing but the graph, and a string that its own rule makes
 * untrue (`HasNot('Site')`, to set `Site`) does not come and go for ever. `fail` is told of a rule that cannot be followed.
 */
export async function layOver(
  view: GraphView,
  writer: string,
  before: Iterable<ElementId>,
  rules: readonly UpdateRule[],
  fail: (rule: string, error: unknown) => void,
): Promise<LaidOver> {
  const marked = new Map(rules.map((rule) => [rule, new Set<ElementId>()]));
  const overlays = new Map<ElementId, JsonObject>();
  const touched = [...before];
  let current = viewWith(view, writer, touched, overlays);
  const pending = new Set(rules);
  for (let round = 0; round < MOST_ROUNDS && pending.size > 0; round += 1) {
    for (const rule of [...pending]) {
      pending.delete(rule);
      const nodes = marked.get(rule)!;
      const added = (await found(rule, current, fail)).filter((id) => !nodes.has(id));
      if (added.length === 0) continue;
      for (const id of added) nodes.add(id);
      for (const id of added) {
        if (!overlays.has(id)) touched.push(id);
        const over = rules.filter((one) => marked.get(one)!.has(id));
        overlays.set(
          id,
          over.reduce<JsonObject>((all, { metadata }) => mergeObjects(all, metadata), {}),
        );
      }
      current = viewWith(view, writer, touched, overlays);
      for (const other of rules) if (other !== rule) pending.add(other);
    }
  }
  return { overlays, view: current };
}

async function found({ id, select }: UpdateRule, view: GraphView, fail: (rule: string, error: unknown) => void): Promise<ElementId[]> {
  try {
    return [...(await select(view)).nodes.keys()];
  } catch (error) {
    fail(id, error);
    return [];
  }
}

/** The view as it would be if the writer had laid over these nodes only what is given for each. */
function viewWith(view: GraphView, writer: string, nodes: Iterable<ElementId>, laid: ReadonlyMap<ElementId, JsonObject>): GraphView {
  const replacements = new Replacements();
  for (const id of nodes) {
    const node = view.node(id);
    const overlay = laid.get(id);
    if (node === undefined || jsonEqual(node.overlays?.[writer] ?? {}, overlay ?? {})) continue;
    replacements.addNode(id, overlay === undefined ? without(node, writer) : laidOver(node, writer, overlay));
  }
  return new OverlayView(view, replacements, view, () => undefined);
}

/** Nodes without what was laid over them, as long as they do not change: they are looked at again and again. */
const bare = new WeakMap<NodeRevision, NodeRevision>();

function without(node: NodeRevision, writer: string): NodeRevision {
  let stripped = bare.get(node);
  if (stripped === undefined) bare.set(node, (stripped = laidOver(node, writer, {})));
  return stripped;
}

function laidOver(node: NodeRevision, writer: string, overlay: JsonObject): NodeRevision {
  const overlays = { ...node.overlays, [writer]: overlay };
  return { ...node, overlays, metadata: mergeOverlays(node.base, overlays) };
}
