import type { Delta } from '../graph/delta.js';
import type { Progress, Recorded } from '../journal/contracts.js';
import type { HubContext } from './context.js';

/** Many deltas of one origin that need not be seen at once. */
export interface LongWrite {
  readonly origin: string;
  readonly deltas: readonly Delta[];
  /** Kept with the first part. */
  readonly firstProgress?: Progress;
  /** Kept with the last part: only then is the whole done. */
  readonly lastProgress?: Progress;
}

export interface LongWriteEvents {
  /** Asked before each part; `false` gives up. */
  goesOn(): boolean;
  recorded(recorded: Recorded): void;
}

/** How long to wait before looking again whether the journal has room. */
const FULL_RETRY_MS = 20;

/**
 * Records a long list in parts, letting everybody else run in between and waiting while the journal is full.
 * Returns the record of the last part, `undefined` when it gave up. An empty list is recorded too, for its progress.
 */
export async function recordInChunks(context: HubContext, write: LongWrite, events: LongWriteEvents): Promise<Recorded | undefined> {
  const { recorder, limits } = context;
  const { origin, deltas } = write;
  let from = 0;
  for (;;) {
    if (!events.goesOn()) return undefined;
    if (recorder.isFull) {
      await pause(context, FULL_RETRY_MS);
      continue;
    }
    const to = Math.min(deltas.length, from + limits.chunkDeltas);
    const isLast = to === deltas.length;
    const progress = isLast
      ? (write.lastProgress ?? (from === 0 ? write.firstProgress : undefined))
      : from === 0
        ? write.firstProgress
        : undefined;
    const recorded = recorder.record({ origin, deltas: deltas.slice(from, to) }, progress);
    events.recorded(recorded);
    if (isLast) return recorded;
    // Only the last part is waited for by the caller; an earlier one fails with it.
    recorded.durable.catch(() => undefined);
    from = to;
    await pause(context, 0);
  }
}

const pause = (context: HubContext, delayMs: number): Promise<void> => new Promise((resume) => void context.clock.after(delayMs, resume));
