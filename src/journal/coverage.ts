import type { CoverageChange, GapReason } from '../graph/change.js';

/** What was not watched: the whole (`ANALYZER_DOWN`), an agent, or one probe of it. */
export interface GapSubject {
  readonly reason: GapReason;
  readonly origin?: string;
  readonly host?: string;
  readonly probe?: string;
}

/** A stretch of time in which something was not watched; `to` is `undefined` while it lasts. */
export interface Gap {
  readonly from: number;
  to: number | undefined;
  /** The entry that opened it. */
  readonly opened: CoverageChange;
  /** Seq of the entry that closed it; 0 while it lasts. */
  closedSeq: number;
  readonly reason: GapReason;
  readonly origin: string | undefined;
  readonly host: string | undefined;
  readonly probe: string | undefined;
}

/** Gaps by what opened and closed them in the log. In memory: there are few beside changes. */
export class Coverage {
  #gaps: Gap[] = [];
  readonly #open = new Map<string, Gap>();

  /** Takes an entry of the log, in order. */
  take(change: CoverageChange): void {
    const key = keyOf(change);
    if (change.op === 'gapOpened') {
      const gap: Gap = {
        from: change.since,
        to: undefined,
        opened: change,
        closedSeq: 0,
        reason: change.reason,
        origin: change.origin,
        host: change.host,
        probe: change.probe,
      };
      this.#gaps.push(gap);
      this.#open.set(key, gap);
      return;
    }
    const gap = this.#open.get(key);
    if (gap === undefined) return;
    gap.to = change.at;
    gap.closedSeq = change.seq;
    this.#open.delete(key);
  }

  openGap(subject: GapSubject): Gap | undefined {
    return this.#open.get(keyOf(subject));
  }

  openGaps(): Iterable<Gap> {
    return this.#open.values();
  }

  /** Gaps that touch [from, to], in the order in which they were logged. */
  between(from: number, to: number): Gap[] {
    return this.#gaps.filter((gap) => gap.from <= to && (gap.to ?? Infinity) >= from).map((gap) => ({ ...gap }));
  }

  /** Seqs of the entries that must stay when all up to `seq` go: of gaps that were open then. */
  *entriesStanding(seq: number): Generator<number> {
    for (const gap of this.#gaps) if (gap.opened.seq <= seq && (gap.closedSeq === 0 || gap.closedSeq > seq)) yield gap.opened.seq;
  }

  /** Forgets the gaps that were closed by a change up to `seq`; returns the seqs of the entries that opened them. */
  prune(seq: number): readonly number[] {
    const isGone = (gap: Gap): boolean => gap.closedSeq !== 0 && gap.closedSeq <= seq;
    const gone = this.#gaps.filter(isGone);
    this.#gaps = this.#gaps.filter((gap) => !isGone(gap));
    return gone.map((gap) => gap.opened.seq);
  }
}

const keyOf = ({ reason, origin, host, probe }: GapSubject | CoverageChange): string =>
  JSON.stringify([reason, origin ?? null, host ?? null, probe ?? null]);
