import type { Cancel } from '../common/clock.js';
import type { Change, GapReason } from '../graph/change.js';
import type { DeltaBatch } from '../graph/delta.js';
import type { Measured, Rejection } from '../graph/liveGraph.js';
import type { Position } from '../graph/position.js';
import type { GraphView } from '../graph/view.js';

/** How far an origin's deltas have been taken. */
export interface Progress {
  readonly origin: string;
  readonly incarnation: string;
  readonly lastDelta: number;
}

export interface Recorded {
  readonly changes: readonly Change[];
  readonly rejected: readonly Rejection[];
  readonly created: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly removed: number;
  /** Of the last change made, or of the log as it was when nothing changed. */
  readonly position: Position;
  /**
   * Resolves once the batch, its progress and everything it left in the governor is synced to disk. While the disk refuses it waits, because the disk is
   * asked again; rejects with `STORE_UNAVAILABLE` when the recorder is closed before.
   */
  readonly durable: Promise<void>;
}

/** The one way to write: applies to the live graph, tells the listeners, and has the journal keep it. */
export interface RecorderContract {
  record(batch: DeltaBatch, progress?: Progress): Recorded;
  openGap(gap: { reason: GapReason; since: number; origin?: string; host?: string; probe?: string }): Change;
  closeGap(gap: { reason: GapReason; origin?: string; host?: string; probe?: string }): Change | undefined;
  /** Called once for each batch with all of its changes, at once, before they are durable. */
  onChanges(listener: (changes: readonly Change[]) => void): Cancel;
  onMeasured(listener: (measured: readonly Measured[]) => void): Cancel;
  /** Durable progress of an origin; `undefined` for one never seen. */
  progressOf(origin: string): Progress | undefined;
  position(): Position;
  /** The present, steady until released; seals the instant. */
  present(): GraphView;
  /** Changes after the position that are still in memory, in order; `undefined` when it is older than that. */
  recent(after: Position): readonly Change[] | undefined;
  /** Whether the undurable tail is at its bound: the hub stops reading sockets, mutations answer `STORE_UNAVAILABLE`. */
  readonly isFull: boolean;
  /** Why the disk refuses changes at present; what is recorded meanwhile stays in memory and is tried again. */
  readonly diskError: string | undefined;
  onRoom(listener: () => void): Cancel;
}
