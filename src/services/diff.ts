import type { Clock } from '../common/clock.js';
import { isElementChange } from '../graph/change.js';
import type { PathChange } from '../graph/difference.js';
import type { ElementId, Revision } from '../graph/element.js';
import type { GraphView } from '../graph/view.js';
import type { HistoryStore } from '../history/store.js';
import type { Asker } from './asker.js';
import { pathChanges } from './changeView.js';
import { viewOf, type AnyElementView } from './edgeView.js';
import type { Moment } from './elementView.js';
import type { TopologyFilter } from './filters/inputs.js';
import { compileSelection, type Selection } from './filters/selection.js';
import { resolveRange, type Instant } from './instant.js';
import { byId } from './order.js';
import { pageOf, readWindow, type Connection, type ListPlace, type PageArgs, type PageWindow } from './page.js';
import { isSamePosition, type ReadScope } from './readScope.js';
import type { TopologyLimits } from './topology.js';
import { requireRight } from './viewer.js';

/** One element that is there at both instants and not the same. */
export interface ChangedElement {
  readonly id: ElementId;
  readonly before: Revision;
  readonly after: Revision;
}

/** An element that changed, as it is at the later instant, with before and after for every path. */
export interface ElementDifference {
  readonly element: AnyElementView;
  readonly paths: readonly PathChange[];
}

interface Compared {
  readonly added: Revision[];
  readonly removed: Revision[];
  readonly changed: ChangedElement[];
}

export type ElementPage = Connection<Revision, AnyElementView>;
export type DifferencePage = Connection<ChangedElement, ElementDifference>;

export interface DiffQuery {
  readonly from: Instant;
  readonly to?: Instant | null;
  readonly filter?: TopologyFilter | null;
}

/** What is different between two instants, each element once. */
export class Diff {
  readonly from: number;
  readonly to: number;

  constructor(
    private readonly compare: (start: Moment, end: Moment) => Promise<Compared>,
    private readonly start: Moment,
    private readonly end: Moment,
    private readonly compared: Compared,
    private readonly limits: TopologyLimits,
  ) {
    this.from = start.at;
    this.to = end.at;
  }

  /** There at the later instant only. */
  added(scope: ReadScope, page: PageArgs): Promise<ElementPage> {
    return this.#page(scope, page, ({ added }, place, window) =>
      pageOf<Revision, AnyElementView, DiffPlace>(added, byId, place, showLater, window),
    );
  }

  /** There at the earlier instant only; shown as it was then. */
  removed(scope: ReadScope, page: PageArgs): Promise<ElementPage> {
    return this.#page(scope, page, ({ removed }, place, window) =>
      pageOf<Revision, AnyElementView, DiffPlace>(removed, byId, place, showEarlier, window),
    );
  }

  /** There at both, and different. */
  changed(scope: ReadScope, page: PageArgs): Promise<DifferencePage> {
    return this.#page(scope, page, ({ changed }, place, window) =>
      pageOf<ChangedElement, ElementDifference, DiffPlace>(changed, byId, place, difference, window),
    );
  }

  /** A later page compares the two moments of its cursor again, which may not be those of this request. */
  async #page<T>(scope: ReadScope, args: PageArgs, cut: (compared: Compared, place: DiffPlace, window: PageWindow) => T): Promise<T> {
    const window = readWindow({ first: args.first, after: args.after }, this.limits.pageSize);
    const [from, to] = window.moments ?? [];
    const isOther =
      from !== undefined && to !== undefined && !(isSamePosition(from, this.start.position) && isSamePosition(to, this.end.position));
    const [start, end] = isOther ? await Promise.all([scope.atPosition(from), scope.atPosition(to)]) : [this.start, this.end];
    const compared = isOther ? await this.compare(start, end) : this.compared;
    return cut(compared, { start, end, positions: [start.position, end.position] }, window);
  }
}

/** The two moments of a difference. */
interface DiffPlace extends ListPlace {
  readonly start: Moment;
  readonly end: Moment;
}

const showEarlier = (element: Revision, { start }: DiffPlace): AnyElementView => viewOf(element, start);
const showLater = (element: Revision, { end }: DiffPlace): AnyElementView => viewOf(element, end);

const difference = ({ before, after }: ChangedElement, { end }: DiffPlace): ElementDifference => ({
  element: viewOf(after, end),
  paths: pathChanges(before, after),
});

/** Compares the graph at two instants. */
export class Diffs {
  constructor(
    private readonly history: HistoryStore,
    private readonly clock: Clock,
    private readonly limits: TopologyLimits,
  ) {}

  /** Throws `BAD_INPUT` for a wrong filter, and for an end before the start. */
  async between({ viewer, scope }: Asker, { from, to, filter }: DiffQuery): Promise<Diff> {
    requireRight(viewer, 'topology', 'read');
    const selection = compileSelection(filter);
    resolveRange({ from, to }, this.clock, 'topologyDiff');
    const [start, end] = await Promise.all([scope.at(from), scope.at(to)]);
    const compare = (a: Moment, b: Moment): Promise<Compared> =>
      selection.isAll && !scope.sight?.isPartial ? this.#compareTouched(a, b) : compareSelected(selection, a.graph, b.graph);
    return new Diff(compare, start, end, await compare(start, end), this.limits);
  }

  /** Without a filter only what the log touched in between can be different. */
  async #compareTouched(start: Moment, end: Moment): Promise<Compared> {
    const touched = new Map<ElementId, 'node' | 'edge'>();
    for await (const change of this.history.changes({ after: start.position, to: end.position })) {
      if (isElementChange(change)) touched.set(change.element.id, change.element.kind);
    }
    const read = (graph: GraphView, id: ElementId, kind: 'node' | 'edge'): Revision | undefined =>
      kind === 'node' ? graph.node(id) : graph.edge(id);
    const pairs = [...touched].map(([id, kind]) => [read(start.graph, id, kind), read(end.graph, id, kind)] as const);
    return sorted(pairs);
  }
}

async function compareSelected(selection: Selection, start: GraphView, end: GraphView): Promise<Compared> {
  const [before, after] = await Promise.all([elementsById(selection, start), elementsById(selection, end)]);
  const ids = new Set([...before.keys(), ...after.keys()]);
  return sorted([...ids].map((id) => [before.get(id), after.get(id)] as const));
}

async function elementsById(selection: Selection, graph: GraphView): Promise<Map<ElementId, Revision>> {
  const { nodes, edges } = await selection.in(graph);
  const elements = new Map<ElementId, Revision>(nodes);
  for (const edge of edges) elements.set(edge.id, edge);
  return elements;
}

function sorted(pairs: readonly (readonly [before: Revision | undefined, after: Revision | undefined])[]): Compared {
  const added: Revision[] = [];
  const removed: Revision[] = [];
  const changed: ChangedElement[] = [];
  for (const [before, after] of pairs) {
    if (before === undefined) {
      if (after !== undefined) added.push(after);
    } else if (after === undefined) removed.push(before);
    // Another revision is not yet a difference: what changed may have changed back.
    else if (before.seq !== after.seq && pathChanges(before, after).length > 0) changed.push({ id: after.id, before, after });
  }
  return { added, removed, changed };
}
