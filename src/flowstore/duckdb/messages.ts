import type { Kept } from './kept.js';
import type { FlowMetric, RawPacket } from '../../flow/flow.js';
import type { FlowArrival, FlowsAnswer, FlowSpan, FlowsQuery, KeptPacket, PacketsQuery, SummaryGroup, SummaryQuery } from '../store.js';

export interface WorkerSettings {
  readonly folder: string;
  /** Bytes. */
  readonly memoryLimit: number;
  readonly threads: number;
}

/** What goes to the store's thread, by kind, and what comes back. */
export interface Requests {
  readonly append: { readonly request: readonly FlowArrival[]; readonly answer: AppendAnswer };
  readonly flows: { readonly request: FlowsQuery; readonly answer: FlowsAnswer };
  readonly samples: { readonly request: Picked; readonly answer: ReadonlyMap<string, readonly FlowMetric[]> };
  readonly rawPackets: { readonly request: Picked; readonly answer: ReadonlyMap<string, readonly RawPacket[]> };
  readonly packets: { readonly request: PacketsQuery; readonly answer: readonly KeptPacket[] };
  readonly summary: { readonly request: SummaryQuery; readonly answer: readonly SummaryGroup[] };
  readonly prune: { readonly request: { readonly before: number; readonly maxBytes: number }; readonly answer: undefined };
  readonly close: { readonly request: undefined; readonly answer: undefined };
}
export type Kind = keyof Requests;

export interface Picked {
  readonly uuids: readonly string[];
  readonly span: FlowSpan;
}

export interface AppendAnswer {
  /** Updates that are on disk now. */
  readonly stored: number;
  /** Batches of the request that are damaged, by their place, and why. */
  readonly refused: ReadonlyMap<number, string>;
}

export interface Call<K extends Kind = Kind> {
  readonly call: number;
  readonly kind: K;
  readonly request: Requests[K]['request'];
}

export interface Answer {
  readonly call: number;
  readonly error?: string;
  readonly result?: unknown;
  readonly kept: Kept;
}
