import type { Cancel, Clock } from '../../common/clock.js';
import type { Change } from '../../graph/change.js';
import type { Position } from '../../graph/position.js';
import type { GraphView } from '../../graph/view.js';
import type { HistoryStore } from '../../history/store.js';
import type { RecorderContract } from '../../journal/contracts.js';
import { BatchEnds } from './batchEnds.js';

/** What live streams read from. */
export interface LogSources {
  readonly recorder: Pick<RecorderContract, 'onChanges' | 'onMeasured' | 'position' | 'present' | 'recent'>;
  readonly history: Pick<HistoryStore, 'check' | 'at' | 'changes' | 'oldest'>;
  readonly clock: Clock;
  /** Changes that one subscriber may be behind and still catch up; `CATCH_UP_CHANGES` unless given. */
  readonly catchUpChanges?: number;
}

/** The change log as streams read it: from memory where it still is there, from the journal before that. */
export class ChangeLog {
  readonly ends = new BatchEnds();
  readonly clock: Clock;
  readonly #stop: Cancel;

  constructor(readonly sources: LogSources) {
    this.clock = sources.clock;
    this.#stop = sources.recorder.onChanges((changes) => this.ends.add(changes));
  }

  close(): void {
    this.#stop();
  }

  position(): Position {
    return this.sources.recorder.position();
  }

  present(): GraphView {
    return this.sources.recorder.present();
  }

  /** The graph at a position, steady until released. */
  async viewAt(position: Position): Promise<GraphView> {
    return position.seq === this.position().seq ? this.present() : await this.sources.history.at(position);
  }

  /** Changes after one position up to and with another, in pieces that end where delta batches end, of `max` changes where that is possible. */
  async *pieces(after: Position, to: Position, max: number): AsyncGenerator<readonly Change[]> {
    const recent = this.sources.recorder.recent(after);
    if (recent !== undefined) {
      yield* this.#cut(recent, to, max);
      return;
    }
    let piece: Change[] = [];
    for await (const change of this.sources.history.changes({ after, to })) {
      const last = piece.at(-1);
      if (last !== undefined && piece.length >= max && this.ends.isBetween(last, change)) {
        yield piece;
        piece = [];
      }
      piece.push(change);
    }
    if (piece.length > 0) yield piece;
  }

  *#cut(changes: readonly Change[], to: Position, max: number): Generator<readonly Change[]> {
    let end = changes.length;
    while (end > 0 && changes[end - 1]!.seq > to.seq) end -= 1;
    let start = 0;
    while (start < end) {
      let next = Math.min(end, start + max);
      while (next < end && !this.ends.isBetween(changes[next - 1]!, changes[next]!)) next += 1;
      yield start === 0 && next === changes.length ? changes : changes.slice(start, next);
      start = next;
    }
  }
}
