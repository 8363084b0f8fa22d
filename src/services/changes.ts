import type { Clock } from '../common/clock.js';
import { isElementChange, type Change, type ElementChange } from '../graph/change.js';
import type { ElementId, Revision } from '../graph/element.js';
import type { Position } from '../graph/position.js';
import type { HistoryStore, PositionRange } from '../history/store.js';
import type { Asker } from './asker.js';
import { shownChange, type ChangeView } from './changeView.js';
import { relationTypeOf } from './edgeView.js';
import { seenGaps, watchedShare, type ProbesByHost } from './coverage.js';
import type { Moment, NodeView } from './elementView.js';
import type { TopologyFilter } from './filters/inputs.js';
import { compileSelection, type Selection } from './filters/selection.js';
import { badValue } from '../graph/filter/badValue.js';
import { resolveRange, type ResolvedRange, type TimeRange } from './instant.js';
import { textAt } from './metadata.js';
import { Connection, readWindow, type PageArgs, type PageWindow } from './page.js';
import type { ReadScope } from './readScope.js';
import type { SeenHistory } from './sight/seenHistory.js';
import type { SeenChange } from './sight/seenLog.js';
import type { Sight } from './sight/sight.js';
import type { TopologyLimits } from './topology.js';
import { requireRight } from './viewer.js';

export interface ChangesQuery extends PageArgs {
  readonly between: TimeRange;
  readonly filter?: TopologyFilter | null;
  /** Only these; all unless given. */
  readonly ops?: readonly string[] | null;
  readonly kinds?: readonly string[] | null;
}

export interface HistogramQuery {
  readonly between: TimeRange;
  readonly stepMs: number;
  readonly filter?: TopologyFilter | null;
  readonly kinds?: readonly string[] | null;
}

export interface HistoryQuery extends PageArgs {
  readonly between?: TimeRange | null;
}

/** Changes in one step of time. */
export interface ChangeBucket {
  readonly start: number;
  readonly added: number;
  readonly updated: number;
  readonly removed: number;
  /** Share of the hosts and probes that were watched, 0 to 1. */
  readonly watched: number;
}

/** A page of changes. How many there are in all is counted when it is asked for: nothing keeps that number. */
export class ChangePage extends Connection<ElementChange, ChangeView> {
  constructor(
    found: readonly ElementChange[],
    to: Position,
    window: PageWindow,
    readonly countAll: () => Promise<number>,
  ) {
    const entries = found.filter(isShown).slice(0, window.size);
    const nodes = entries.map((change) => shownChange(change, to.epoch)!);
    super(
      nodes,
      NaN,
      entries,
      (change) => ('place' in change ? [...(change as SeenChange).place] : [change.seq]),
      { positions: [to] },
      found.length > window.size,
      window.after !== undefined,
    );
  }
}

/** Most steps of a histogram: more than a time bar has pixels. */
const MAX_BUCKETS = 5_000;

/** Where a stretch of time lies in the log, and the graph at both ends where a filter needs it. */
interface Stretch {
  readonly after: Position;
  readonly to: Position;
}

type ChangeTest = (change: ElementChange) => boolean;

/** Which changes are meant. */
interface Wanted extends Pick<ChangesQuery, 'ops' | 'kinds'> {
  readonly selection: Selection;
}

/** What happened: lists, counts, and the history of single elements. */
export class Changes {
  constructor(
    private readonly history: HistoryStore,
    private readonly seen: SeenHistory,
    private readonly clock: Clock,
    private readonly limits: TopologyLimits,
    private readonly probes: (scope: ReadScope) => ProbesByHost,
  ) {}

