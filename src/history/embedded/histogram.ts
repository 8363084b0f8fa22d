import { CanopyError } from '../../common/errors.js';
import { countSlot, MINUTE_MS } from '../../journal/counts.js';
import type { Journal } from '../../journal/journal.js';
import { pauser } from '../../journal/pause.js';
import type { ChangeCount, ElementFilter } from '../store.js';
import { headerFilter, type HeaderFilter } from './headerFilter.js';

/** More steps than a screen has columns are a mistake. */
const MOST_STEPS = 20_000;
const BLOCKS_PER_TURN_CHANGES = 4_096;

type Counts = [added: number, updated: number, removed: number];

/**
 * Changes by kind in each step of [from, to). Minutes that lie in one step come from the journal's counts, everything else (the ends, steps
 * shorter than a minute, the newest minute, any filter) from headers; no element is read.
 */
export async function histogram(
  journal: Journal,
  from: number,
  to: number,
  stepMs: number,
  filter?: ElementFilter,
): Promise<readonly ChangeCount[]> {
  const steps = Math.ceil((to - from) / stepMs);
  if (!(stepMs > 0) || !(to > from) || steps > MOST_STEPS) {
    throw new CanopyError(
      'BAD_INPUT',
      `A histogram needs from < to and 1 to ${MOST_STEPS} steps; asked were ${from} to ${to} in steps of ${stepMs} ms.`,
      {
        details: { from, to, stepMs, mostSteps: MOST_STEPS },
      },
    );
  }
  const counts: Counts[] = Array.from({ length: steps }, () => [0, 0, 0]);
  const start = Math.max(from, journal.oldestAt);
  const end = Math.min(to, journal.timeline.lastAt + 1);
  const wanted = headerFilter(journal, filter);
  const countAt = (at: number): Counts => counts[Math.floor((at - from) / stepMs)]!;
  const isOneStep = (minute: number): boolean =>
    minute * MINUTE_MS >= start && (minute + 1) * MINUTE_MS <= end && countAt(minute * MINUTE_MS) === countAt((minute + 1) * MINUTE_MS - 1);
  // Later minutes may still be counted; in the one that was pruned into, the count is of more than is left.
  const firstWhole = Math.floor(journal.oldestAt / MINUTE_MS) + 1;
  const beyondWhole = Math.floor((journal.timeline.atOf(journal.keptSeq) ?? 0) / MINUTE_MS);
  if (filter !== undefined || firstWhole >= beyondWhole) await walk(journal, start, end, wanted, countAt);
  else {
    await walkMinutes(journal, start, end, (minute) => minute >= firstWhole && minute < beyondWhole && isOneStep(minute), wanted, countAt);
  }
  return counts.map(([added, updated, removed], step) => ({ start: from + step * stepMs, added, updated, removed }));
}

/** Takes each minute of [start, end) from the counts or from headers; neighbouring minutes of headers are walked together. */
async function walkMinutes(
  journal: Journal,
  start: number,
  end: number,
  isCounted: (minute: number) => boolean,
  wanted: HeaderFilter,
  countAt: (at: number) => Counts,
): Promise<void> {
  let walkFrom = start;
  let countFrom: number | undefined;
  const last = Math.floor((end - 1) / MINUTE_MS);
  for (let minute = Math.floor(start / MINUTE_MS); minute <= last; minute++) {
    if (isCounted(minute)) {
      if (countFrom !== undefined) continue;
      await walk(journal, walkFrom, minute * MINUTE_MS, wanted, countAt);
      countFrom = minute;
    } else if (countFrom !== undefined) {
      addMinutes(journal, countFrom, minute, countAt);
      walkFrom = minute * MINUTE_MS;
      countFrom = undefined;
    }
  }
  if (countFrom === undefined) await walk(journal, walkFrom, end, wanted, countAt);
  else addMinutes(journal, countFrom, last + 1, countAt);
}

function addMinutes(journal: Journal, from: number, to: number, countAt: (at: number) => Counts): void {
  for (const [minute, count] of journal.counts.minutes(from, to)) {
    const into = countAt(minute * MINUTE_MS);
    count.forEach((value, slot) => (into[slot]! += value));
  }
}

async function walk(journal: Journal, start: number, end: number, wanted: HeaderFilter, countAt: (at: number) => Counts): Promise<void> {
  if (end <= start) return;
  const { timeline } = journal;
  const pause = pauser();
  const last = timeline.seqAt(end - 1);
  for (let done = Math.max(timeline.seqAt(start - 1), journal.oldestSeq - 1); done < last;) {
    const until = Math.min(last, done + BLOCKS_PER_TURN_CHANGES);
    for (const block of timeline.between(done, until)) {
      const stop = Math.min(block.count, until - block.firstSeq + 1);
      for (let index = Math.max(0, done + 1 - block.firstSeq); index < stop; index++) {
        const slot = countSlot(block.op[index]!);
        if (slot !== undefined && wanted(block.ordinal[index]!)) countAt(block.at[index]!)[slot]++;
      }
    }
    done = until;
    if (pause.isDueNow()) await pause.now();
  }
}
