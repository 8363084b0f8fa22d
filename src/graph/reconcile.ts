import type { JsonObject } from '../common/json.js';
import type { Delta, PatchRows, PutEdge, PutNode, Remove } from './delta.js';
import type { ElementId, Table } from './element.js';
import { jsonEqual } from './jsonCompare.js';
import type { LiveGraph, OwnedElement } from './liveGraph.js';

/** Everything that an origin says there is: whole bases, with all tables. */
export type Picture = Iterable<PutNode | PutEdge>;

/**
 * The deltas that make an origin's part of the graph what its picture says: differences only, table by table and row by row. Overlays of other
 * writers and measurements are not touched. Compares with what the origin said last, also where readers do not see it yet: suspended edges, and what the
 * governor holds. Changes nothing itself.
 */
export function reconcile(graph: Pick<LiveGraph, 'elementsOf'>, origin: string, picture: Picture): Delta[] {
  const known = new Map<ElementId, OwnedElement>();
  for (const element of graph.elementsOf(origin)) known.set(element.revision.id, element);
  const removals = { edges: [] as Remove[], nodes: [] as Remove[] };
  const nodes: Delta[] = [];
  const edges: PutEdge[] = [];
  const unchangedEdges: PutEdge[] = [];
  for (const put of picture) {
    const element = known.get(put.id);
    const isSameThing = element !== undefined && isSame(element, put);
    if (isSameThing) known.delete(put.id);
    if (put.op === 'putEdge') {
      (isSameThing && hasSameBase(element, put) ? unchangedEdges : edges).push(put);
    } else if (!isSameThing) nodes.push(put);
    else pushNodeDifferences(element, put, nodes);
  }
  // What is left is not in the picture, or is another thing now under its id. Edges first: they would go with their nodes.
  for (const { revision } of known.values()) {
    (revision.kind === 'edge' ? removals.edges : removals.nodes).push({ op: 'remove', id: revision.id });
  }
  // An edge whose end is not in the picture goes with that node, and must be put again to wait for it.
  const gone = new Set(removals.nodes.map(({ id }) => id));
  if (gone.size > 0) for (const put of unchangedEdges) if (gone.has(put.parent) || gone.has(put.child)) edges.push(put);
  return [...removals.edges, ...removals.nodes, ...nodes, ...edges];
}

/** Whether the element can become what is put: kind, ends and relation type never change. */
function isSame({ revision }: OwnedElement, put: PutNode | PutEdge): boolean {
  if (put.op === 'putNode') return revision.kind === 'node';
  return (
    revision.kind === 'edge' &&
    revision.parent === put.parent &&
    revision.child === put.child &&
    revision.base['RelationType'] === put.metadata['RelationType']
  );
}

const hasSameBase = ({ said }: OwnedElement, put: PutNode | PutEdge): boolean =>
  said.host === put.host && jsonEqual(said.base, put.metadata);

function pushNodeDifferences(element: OwnedElement, put: PutNode, into: Delta[]): void {
  if (!hasSameBase(element, put)) {
    const { tables: _tables, ...base } = put;
    into.push(base);
  }
  const { tables } = element.said;
  for (const table of new Set([...Object.keys(tables ?? {}), ...Object.keys(put.tables ?? {})])) {
    const rows = rowDifferences(put.id, table, tables?.[table], put.tables?.[table] ?? {});
    if (rows) into.push(put.observedAt === undefined ? rows : { ...rows, observedAt: put.observedAt });
  }
}

function rowDifferences(
  id: ElementId,
  table: string,
  known: Table | undefined,
  wanted: Readonly<Record<string, JsonObject>>,
): PatchRows | undefined {
  const put = Object.entries(wanted).filter(([key, row]) => !jsonEqual(known?.get(key), row));
  const remove: string[] = [];
  for (const [key] of known?.entries() ?? []) if (!Object.hasOwn(wanted, key)) remove.push(key);
  return put.length + remove.length === 0 ? undefined : { op: 'rows', id, table, put, remove };
}
