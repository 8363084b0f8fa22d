import type { ElementChange } from './change.js';
import type { DeltaBatch } from './delta.js';
import type { ElementId } from './element.js';
import type { Json } from '../common/json.js';
import type { GraphView } from './view.js';

/** One delta that could not be applied; the others of its batch were. */
export interface Rejection {
  /** Index in the batch. */
  readonly index: number;
  readonly code: 'BAD_INPUT' | 'FORBIDDEN' | 'NOT_FOUND';
  readonly message: string;
}

/** New measurements of one element, as they arrived. */
export interface Measured {
  readonly id: ElementId;
  readonly at: number;
  readonly values: readonly (readonly [path: string, value: Json])[];
}

export interface Applied {
  readonly changes: readonly ElementChange[];
  readonly rejected: readonly Rejection[];
  readonly measured: readonly Measured[];
  readonly created: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly removed: number;
  /** Deltas of which a part waits in the governor and comes out of a later `tick`. */
  readonly held: number;
}

/** Contract that the class in this file keeps. */
export interface LiveGraphContract {
  apply(batch: DeltaBatch): Applied;
  /** Lets out what the governor held long enough. */
  tick(): readonly ElementChange[];
  /** A steady view of the present; what changes afterwards does not show in it. */
  view(): GraphView;
  /** Promises that nothing will be given an `at` of `instant` or before any more (TIME.md). */
  seal(instant: number): void;
}
