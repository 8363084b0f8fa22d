import type { Entry } from './entry.js';
import type { Layers } from './revision.js';
import { mergeTouched, type TouchedRows } from './tables.js';

/** How often one path of one element may make a revision. */
export interface GovernorLimits {
  /** Changes that go out at once after a quiet time. */
  readonly burst: number;
  /** Then one revision each so many milliseconds. */
  readonly periodMs: number;
  /** Rows that are worth a revision at any time: collecting more of them saves nothing, and makes one revision that holds everybody up. */
  readonly rows: number;
}

/** What was written to an element and is not yet in a revision. */
export interface Hold {
  /** Grows from hold to hold; a hold keeps its number while more is merged into it. */
  readonly serial: number;
  /** What writers have said last. */
  layers: Layers;
  observedAt: number;
  /** Rows that are different from the revision's, or were for a while. */
  readonly touched: TouchedRows;
  /** Paths that changed while it was held. */
  readonly paths: Set<string>;
  /** Elapsed milliseconds at which it goes out. */
  readonly due: number;
}

/** A write that may have to wait. */
export interface Held {
  readonly layers: Layers;
  readonly observed: number;
  readonly paths: readonly string[];
  readonly touched: TouchedRows | undefined;
  readonly elapsed: number;
}

/** More paths of one element than this are not told apart. */
const MAX_PATHS = 256;
const ALL_OTHERS = '*';

/**
 * Holds back what changes too often: a burst, then one revision a period, for each element and path. Each allowance is one number, the time at which it
 * is full again (a leaky bucket). A path cannot have spent more than its element, so as long as an element's allowance is full no path is looked at.
 */
export class Governor {
  private readonly holds = new Map<Entry, Hold>();
  private lastSerial = 0;
  private readonly slack: number;

  constructor(private readonly limits: GovernorLimits) {
    this.slack = (limits.burst - 1) * limits.periodMs;
  }

  /** Serial number of the newest hold that was ever made. */
  get serial(): number {
    return this.lastSerial;
  }

  get size(): number {
    return this.holds.size;
  }

  /** Serial number of the oldest hold that is still waiting. */
  oldest(): number | undefined {
    for (const hold of this.holds.values()) return hold.serial;
    return undefined;
  }

  /** Lets a change of an element that was quiet pass, without looking at its paths. */
  admitQuiet(entry: Entry, elapsed: number): boolean {
    if (entry.spentUntil > elapsed) return false;
    entry.spentUntil = elapsed + this.limits.periodMs;
    entry.spentPaths = undefined;
    return true;
  }

  /** Whether a change of these paths may go out now; it may when one of them may, since the revision then shows all of them. */
  admit(entry: Entry, paths: Iterable<string>, elapsed: number): boolean {
    const spent = (entry.spentPaths ??= new Map<string, number>());
    for (const path of paths) {
      if (this.spentUntil(spent, path, elapsed) - elapsed > this.slack) continue;
      this.spend(entry, paths, elapsed);
      return true;
    }
    return false;
  }

  /** A path that is not known counts as changed once: it may have been the change that nobody looked at. */
  private spentUntil(spent: Map<string, number>, path: string, elapsed: number): number {
    return spent.get(path) ?? spent.get(ALL_OTHERS) ?? elapsed + this.limits.periodMs;
  }

  private spend(entry: Entry, paths: Iterable<string>, elapsed: number): void {
    const { periodMs } = this.limits;
    const spent = (entry.spentPaths ??= new Map<string, number>());
    for (const path of paths) {
      const until = Math.max(this.spentUntil(spent, path, elapsed), elapsed) + periodMs;
      spent.set(spent.has(path) || spent.size < MAX_PATHS ? path : ALL_OTHERS, until);
    }
    entry.spentUntil = Math.max(entry.spentUntil, elapsed) + periodMs;
  }

  /** Keeps what was written for later. `true`: it is in the hold, but there are so many rows now that all of it goes out. */
  hold(entry: Entry, { layers, observed, paths, touched, elapsed }: Held): boolean {
    const held = entry.hold;
    if (held) {
      held.layers = layers;
      held.observedAt = observed;
      for (const path of paths) held.paths.add(path);
      if (touched) mergeTouched(held.touched, touched);
      return rowsIn(held.touched) >= this.limits.rows;
    }
    let due = Infinity;
    for (const path of paths) due = Math.min(due, this.spentUntil(entry.spentPaths ?? new Map(), path, elapsed) - this.slack);
    const hold: Hold = {
      serial: ++this.lastSerial,
      layers,
      observedAt: observed,
      touched: touched ?? new Map(),
      paths: new Set(paths),
      due,
    };
    entry.hold = hold;
    this.holds.set(entry, hold);
    if (entry.account) entry.account.held++;
    return rowsIn(hold.touched) >= this.limits.rows;
  }

  /** Lets go of a hold, because its content goes out or its element is gone. */
  release(entry: Entry): void {
    if (!entry.hold) return;
    entry.hold = undefined;
    this.holds.delete(entry);
    if (entry.account) entry.account.held--;
  }

  /** Entries whose time has come, some of them where they have very many rows. Their paths count as changed once more. */
  takeDue(elapsed: number): Entry[] {
    const due: Entry[] = [];
    let rows = 0;
    for (const [entry, hold] of this.holds) {
      if (hold.due > elapsed) continue;
      if (rows >= this.limits.rows) break;
      rows += rowsIn(hold.touched);
      this.spend(entry, hold.paths, elapsed);
      due.push(entry);
    }
    return due;
  }

  /** Whether the time of an entry has come. */
  hasDue(elapsed: number): boolean {
    for (const { due } of this.holds.values()) if (due <= elapsed) return true;
    return false;
  }
}

function rowsIn(touched: TouchedRows): number {
  let rows = 0;
  for (const table of touched.values()) rows += table.size;
  return rows;
}
