import { LRUCache } from 'lru-cache';
import { isElementChange, type Change } from '../../graph/change.js';
import type { ElementId, Revision } from '../../graph/element.js';
import type { Position } from '../../graph/position.js';
import type { HistoryStore } from '../../history/store.js';
import { SeenLog, type SeenChange } from './seenLog.js';
import type { Sight } from './sight.js';

/** Changes that are followed at once; more where one instant has more. */
const PIECE = 256;

/** Stretches of time whose spans are kept for each sight: what one screen asks about. */
const KEPT_STRETCHES = 8;

/** Milliseconds, both included. */
export interface SeenSpan {
  readonly from: number;
  readonly to: number;
}

/** When elements were seen within a stretch of time. */
export interface SeenSpans {
  /** `undefined` for one that was not seen at all. A span reaches beyond the stretch where nothing says that it ended or began. */
  of(id: ElementId): readonly SeenSpan[] | undefined;
  /** When all nodes with the `TID` were seen; none where one of several was not seen throughout. */
  ofTids(): ReadonlyMap<string, readonly SeenSpan[]>;
}

const ALWAYS: readonly SeenSpan[] = [{ from: -Infinity, to: Infinity }];

/** The past as somebody sees it: each change is judged by the graph in which it was made. */
export class SeenHistory {
  private readonly kept = new WeakMap<Sight, LRUCache<string, Promise<SeenSpans>>>();

  constructor(private readonly history: HistoryStore) {}

  /** Changes after one position up to and with another, as they were seen. */
  async *changes(sight: Sight, { after, to }: { readonly after: Position; readonly to: Position }): AsyncGenerator<SeenChange> {
    const start = await this.history.at(after);
    try {
      const log = new SeenLog(sight, start);
      for await (const piece of pieces(this.history.changes({ after, to }))) yield* log.follow(piece);
    } finally {
      start.release();
    }
  }

  /** Changes of each of these elements, in order, as they were seen after a position up to another. */
  async changesOf(
    sight: Sight,
    ids: readonly ElementId[],
    range: { readonly after?: Position; readonly to: Position },
  ): Promise<readonly (readonly SeenChange[])[]> {
    const found = new Map(ids.map((id) => [id, [] as SeenChange[]] as const));
    const whole = await this.history.revisions(ids, range);
    if (sight.isPartial && !whole.every((changes) => changes.every(({ element, before }) => inItself(sight, element, before)))) {
      const oldest = Math.min(...whole.map((changes) => changes.at(-1)?.seq ?? Infinity));
      if (oldest === Infinity && range.after === undefined) return ids.map(() => []);
      const after = range.after ?? { epoch: range.to.epoch, seq: oldest - 1 };
      for await (const change of this.changes(sight, { after, to: range.to })) found.get(change.element.id)?.push(change);
    } else {
      whole.forEach((changes, index) => {
        for (const { before, element, rows, ...change } of changes.toReversed()) {
          if (change.op === 'suspended') continue;
          const shown = {
            element: sight.shown(element),
            before: before && sight.shown(before),
            rows: sight.shownRows(rows),
            isCrossing: false,
          };
          found.get(ids[index]!)!.push({ ...change, ...shown, place: [change.seq, 0] });
        }
      });
    }
    return ids.map((id) => found.get(id)!);
  }

  /** Throws as the history does. Reads the log of the stretch. */
  async spans(sight: Sight, { from, to }: SeenSpan): Promise<SeenSpans> {
    const [start, end] = await Promise.all([this.history.resolve(from), this.history.resolve(to)]);
    let kept = this.kept.get(sight);
    if (kept === undefined) this.kept.set(sight, (kept = new LRUCache({ max: KEPT_STRETCHES })));
    const key = [start.position, end.position].map(({ epoch, seq }) => `${epoch}.${seq}`).join(' ');
    let spans = kept.get(key);
    if (spans === undefined) {
      kept.set(key, (spans = this.read(sight, start.position, end.position)));
      spans.catch(() => kept.delete(key));
    }
    return spans;
  }

  private async read(sight: Sight, after: Position, to: Position): Promise<SeenSpans> {
    const spans = new Spans();
    const start = await this.history.at(after);
    try {
      const seen = sight.of(start);
      for (const node of seen.nodes()) spans.begin(node.id, -Infinity);
      for (const edge of seen.edges()) spans.begin(edge.id, -Infinity);
      for (const node of start.nodes()) spans.bears(node);
      const log = new SeenLog(sight, start);
      for await (const piece of pieces(this.history.changes({ after, to }))) {
        for (const change of piece) if (isElementChange(change)) spans.bears(change.element);
        for (const { op, element, at, isCrossing } of log.follow(piece)) {
          // What came into being, or went, was nobody else's before or after.
          if (op === 'added') spans.begin(element.id, isCrossing ? at : -Infinity);
          else if (op === 'removed' && isCrossing) spans.end(element.id, at - 1);
        }
      }
    } finally {
      start.release();
    }
    return spans;
  }
}

/** Both revisions are in the scope by what they say themselves: then nothing else has to be looked at. */
const inItself = (sight: Sight, ...revisions: readonly (Revision | undefined)[]): boolean =>
  revisions.every((revision) => revision === undefined || (revision.kind === 'node' && sight.matches(revision)));

class Spans implements SeenSpans {
  private readonly closed = new Map<ElementId, SeenSpan[]>();
  private readonly open = new Map<ElementId, number>();
  private readonly bearers = new Map<string, Set<ElementId>>();

  begin(id: ElementId, from: number): void {
    if (!this.open.has(id)) this.open.set(id, from);
  }

  end(id: ElementId, to: number): void {
    const from = this.open.get(id);
    if (from === undefined) return;
    this.open.delete(id);
    const before = this.closed.get(id);
    if (before === undefined) this.closed.set(id, [{ from, to }]);
    else before.push({ from, to });
  }

  bears({ kind, id, metadata: { TID: tid } }: Revision): void {
    if (kind !== 'node' || typeof tid !== 'string') return;
    const bearers = this.bearers.get(tid);
    if (bearers === undefined) this.bearers.set(tid, new Set([id]));
    else bearers.add(id);
  }

  of(id: ElementId): readonly SeenSpan[] | undefined {
    const [closed, from] = [this.closed.get(id), this.open.get(id)];
    if (from === undefined) return closed;
    if (closed === undefined) return from === -Infinity ? ALWAYS : [{ from, to: Infinity }];
    return [...closed, { from, to: Infinity }];
  }

  ofTids(): ReadonlyMap<string, readonly SeenSpan[]> {
    const spans = new Map<string, readonly SeenSpan[]>();
    for (const [tid, bearers] of this.bearers) {
      const each = Array.from(bearers, (id) => this.of(id));
      const [first] = each;
      if (first !== undefined && (each.length === 1 || each.every((own) => own === ALWAYS))) spans.set(tid, first);
    }
    return spans;
  }
}

/** Pieces that end where an instant ends. */
async function* pieces(changes: AsyncIterable<Change>): AsyncGenerator<readonly Change[]> {
  let piece: Change[] = [];
  for await (const change of changes) {
    if (piece.length >= PIECE && piece.at(-1)!.at !== change.at) {
      yield piece;
      piece = [];
    }
    piece.push(change);
  }
  if (piece.length > 0) yield piece;
}
