import type { MessagePort } from 'node:worker_threads';
import type { FlowTableOptions } from '../../../src/flow/table/options.js';
import type { CaptureSpec, CaptureType } from '../../../src/protocol/capture.js';
import type { FlowBatchKind } from '../../../src/protocol/flows.js';
import type { MeasuredValues, Place, SourceFacts, SourceSettings } from '../source.js';

/** What is to run in a worker. Keys are never used twice. */
export interface Start {
  readonly op: 'start';
  readonly key: number;
  readonly type: CaptureType;
  readonly spec: CaptureSpec;
  readonly place: Place;
  /** The capture's own filter, without the agent's own traffic. */
  readonly filter: string;
  readonly table: FlowTableOptions;
}

/** What the owner tells a worker. */
export type WorkerCommand =
  | Start
  | { readonly op: 'stop'; readonly key: number }
  /** Sends how all flows stand that changed, and then says so. */
  | { readonly op: 'refresh'; readonly request: number }
  | { readonly op: 'end' };

/** What a worker is started with. */
export interface CaptureWorkerData {
  /** An eventfd: wakes the worker to read its commands. */
  readonly wakeFd: number;
  readonly port: MessagePort;
  /** What all workers and the owner see; positions are in `shared.ts`. */
  readonly shared: SharedArrayBuffer;
  readonly settings: SourceSettings;
}

/** Counters of one capture since it was started, and what else is known of it. */
export interface WorkerReport {
  readonly key: number;
  readonly received: number;
  readonly dropped: number;
  readonly ifDropped: number;
  readonly flows: number;
  readonly drops: Readonly<Record<string, number>>;
  readonly facts: SourceFacts;
}

/** Of a capture that never ran. */
export const nothingReported = (key: number): WorkerReport => ({
  key,
  received: 0,
  dropped: 0,
  ifDropped: 0,
  flows: 0,
  drops: {},
  facts: { facts: {} },
});

/** What a worker tells its owner. */
export type WorkerNews =
  | { readonly op: 'active'; readonly report: WorkerReport }
  /** Does not run: the worker has let go of it. `report` where it ran before. */
  | {
      readonly op: 'failed';
      readonly key: number;
      readonly message: string;
      readonly isRetriable: boolean;
      readonly report: WorkerReport | undefined;
    }
  /** Its flows have been handed over, and nothing of it is left. */
  | { readonly op: 'stopped'; readonly report: WorkerReport }
  | { readonly op: 'counted'; readonly reports: readonly WorkerReport[] }
  | {
      readonly op: 'batch';
      readonly key: number;
      readonly kind: FlowBatchKind;
      readonly bytes: Uint8Array;
      readonly count: number;
      /** How many of them have ended. */
      readonly finished: number;
    }
  | { readonly op: 'measured'; readonly key: number; readonly values: MeasuredValues }
  | { readonly op: 'refreshed'; readonly request: number };
