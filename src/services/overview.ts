import type { Json } from '../common/json.js';
import type { ElementId, NodeRevision } from '../graph/element.js';
import { readPath } from '../graph/metadataPath.js';
import type { Position } from '../graph/position.js';
import type { Asker } from './asker.js';
import { whenReady, type Awaitable } from './awaitable.js';
import { relationTypeOf } from './edgeView.js';
import { nodeState, type NodeState } from '../graph/nodeState.js';
import { type Moment, type NodeView } from './elementView.js';
import type { TopologyFilter } from './filters/inputs.js';
import { compileSelection, type Selected } from './filters/selection.js';
import { badValue } from '../graph/filter/badValue.js';
import type { Instant } from './instant.js';
import { type MeasureReader, measureReader, type NodeMeasure } from './groupMeasure.js';
import { rateNow } from './measurements.js';
import { nodeViewOf } from './nodeViews.js';
import type { Cell } from './placement/cells.js';
import type { PlaceGroups, Places } from './placement/places.js';
import { OWNERSHIP } from '../graph/walk/ownership.js';
import type { Sight } from './sight/sight.js';
import { requireRight } from './viewer.js';

export type GroupBy = 'HOST' | 'ORIGIN' | 'TYPE' | 'METADATA';

export interface OverviewQuery {
  readonly groupBy?: GroupBy | null;
  /** With `METADATA`: the dotted path whose value groups. */
  readonly metadataPath?: string | null;
  readonly filter?: TopologyFilter | null;
  /** What is measured of the nodes of each group. */
  readonly measure?: NodeMeasure | null;
  /** With `NUMBER`: the dotted path of the number. */
  readonly measurePath?: string | null;
}

export interface NodeGroup {
  readonly id: string;
  readonly label: string;
  /** The thing that the group stands for, where there is one. */
  readonly node: NodeView | undefined;
  readonly counts: readonly { readonly type: string; readonly count: number }[];
  readonly states: readonly { readonly state: NodeState; readonly count: number }[];
  /** The greatest of what was asked to be measured. */
  readonly most: number | undefined;
  /** Its cell in the picture: column and row; `undefined` where there are too many groups to keep places. */
  readonly x: number | undefined;
  readonly y: number | undefined;
}

/** All links between two groups together; `a` sorts before `b`. */
export interface GroupLink {
  readonly a: string;
  readonly b: string;
  readonly relationTypes: readonly string[];
  readonly count: number;
  readonly abBitsPerSecond: number | undefined;
  readonly baBitsPerSecond: number | undefined;
}

export interface Overview {
  readonly groups: readonly NodeGroup[];
  readonly links: readonly GroupLink[];
  readonly at: number;
  readonly cursor: Position;
}

/** A checked question, ready for any moment: asked once by a query, again and again by a subscription. */
export type OverviewReader = (moment: Moment) => Awaitable<Overview>;

/** Throws `BAD_INPUT` for a wrong filter, for `METADATA` without a path and for `NUMBER` without one. */
export function compileOverview(
  { groupBy, metadataPath, filter, measure, measurePath }: OverviewQuery,
  places: Places,
  sight: Sight | undefined,
): OverviewReader {
  const selection = compileSelection(filter);
  const by = groupBy ?? 'HOST';
  if (by === 'METADATA' && !metadataPath) throw badValue('metadataPath', metadataPath ?? null, 'a dotted path beside groupBy: METADATA');
  const labelOf = labelReader(by, metadataPath ?? '');
  const valueOf = measure ? measureReader(measure, measurePath) : undefined;
  // Where others' groups lie is not told by gaps: what is seen in part has places of its own.
  const view = by === 'METADATA' ? `${by}:${metadataPath}` : by;
  const place = sight === undefined ? places.of(view, selection.isAll) : places.alone;
  return (moment) => whenReady(selection.in(moment.graph), (selected) => summed(moment, selected, by, labelOf, valueOf, place));
}

/** Groups with counts, states, and the sums of the links and traffic between them. */
export function overview(
  { viewer, scope }: Asker,
  query: OverviewQuery,
  at: Instant | null | undefined,
  places: Places,
): Awaitable<Overview> {
  requireRight(viewer, 'topology', 'read');
  const read = compileOverview(query, places, viewer.sight);
  return whenReady(scope.at(at), read);
}

/** Nodes without a value are one group, with an empty label. */
function labelReader(by: GroupBy, path: string): (node: NodeRevision) => string {
  switch (by) {
    case 'HOST':
      return ({ host }) => host;
    case 'ORIGIN':
      return ({ origin }) => origin;
    case 'TYPE':
      return ({ metadata }) => label(metadata.Type);
    case 'METADATA':
      return ({ metadata }) => label(readPath(metadata, path));
  }
}