  /** Every change between two instants, in order. Throws `BAD_INPUT` for a wrong range, filter or page. */
  async list(asker: Asker, query: ChangesQuery): Promise<ChangePage> {
    requireRight(asker.viewer, 'topology', 'read');
    const window = forwardWindow(query, this.limits.pageSize);
    const wanted: Wanted = { ...query, selection: compileSelection(query.filter) };
    const stretch = await this.#stretch(asker.scope, resolveRange(query.between, this.clock));
    const to = window.moments?.[0] ?? stretch.to;
    const test = await this.#testOf(asker, wanted, stretch);
    const found = await take(this.#from({ after: stretch.after, to }, asker.scope, window), test, window.size + 1);
    return new ChangePage(found, to, window, () => this.#count({ after: stretch.after, to }, asker, wanted, stretch));
  }

  /** Changes by kind in each step. Throws `BAD_INPUT` for a wrong range, filter or step. */
  async histogram(asker: Asker, { between, stepMs, filter, kinds }: HistogramQuery): Promise<ChangeBucket[]> {
    requireRight(asker.viewer, 'topology', 'read');
    const selection = compileSelection(filter);
    const range = this.#upToPresent(asker.scope, resolveRange(between, this.clock));
    const least = Math.max(1, Math.ceil((range.to - range.from) / MAX_BUCKETS));
    if (stepMs < least)
      throw badValue('step', `${stepMs}ms`, `a step of at least ${least}ms, so that there are no more than ${MAX_BUCKETS}`);
    const counts =
      selection.isAll && !kinds && asker.scope.sight === undefined
        ? await this.history.histogram(range.from, range.to, stepMs)
        : await this.#filteredCounts(asker, { selection, kinds }, range, stepMs);
    const gaps = await seenGaps(this.history, asker.scope, range.from, range.to);
    const probes = this.probes(asker.scope);
    return counts.map((count) => ({
      ...count,
      watched: watchedShare(gaps, probes, count.start, Math.min(count.start + stepMs, range.to)),
    }));
  }

  /** Buckets end before their end; the last has to hold what the log dates at the very present. */
  #upToPresent(scope: ReadScope, range: ResolvedRange): ResolvedRange {
    return range.endsNow ? { ...range, to: Math.max(range.to, scope.present().at + 1) } : range;
  }

  /** Changes of each node, newest first, up to the moment it is looked at: one reading for all of them. */
  async historyOf(scope: ReadScope, nodes: readonly NodeView[], query: HistoryQuery): Promise<ChangePage[]> {
    const window = forwardWindow(query, this.limits.pageSize);
    const [first] = nodes;
    if (first === undefined) return [];
    const { position } = first.there;
    const range = await this.#historyRange(scope, query, position);
    const upTo = window.after === undefined ? range : { ...range, to: { epoch: position.epoch, seq: Number(window.after[0]) - 1 } };
    const ids = nodes.map(({ id }) => id);
    if (scope.sight !== undefined) return this.#seenHistoryOf(scope.sight, ids, window, range, position);
    // Suspensions are book-keeping of edges; nodes have none, so the limit counts what is shown.
    const found = await this.history.revisions(ids, { ...upTo, limit: window.size + 1 });
    const countAll = async (id: ElementId): Promise<number> => (await this.history.revisions([id], range))[0]?.length ?? 0;
    return found.map((changes, index) => new ChangePage(changes, position, window, () => countAll(ids[index]!)));
  }

  /** The same as somebody sees it: also when a node came into sight, and when it left. */
  async #seenHistoryOf(
    sight: Sight,
    ids: readonly ElementId[],
    window: PageWindow,
    range: PositionRange,
    newest: Position,
  ): Promise<ChangePage[]> {
    const whole = await this.seen.changesOf(sight, ids, { ...range, to: range.to ?? newest });
    return whole.map((changes) => {
      const [seq, index] = (window.after ?? []).map(Number);
      const isLater = ({ place }: SeenChange): boolean =>
        seq === undefined || place[0] < seq || (place[0] === seq && place[1] < (index ?? 0));
      return new ChangePage(changes.filter(isLater).reverse(), newest, window, () => Promise.resolve(changes.length));
    });
  }

