import type { Json, JsonObject } from '../common/json.js';
import type { ChangeReason } from './change.js';
import type { ElementId } from './element.js';

/** The agent's stamp in milliseconds, already corrected by its clock offset; left out: the instant of apply. */
interface Observed {
  readonly observedAt?: number;
}

/** When the thing itself appeared, where its writer knows: milliseconds, before `observedAt`. Counts when the element is new here. */
interface Appeared {
  readonly appearedAt?: number;
}

/** The whole base of a node: what is not in it any more goes. */
export interface PutNode extends Observed, Appeared {
  readonly op: 'putNode';
  readonly id: ElementId;
  readonly host: string;
  /** State only: measurements come by `measure`, tables by `tables` or `rows`. */
  readonly metadata: JsonObject;
  /** Whole tables by name and row key; a table that is left out stays as it is. */
  readonly tables?: Readonly<Record<string, Readonly<Record<string, JsonObject>>>>;
}

/** The whole base of an edge. Both ends may still be unknown: the edge then waits for them, suspended. */
export interface PutEdge extends Observed, Appeared {
  readonly op: 'putEdge';
  readonly id: ElementId;
  readonly host: string;
  readonly parent: ElementId;
  readonly child: ElementId;
  /** `RelationType` is required. */
  readonly metadata: JsonObject;
}

/** Sets and removes dotted paths of the writer's own layer: the base for the owner, an overlay for everybody else. */
export interface Patch extends Observed {
  readonly op: 'patch';
  readonly id: ElementId;
  readonly set?: readonly (readonly [path: string, value: Json])[];
  readonly unset?: readonly string[];
}

/** Changes rows of one table. */
export interface PatchRows extends Observed {
  readonly op: 'rows';
  readonly id: ElementId;
  readonly table: string;
  readonly put?: readonly (readonly [key: string, row: JsonObject])[];
  readonly remove?: readonly string[];
}

/** New values of measurements by dotted path: they update the live value, make no revision, and become samples. */
export interface Measure extends Observed {
  readonly op: 'measure';
  readonly id: ElementId;
  readonly values: readonly (readonly [path: string, value: Json])[];
}

/**
 * Removes the element, and with a node those of its edges that are of the same origin; edges of other origins are suspended. A writer that is not the
 * owner removes its overlay.
 */
export interface Remove extends Observed {
  readonly op: 'remove';
  readonly id: ElementId;
  readonly reason?: ChangeReason;
}

/** What a writer says happened. The only input of the graph. */
export type Delta = PutNode | PutEdge | Patch | PatchRows | Measure | Remove;

/** Deltas of one writer that belong together: no subscriber ever sees half of them. */
export interface DeltaBatch {
  /** The writer; elements that it creates get it as their origin. */
  readonly origin: string;
  readonly deltas: readonly Delta[];
  /** Skip the governor: what is written is seen at once (mutations read their own writes). */
  readonly immediate?: boolean;
}
