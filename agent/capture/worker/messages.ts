import type { MessagePort } from 'node:worker_threads';
import type { FlowTableOptions } from '../../../src/flow/table/options.js';
import type { CaptureSpec, CaptureType } from '../../../src/protocol/capture.js';
import type { FlowBatchKind } from '../../../src/protocol/flows.js';
import type { SendReason } from '../../../src/flow/flow.js';
import type { Joining, MeasuredValues, Place, SourceFacts, SourceSettings } from '../source.js';

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

/** What of a capture is to run in one worker: with a key of its own. */
export interface StartPart extends Start {
  /** What it is to be a further member of, where the capture runs in a worker already. */
  readonly joining: Joining | undefined;
  /** Counts the parts of a capture from 1: exporters of flows are told apart by it. */
  readonly ordinal: number;
}

/** What the owner tells a worker. */
export type WorkerCommand =
  | StartPart
  /** Sends its flows with this reason; with `moved` its packets come to others already. */
  | { readonly op: 'stop'; readonly key: number; readonly reason: Extract<SendReason, 'stop' | 'moved'> }
  /** Shares out packets anew among the parts of its capture, and then says so. */
  | { readonly op: 'steer'; readonly key: number; readonly numbers: readonly number[]; readonly mayGrow: boolean }
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
  /** `group` where others may join it. */
  | { readonly op: 'active'; readonly report: WorkerReport; readonly group: number | undefined }
  | { readonly op: 'steered'; readonly key: number }
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

/** Of what part of a capture this is news. */
export const keyOf = (news: Exclude<WorkerNews, { readonly op: 'counted' | 'refreshed' }>): number => {
  switch (news.op) {
    case 'active':
    case 'stopped':
      return news.report.key;
    default:
      return news.key;
  }
};

/** What becomes known of captures, wherever they run. */
export type CaptureNews = Exclude<WorkerNews, { readonly op: 'steered' | 'refreshed' }>;
