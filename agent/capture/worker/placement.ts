/** When a capture changes its threads. Rates are packets/s. */
export interface Thresholds {
  /** Above, a capture has a thread of its own. */
  readonly moveAbove: number;
  /** Above, one thread is not enough. */
  readonly spreadAbove: number;
  /** Milliseconds for which a capture has to be at less than half of what moved it before it goes back. */
  readonly quietAfter: number;
}

/** What one second of a capture was like. */
export interface Load {
  readonly rate: number;
  /** Packets that were lost because nobody fetched them in time. */
  readonly lost: number;
}

/** What a capture needs: `shared` with others, a thread of its `own`, or so many of its own. */
export type Need = 'shared' | 'own' | number;

/** Seconds of losses, one after the other, after which a thread of its own is not enough: a ring that grows loses something too. */
const LOSING = 3;

/** Looks at a capture second by second, and says what it needs. */
export class Placement {
  /** What it has. */
  private has: Need = 'shared';
  private losing = 0;
  private quietSince: number | undefined;

  constructor(private readonly thresholds: Thresholds) {}

  get need(): Need {
    return this.has;
  }

  /** It got what it needed. */
  got(need: Need): void {
    this.has = need;
    this.losing = 0;
    this.quietSince = undefined;
  }

  /** What is needed after one more second; answers what it has where that is right. */
  after({ rate, lost }: Load, nowMs: number): Need {
    const { moveAbove, spreadAbove, quietAfter } = this.thresholds;
    const threads = typeof this.has === 'number' ? this.has : 1;
    this.losing = lost > 0 && rate > moveAbove ? this.losing + 1 : 0;
    if (this.has === 'shared') return rate > moveAbove ? 'own' : 'shared';
    if (rate > spreadAbove * threads || this.losing >= LOSING) return Math.max(threads + 1, Math.ceil(rate / spreadAbove));
    const fewer = this.has === 'own' ? moveAbove : spreadAbove * (threads - 1);
    if (rate > fewer / 2) this.quietSince = undefined;
    else this.quietSince ??= nowMs;
    if (this.quietSince === undefined || nowMs - this.quietSince < quietAfter) return this.has;
    // From many to one first, so that what is left of the rate decides about the rest.
    return this.has === 'own' ? 'shared' : 'own';
  }
}
