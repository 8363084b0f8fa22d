import type { Cancel, Clock } from '../../../src/common/clock.js';

/** Milliseconds without another loss before a namespace is read again, and the longest that this is put off. */
const QUIET = 1_000;
const LONGEST_DELAY = 5_000;
/** Milliseconds between two readings while losses go on: doubled each time, up to the second. */
const SHORTEST_PAUSE = 1_000;
const LONGEST_PAUSE = 60_000;

interface Pending {
  firstLossAt: number | undefined;
  cancel: Cancel | undefined;
  pause: number;
  lastRunAt: number;
}

/** Reads things again from which events were lost: soon, but not while the storm that lost them goes on, and ever more rarely in a long one. */
export class Resync<Thing> {
  private readonly pending = new Map<Thing, Pending>();

  constructor(
    private readonly clock: Clock,
    private readonly readAgain: (thing: Thing) => void,
  ) {}

  /** How many wait to be read again. */
  get waiting(): number {
    return [...this.pending.values()].filter(({ cancel }) => cancel !== undefined).length;
  }

  /** `false` when it waited already. */
  lost(thing: Thing): boolean {
    const now = this.clock.monotonic();
    const state = this.pending.get(thing) ?? { firstLossAt: undefined, cancel: undefined, pause: 0, lastRunAt: -Infinity };
    this.pending.set(thing, state);
    const isFirst = state.cancel === undefined;
    state.cancel?.();
    state.firstLossAt ??= now;
    const wanted = Math.min(now + QUIET, state.firstLossAt + LONGEST_DELAY);
    const at = Math.max(wanted, state.lastRunAt + state.pause);
    state.cancel = this.clock.after(Math.max(0, at - now), () => this.run(thing, state));
    return isFirst;
  }

  forget(thing: Thing): void {
    this.pending.get(thing)?.cancel?.();
    this.pending.delete(thing);
  }

  stop(): void {
    for (const thing of [...this.pending.keys()]) this.forget(thing);
  }

  private run(thing: Thing, state: Pending): void {
    const now = this.clock.monotonic();
    const isLasting = now - state.lastRunAt < LONGEST_PAUSE;
    state.pause = isLasting ? Math.min(LONGEST_PAUSE, Math.max(SHORTEST_PAUSE, state.pause * 2)) : SHORTEST_PAUSE;
    state.lastRunAt = now;
    state.firstLossAt = undefined;
    state.cancel = undefined;
    this.readAgain(thing);
  }
}
