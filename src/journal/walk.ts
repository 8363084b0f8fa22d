import { CanopyError } from '../common/errors.js';
import type { Journal } from './journal.js';
import { pauser, type Pause } from './pause.js';
import type { VersionMap } from './versions.js';

/** Headers that are walked between two looks at the clock. */
const CHANGES_PER_STEP = 4_096;

/** A version map at a place in the log, to start a walk from. */
export interface Base {
  readonly seq: number;
  /** A map of its own for the walk. */
  take(): VersionMap;
}

/**
 * Which revision each element had after the change `seq`: from the nearest of the present, the stored anchors and the bases that are offered, over the
 * headers between. Gives way to others; throws `UNAVAILABLE` when it is cancelled meanwhile.
 */
export async function versionsAt(
  journal: Journal,
  seq: number,
  offered: Iterable<Base> = [],
  isCancelled: () => boolean = () => false,
): Promise<VersionMap> {
  const base = nearestBase(journal, seq, offered);
  const versions = base.take();
  const pause = pauser();
  if (base.seq > seq) await undo(journal, versions, base.seq, seq, pause, isCancelled);
  else await redo(journal, versions, base.seq, seq, pause, isCancelled);
  return versions;
}

function nearestBase(journal: Journal, seq: number, offered: Iterable<Base>): Base {
  const { lastSeq, oldestSeq, versions, anchors } = journal;
  let nearest: Base = { seq: lastSeq, take: () => versions.copy() };
  const offer = (base: Base): void => {
    if (Math.abs(base.seq - seq) < Math.abs(nearest.seq - seq)) nearest = base;
  };
  if (oldestSeq === 1) offer({ seq: 0, take: () => anchors.at(0) });
  for (const anchor of anchors.seqs) if (anchor >= oldestSeq - 1) offer({ seq: anchor, take: () => anchors.at(anchor) });
  for (const base of offered) offer(base);
  return nearest;
}

async function redo(
  journal: Journal,
  versions: VersionMap,
  from: number,
  to: number,
  pause: Pause,
  isCancelled: () => boolean,
): Promise<void> {
  for (let done = from; done < to;) {
    const end = Math.min(to, done + CHANGES_PER_STEP);
    for (const block of journal.timeline.between(done, end)) {
      versions.forward(block, Math.max(0, done + 1 - block.firstSeq), Math.min(block.count, end - block.firstSeq + 1));
    }
    done = end;
    await breathe(pause, isCancelled);
  }
}

async function undo(
  journal: Journal,
  versions: VersionMap,
  from: number,
  to: number,
  pause: Pause,
  isCancelled: () => boolean,
): Promise<void> {
  for (let done = from; done > to;) {
    const end = Math.max(to, done - CHANGES_PER_STEP);
    for (const block of journal.timeline.between(end, done).reverse()) {
      versions.backward(block, Math.max(0, end + 1 - block.firstSeq), Math.min(block.count, done - block.firstSeq + 1));
    }
    done = end;
    await breathe(pause, isCancelled);
  }
}

async function breathe(pause: Pause, isCancelled: () => boolean): Promise<void> {
  if (!pause.isDueNow()) return;
  await pause.now();
  if (isCancelled()) throw new CanopyError('UNAVAILABLE', 'Nobody waits for this past any more.', { retriable: true });
}
