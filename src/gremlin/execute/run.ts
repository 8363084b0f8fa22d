import { setImmediate as afterOthers } from 'node:timers/promises';
import type { Clock } from '../../common/clock.js';
import { CanopyError } from '../../common/errors.js';
import type { JsonObject } from '../../common/json.js';
import type { ElementId } from '../../graph/element.js';
import type { CypherDatabase } from '../cypher/pushDown.js';
import type { FlowSource } from './flowSource.js';
import { overLimit } from '../errors.js';
import type { RunLimits } from '../limits.js';
import type { QueriedGraph, Rows, TimeSlice } from './traversal.js';

/** Where a run finds its graphs. The past may take a while; whoever gives a graph out also releases it. */
export interface GraphSource {
  present(): QueriedGraph;
  /** Milliseconds since the epoch; the future means now. */
  at(instant: number): Promise<QueriedGraph>;
  /** Every revision that there was within the time; `spend` is told how many changes were read for it. */
  between(slice: TimeSlice, spend: (changes: number) => void): Promise<QueriedGraph>;
  /** Readings of measurements below a dotted path (`LastUpdateMetric`), by element, oldest first; of an instant the latest one. */
  readings(
    ids: readonly ElementId[],
    path: string,
    fields: readonly string[],
    slice: TimeSlice,
  ): Promise<ReadonlyMap<ElementId, readonly JsonObject[]>>;
  /** Where a database keeps the past too: it then does of a plan what it can. */
  readonly database?: CypherDatabase;
  /** Where flows are found; nowhere where only nodes and edges are selected. */
  readonly flows?: FlowSource;
}

/** Others wait no longer than this, in milliseconds. */
const TURN_MS = 5;

/** One run of a plan: its bounds, and its manners towards others in the process. */
export class Run {
  #rows = 0;
  readonly #startedAt: number;
  #turnAt: number;
  /** The same for everything in one string: `NOW`, and what durations count from. */
  readonly now: number;

  constructor(
    readonly source: GraphSource,
    readonly limits: RunLimits,
    private readonly clock: Clock,
    readonly signal: AbortSignal | undefined,
    readonly absentIsNothing = false,
  ) {
    this.now = clock.now();
    this.#startedAt = this.#turnAt = clock.monotonic();
  }

  /** Milliseconds that are left. */
  get leftMs(): number {
    return Math.max(1, this.limits.deadlineMs - (this.clock.monotonic() - this.#startedAt));
  }

  /** Counts what was looked at. Throws `LIMIT_EXCEEDED`, `DEADLINE_EXCEEDED`, or why the caller gave up. */
  spend(rows: number): void {
    this.#rows += rows;
    const { limits } = this;
    if (this.#rows > limits.rows) {
      throw overLimit('rows', limits.rows, `the query looks at more than ${limits.rows} elements; narrow it down with Has, or Limit it`);
    }
    this.check();
  }

  /** For a walk that has followed so many edges in a row. */
  spendDepth(depth: number): void {
    const { limits } = this;
    if (depth > limits.depth) {
      throw overLimit('depth', limits.depth, `the query follows more than ${limits.depth} edges in a row; give a smaller depth`);
    }
  }

  /** Throws when the time is up or the caller has gone. */
  check(): void {
    this.signal?.throwIfAborted();
    const { deadlineMs } = this.limits;
    if (this.clock.monotonic() - this.#startedAt <= deadlineMs) return;
    throw new CanopyError('DEADLINE_EXCEEDED', `the query was not answered within ${deadlineMs} ms; ask for less, or again later`, {
      retriable: true,
      details: { deadlineMs },
    });
  }

  /** The same rows, counted. */
  *counted<T>(rows: Rows<T>): Rows<T> {
    for (const piece of rows) {
      // A piece counts for itself and its making, so that endless empty ones end too.
      this.spend(piece.length + 1);
      yield piece;
    }
  }

  /** Hands each piece over, and lets others work in between. */
  async each<T>(rows: Rows<T>, use: (piece: readonly T[]) => void): Promise<void> {
    for (const piece of rows) {
      use(piece);
      if (this.clock.monotonic() - this.#turnAt < TURN_MS) continue;
      await afterOthers();
      this.#turnAt = this.clock.monotonic();
      this.check();
    }
  }

  async all<T>(rows: Rows<T>): Promise<T[]> {
    const all: T[] = [];
    await this.each(rows, (piece) => {
      for (const row of piece) all.push(row);
    });
    return all;
  }
}
