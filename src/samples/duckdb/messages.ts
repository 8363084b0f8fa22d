/** What goes between the store and its thread. Strings that repeat are sent once and named by index. */

export interface WorkerSettings {
  readonly folder: string;
  /** Bytes. */
  readonly memoryLimit: number;
  readonly threads: number;
}

/** Samples as columns: sample `i` is of element `ids[element[i]]`, with the values `layouts[layout[i]]` names. */
export interface SampleColumns {
  readonly ids: readonly string[];
  readonly layouts: readonly (readonly string[])[];
  readonly element: Uint32Array;
  readonly layout: Uint32Array;
  readonly at: Float64Array;
  /** Values of all samples, one sample after the other. */
  readonly values: Float64Array;
}

export interface SeriesRequest {
  readonly ids: readonly string[];
  readonly paths: readonly string[];
  readonly from: number;
  readonly to: number;
  readonly stepMs: number;
}

/** Last values by step, in order of time: point `i` is of `ids[element[i]]` and `paths[path[i]]`. */
export interface SeriesPoints {
  readonly element: Uint32Array;
  readonly path: Uint32Array;
  readonly step: Float64Array;
  readonly value: Float64Array;
}

export interface LatestRequest {
  readonly ids: readonly string[];
  readonly from: number;
  readonly to: number;
}

/** One sample as the store answers it. */
export interface StoredSample {
  readonly id: string;
  readonly at: number;
  readonly values: Readonly<Record<string, number>>;
}

export type Request =
  | { readonly kind: 'append'; readonly samples: SampleColumns }
  | { readonly kind: 'series'; readonly query: SeriesRequest }
  | { readonly kind: 'latest'; readonly query: LatestRequest }
  | { readonly kind: 'prune'; readonly before: number }
  | { readonly kind: 'close' };

export interface Usage {
  readonly bytes: number;
}

export interface Answer {
  readonly call: number;
  readonly error?: string;
  readonly result?: unknown;
  readonly usage: Usage;
}

export interface Call {
  readonly call: number;
  readonly request: Request;
}
