import type { ElementId } from '../graph/element.js';

/** Measurements of one element at one instant: numbers by dotted metadata path (`Metric.RxBytes`). */
export interface Sample {
  readonly id: ElementId;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly values: Readonly<Record<string, number>>;
}

/** One path of one element over time; `times[i]` is the start of a step, `values[i]` the last value in it. */
export interface Series {
  readonly id: ElementId;
  readonly path: string;
  readonly times: Float64Array;
  readonly values: Float64Array;
}

export interface SeriesQuery {
  readonly ids: readonly ElementId[];
  readonly paths: readonly string[];
  /** Milliseconds, [from, to]. */
  readonly from: number;
  readonly to: number;
  readonly stepMs: number;
}

export interface SampleStoreStatus {
  readonly stored: number;
  /** Samples lost because the store could not follow; they are never acknowledged data. */
  readonly dropped: number;
  readonly queued: number;
  readonly bytes: number;
  readonly error: string | undefined;
}

/** Measurements over time. Never on the path of acknowledgement: it drops, and counts, rather than holding anybody up. */
export interface SampleStore {
  append(samples: readonly Sample[]): void;
  series(query: SeriesQuery): Promise<readonly Series[]>;
  /** For each element the latest sample at or before the instant, not older than `withinMs`. */
  latest(ids: readonly ElementId[], at: number, withinMs: number): Promise<ReadonlyMap<ElementId, Sample>>;
  prune(before: number): Promise<void>;
  status(): SampleStoreStatus;
  close(): Promise<void>;
}
