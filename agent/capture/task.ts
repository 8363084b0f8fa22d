import type { CaptureActivity, CaptureSpec, CaptureState, CaptureTask, CaptureType } from '../../src/protocol/capture.js';
import type { SwitchPlace } from './ovs/bridges.js';
import type { WorkerReport } from './worker/messages.js';

/** One capture that is wanted on one node, whether it runs or not. Its counters go on through failures. */
export class Task {
  /** Its number in a worker; `undefined` when it is in none. */
  key: number | undefined;
  /** The namespace in which it runs. */
  namespace: string | undefined;
  /** `false` once it was told to stop. */
  isWanted = true;
  /** Where a bridge of Open vSwitch takes part in it: what the database calls the node. */
  onSwitch: SwitchPlace | undefined;
  /** Name of the interface to which its port is mirrored, as long as it is. */
  mirror: string | undefined;
  /** Why it was stopped although it is wanted. */
  endsBecause: { readonly reason: string; readonly isRetriable: boolean } | undefined;
  private state: CaptureState = 'STARTING';
  private error: string | undefined;
  private isRetriable = false;
  private type: CaptureType | undefined;
  /** Of runs that are over. */
  private before = NOTHING;
  private now: WorkerReport | undefined;

  constructor(
    readonly wanted: CaptureTask,
    readonly spec: CaptureSpec,
  ) {}

  isSame(spec: CaptureSpec): boolean {
    return JSON.stringify(spec) === JSON.stringify(this.spec);
  }

  get isToBeTriedAgain(): boolean {
    return this.state === 'ERROR' && this.isRetriable && this.key === undefined;
  }

  /** What it came to; `undefined` as long as that is open. */
  get kind(): CaptureType | undefined {
    return this.type;
  }

  /** It was given to a worker. What is shown stays as it is until that says how it went. */
  starts(key: number, type: CaptureType, namespace: string): void {
    this.key = key;
    this.endsBecause = undefined;
    this.type = type;
    this.namespace = namespace;
  }

  active(report: WorkerReport): void {
    this.state = 'ACTIVE';
    this.error = undefined;
    this.now = report;
  }

  /** Answers whether there is anything new. */
  counted(report: WorkerReport): boolean {
    const isNew = JSON.stringify(report) !== JSON.stringify(this.now);
    this.now = report;
    return isNew;
  }

  /** The worker let go of it. */
  ended(last: WorkerReport | undefined): void {
    this.before = sum(this.before, last ?? this.now);
    this.now = undefined;
    this.key = undefined;
    this.namespace = undefined;
    this.mirror = undefined;
  }

  failed(reason: string, isRetriable: boolean): void {
    this.state = 'ERROR';
    this.error = reason;
    this.isRetriable = isRetriable;
  }

  stopped(): void {
    this.state = 'STOPPED';
    this.error = undefined;
  }

  /** What a change of is told at once. */
  shown(): string {
    return `${this.state} ${this.error ?? ''} ${this.type ?? ''}`;
  }

  activity(): CaptureActivity {
    const total = sum(this.before, this.now);
    const { pcapSocket, sflowSocket, facts } = this.now?.facts ?? { facts: {} };
    return {
      ...this.wanted,
      state: this.state,
      error: this.error,
      type: this.type,
      packetsReceived: total.received,
      packetsDropped: total.dropped,
      packetsIfDropped: total.ifDropped,
      flows: this.now?.flows ?? 0,
      drops: total.drops,
      pcapSocket,
      sflowSocket,
      mirrorOf: undefined,
      facts: this.mirror === undefined ? facts : { ...facts, mirror: this.mirror },
    };
  }
}

type Totals = Pick<WorkerReport, 'received' | 'dropped' | 'ifDropped' | 'drops'>;

const NOTHING: Totals = { received: 0, dropped: 0, ifDropped: 0, drops: {} };

function sum(one: Totals, other: Totals | undefined): Totals {
  if (other === undefined) return one;
  const drops = { ...one.drops };
  for (const [reason, count] of Object.entries(other.drops)) drops[reason] = (drops[reason] ?? 0) + count;
  return {
    received: one.received + other.received,
    dropped: one.dropped + other.dropped,
    ifDropped: one.ifDropped + other.ifDropped,
    drops,
  };
}