  async #historyRange(scope: ReadScope, { between }: HistoryQuery, newest: Position): Promise<PositionRange> {
    if (!between) return { to: newest };
    const { after, to } = await this.#stretch(scope, resolveRange(between, this.clock));
    return { after, to: to.seq < newest.seq ? to : newest };
  }

  async #stretch(scope: ReadScope, time: ResolvedRange): Promise<Stretch> {
    const end = time.endsNow ? scope.present() : await this.history.resolve(time.to);
    const before = await this.history.resolve(time.from - 1);
    return { after: before.position, to: end.position };
  }

  async #count(range: Stretch, asker: Asker, wanted: Wanted, stretch: Stretch): Promise<number> {
    const test = await this.#testOf(asker, wanted, stretch);
    let count = 0;
    for await (const change of this.#from(range, asker.scope)) if (isShown(change) && test(change)) count += 1;
    return count;
  }

  async #filteredCounts(asker: Asker, wanted: Wanted, range: ResolvedRange, stepMs: number): Promise<Omit<ChangeBucket, 'watched'>[]> {
    const stretch = await this.#stretch(asker.scope, range);
    const test = await this.#testOf(asker, wanted, stretch);
    const buckets: { start: number; added: number; updated: number; removed: number }[] = [];
    for (let start = range.from; start < range.to; start += stepMs) buckets.push({ start, added: 0, updated: 0, removed: 0 });
    for await (const change of this.#from(stretch, asker.scope)) {
      const bucket = buckets[Math.floor((change.at - range.from) / stepMs)];
      if (bucket !== undefined && isShown(change) && test(change)) bucket[change.op as 'added' | 'updated' | 'removed'] += 1;
    }
    return buckets;
  }

  /** Changes of a stretch, as they are seen; those behind the place where a page ended. */
  #from({ after, to }: Stretch, { sight }: ReadScope, window?: PageWindow): AsyncIterable<Change> {
    const [seq, index] = (window?.after ?? []).map(Number);
    if (sight === undefined) return this.history.changes({ after: seq === undefined ? after : { epoch: to.epoch, seq }, to });
    const whole = this.seen.changes(sight, { after, to });
    return seq === undefined ? whole : behind(whole, seq, index ?? 0);
  }

  /**
   * Which changes a filter selects: those of elements that it selects at the start or at the end, and those in which the element's own
   * fields match, before or after. What lives only in between and matches only through others is not found.
   */
  async #testOf({ scope }: Asker, { selection, ops, kinds }: Wanted, { after, to }: Stretch): Promise<ChangeTest> {
    const isOfKind = kindTest(ops, kinds);
    if (selection.isAll) return isOfKind;
    const [start, end] = (await Promise.all([scope.atPosition(after), scope.atPosition(to)])) as [Moment, Moment];
    const selected = await Promise.all([selection.in(start.graph), selection.in(end.graph)]);
    const isSelected = changeTest(selection, new Set(selected.flatMap(({ nodes }) => [...nodes.keys()])));
    // Each change is shown to the selection, which learns from it whose edges belong to it.
    return (change) => isSelected(change) && isOfKind(change);
  }
}

function changeTest(selection: Selection, chosen: Set<ElementId>): ChangeTest {
  const matchesNode = selection.ownNode ?? (() => false);
  return ({ element, before }) => {
    if (element.kind === 'edge') return chosen.has(element.parent) && chosen.has(element.child) && selection.matchesEdge(element);
    if (!chosen.has(element.id) && (matchesNode(element) || (before?.kind === 'node' && matchesNode(before)))) chosen.add(element.id);
    return chosen.has(element.id);
  };
}

/** Of what happened, and of which types of nodes and relations of edges. */
function kindTest(ops: Wanted['ops'], kinds: Wanted['kinds']): ChangeTest {
  const op = ops && new Set(ops.map((name) => name.toLowerCase()));
  const kind = kinds && new Set(kinds);
  return (change) => (op?.has(change.op) ?? true) && (kind?.has(kindOf(change.element)) ?? true);
}

const kindOf = (element: Revision): string =>
  element.kind === 'edge' ? relationTypeOf(element) : (textAt(element.metadata.Type) ?? 'unknown');

const isShown = (change: Change): change is ElementChange => isElementChange(change) && change.op !== 'suspended';

async function* behind(changes: AsyncIterable<SeenChange>, seq: number, index: number): AsyncGenerator<SeenChange> {
  for await (const change of changes) if (change.place[0] > seq || (change.place[0] === seq && change.place[1] > index)) yield change;
}

async function take(changes: AsyncIterable<Change>, test: ChangeTest, count: number): Promise<ElementChange[]> {
  const found: ElementChange[] = [];
  for await (const change of changes) {
    if (isShown(change) && test(change)) found.push(change);
    if (found.length >= count) break;
  }
  return found;
}

/** Logs are read forwards only. */
function forwardWindow(page: PageArgs, maxSize: number): PageWindow {
  return readWindow({ first: page.first, after: page.after }, maxSize);
}
