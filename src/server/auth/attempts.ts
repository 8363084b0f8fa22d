import { LRUCache } from 'lru-cache';
import type { Clock } from '../../common/clock.js';
import { CanopyError } from '../../common/errors.js';

/** Wrong passwords that cost nothing: of a user from one address, from one address, and of a user from everywhere, who must not be locked out by others. */
const FREE = { pair: 5, address: 30, name: 100 } as const;

/** Milliseconds of the first wait; each further failure doubles it, up to the longest. */
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;

/** After so long without a failure everything is forgotten, ms. */
const FORGET_MS = 15 * 60_000;

/** Entries of each kind that are remembered. */
const KEPT = 20_000;

interface Failures {
  count: number;
  lastAt: number;
}

/** Slows down whoever tries passwords: after some wrong ones the next is not even looked at for a while. */
export class Attempts {
  readonly #failures = { pair: this.#kept(), address: this.#kept(), name: this.#kept() };

  constructor(private readonly clock: Clock) {}

  /** Throws `LIMIT_EXCEEDED` with the seconds to wait. */
  check(name: string, from: string): void {
    const wait = Math.max(...this.#entries(name, from).map(([kind, key]) => this.#waitOf(kind, key)));
    if (wait <= 0) return;
    const retryAfterSeconds = Math.ceil(wait / 1_000);
    throw new CanopyError('LIMIT_EXCEEDED', `too many wrong passwords; try again in ${retryAfterSeconds} s`, {
      retriable: true,
      details: { retryAfterSeconds },
    });
  }

  failed(name: string, from: string): void {
    const now = this.clock.monotonic();
    for (const [kind, key] of this.#entries(name, from)) {
      const known = this.#failures[kind].get(key);
      const count = known === undefined || now - known.lastAt > FORGET_MS ? 1 : known.count + 1;
      this.#failures[kind].set(key, { count, lastAt: now });
    }
  }

  /** A right password forgives the wrong ones before it, of the same user from the same address. */
  succeeded(name: string, from: string): void {
    this.#failures.pair.delete(`${name}\n${from}`);
  }

  #entries(name: string, from: string): [keyof typeof FREE, string][] {
    return [
      ['pair', `${name}\n${from}`],
      ['address', from],
      ['name', name],
    ];
  }

  #waitOf(kind: keyof typeof FREE, key: string): number {
    const known = this.#failures[kind].get(key);
    const over = known === undefined ? -1 : known.count - FREE[kind];
    if (over < 0) return 0;
    return known!.lastAt + Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(over, 10)) - this.clock.monotonic();
  }

  #kept(): LRUCache<string, Failures> {
    return new LRUCache({ max: KEPT });
  }
}