const label = (value: Json | undefined): string =>
  value === undefined || value === null ? '' : typeof value === 'string' ? value : JSON.stringify(value);

class Group {
  readonly counts = new Map<string, number>();
  readonly states = new Map<NodeState, number>();
  node: NodeRevision | undefined;
  most: number | undefined;

  constructor(readonly label: string) {}

  add(node: NodeRevision, standsForHost: boolean): void {
    const type = label(node.metadata.Type);
    this.counts.set(type, (this.counts.get(type) ?? 0) + 1);
    const state = nodeState(node);
    this.states.set(state, (this.states.get(state) ?? 0) + 1);
    if (standsForHost && type === 'host') this.node ??= node;
  }

  measure(value: number | undefined): void {
    if (value !== undefined) this.most = Math.max(this.most ?? -Infinity, value);
  }
}

function summed(
  moment: Moment,
  { nodes, edges }: Selected,
  by: GroupBy,
  labelOf: (node: NodeRevision) => string,
  valueOf: MeasureReader | undefined,
  place: PlaceGroups,
): Overview {
  const groups = new Map<string, Group>();
  for (const node of nodes.values()) {
    const text = labelOf(node);
    let group = groups.get(text);
    if (group === undefined) groups.set(text, (group = new Group(text)));
    group.add(node, by === 'HOST');
    if (valueOf !== undefined) group.measure(valueOf(node, moment));
  }
  const links = new Map<string, LinkSum>();
  for (const edge of edges) {
    const source = labelOf(nodes.get(edge.parent)!);
    const target = labelOf(nodes.get(edge.child)!);
    const relationType = relationTypeOf(edge);
    if (source === target || relationType === OWNERSHIP) continue;
    const [a, b] = source < target ? [source, target] : [target, source];
    const key = JSON.stringify([a, b]);
    let link = links.get(key);
    if (link === undefined) links.set(key, (link = new LinkSum(a, b)));
    link.add(moment, relationType, source === a ? [edge.parent, edge.child] : [edge.child, edge.parent]);
  }
  const shownLinks = [...links.values()].map((link) => link.shown(by));
  const sorted = [...groups.values()].sort(byLabel);
  const cells = place(
    sorted.map(({ label: text }) => ({ id: groupId(by, text), label: text })),
    shownLinks,
  );
  return {
    groups: sorted.map((group) => shownGroup(group, by, moment, cells)),
    links: shownLinks,
    at: moment.at,
    cursor: moment.position,
  };
}

const byLabel = (a: { readonly label: string }, b: { readonly label: string }): number => (a.label < b.label ? -1 : 1);

const groupId = (by: GroupBy, text: string): string => `${by.toLowerCase()}:${text}`;

const shownGroup = (
  { label: text, node, counts, states, most }: Group,
  by: GroupBy,
  moment: Moment,
  cells: ReadonlyMap<string, Cell>,
): NodeGroup => ({
  id: groupId(by, text),
  label: text,
  node: node && nodeViewOf(node, moment),
  counts: [...counts].map(([type, count]) => ({ type, count })).sort((a, b) => b.count - a.count || (a.type < b.type ? -1 : 1)),
  states: [...states].map(([state, count]) => ({ state, count })).sort((a, b) => (a.state < b.state ? -1 : 1)),
  most,
  x: cells.get(groupId(by, text))?.x,
  y: cells.get(groupId(by, text))?.y,
});

/** Links between two groups. An interface with several of them counts once: its readings are of all its traffic. */
class LinkSum {
  readonly #relationTypes = new Set<string>();
  readonly #counted = new Set<ElementId>();
  #count = 0;
  #ab: number | undefined;
  #ba: number | undefined;

  constructor(
    private readonly a: string,
    private readonly b: string,
  ) {}

  add(moment: Moment, relationType: string, [aEnd, bEnd]: readonly [ElementId, ElementId]): void {
    this.#relationTypes.add(relationType);
    this.#count += 1;
    if (this.#counted.has(aEnd) || this.#counted.has(bEnd)) return;
    const near = rateNow(moment, aEnd);
    const far = near === undefined ? rateNow(moment, bEnd) : undefined;
    if (near === undefined && far === undefined) return;
    this.#counted.add(near === undefined ? bEnd : aEnd);
    this.#ab = (this.#ab ?? 0) + (near?.txBitsPerSecond ?? far!.rxBitsPerSecond);
    this.#ba = (this.#ba ?? 0) + (near?.rxBitsPerSecond ?? far!.txBitsPerSecond);
  }

  shown(by: GroupBy): GroupLink {
    return {
      a: groupId(by, this.a),
      b: groupId(by, this.b),
      relationTypes: [...this.#relationTypes].sort(),
      count: this.#count,
      abBitsPerSecond: this.#ab,
      baBitsPerSecond: this.#ba,
    };
  }
}
