import type { Json } from '../common/json.js';
import type { ElementChange } from './change.js';
import type { ElementId } from './element.js';

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

/** What came of a batch. Each delta that is not a measurement is counted once: created, updated, unchanged, removed, held or rejected. */
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
  /**
   * What `held` deltas wait for: they are all out (or their elements gone) once `oldestHeld()` is `undefined` or greater than this. Until then the
   * batch's progress must not become durable either, or a crash would lose what is held.
   */
  readonly heldSerial: number;
}
