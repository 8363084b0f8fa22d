import type { Flows } from '../protocol/flows.js';
import { MAX_MESSAGE_BYTES } from '../protocol/limits.js';
import { protocolViolation, Violation } from '../protocol/violation.js';
import type { HubContext } from './context.js';
import { count } from './counters.js';
import type { FlowCounts } from './flowCounts.js';
import type { FlowProgress } from './flowProgress.js';
import type { Outgoing } from './outgoing.js';

/** What an agent may have under way in FLOWS, beside its topology. Bytes. */
export const FLOW_CREDIT_BYTES = 4 * 1024 * 1024;

/** Flow batches of one session: handed on at once, acknowledged when they are stored, and never more than the credit waiting for that. */
export class FlowIntake {
  /** `undefined` before the first batch of the session. */
  private progress: FlowProgress | undefined;
  private waitingBytes = 0;
  private pendingCredit = 0;
  private isScheduled = false;

  constructor(
    private readonly context: HubContext,
    private readonly outgoing: Outgoing,
    private readonly origin: string,
    private readonly incarnation: string,
    /** Of the agent; they go on over sessions. */
    private readonly counts: FlowCounts,
  ) {}

  take(message: Flows, bytes: number, clockOffset: number): void {
    const { counters, events, log } = this.context;
    const progress = (this.progress ??= this.begin(message.number));
    if (message.number !== progress.accepted + 1) {
      throw protocolViolation('FLOWS', new Violation('number', `expected ${progress.accepted + 1}, got ${message.number}`));
    }
    this.waitingBytes += bytes;
    if (this.waitingBytes > FLOW_CREDIT_BYTES + MAX_MESSAGE_BYTES) {
      throw protocolViolation(
        'credit',
        new Violation('', `${this.waitingBytes} bytes of flows were sent with a credit of ${FLOW_CREDIT_BYTES}`),
      );
    }
    counters.flowBatches += 1;
    counters.flowsReceived += message.count;
    this.counts.received += message.count;
    progress.accepted = message.number;
    for (const [reason, flows] of this.counts.heard(this.incarnation, message.dropped)) count(counters.flowsLost, reason, flows);
    const settle = (): void => this.settle(progress, message.number, bytes);
    let stored: Promise<void> | undefined;
    try {
      stored = events.flows(this.origin, message, clockOffset);
    } catch (error) {
      // The session ends over it, and the batch is not to come again.
      this.countNotStored(message.count);
      progress.settle(message.number);
      throw error;
    }
    if (stored === undefined) return settle();
    stored.then(settle, (error: unknown) => {
      this.countNotStored(message.count);
      log.warn({ origin: this.origin, flows: message.count, error: String(error) }, 'flows could not be stored');
      settle();
    });
  }

  /** Numbers go on from the session before; an agent that does not know how far that one came begins with 1 again. */
  private begin(first: number): FlowProgress {
    const before = first === 1 ? undefined : this.counts.progressOf(this.incarnation);
    return before ?? this.counts.begin(this.incarnation);
  }

  private countNotStored(flows: number): void {
    this.context.counters.flowsNotStored += flows;
    this.counts.notStored += flows;
  }

  private settle(progress: FlowProgress, number: number, bytes: number): void {
    this.waitingBytes -= bytes;
    this.pendingCredit += bytes;
    progress.settle(number);
    if (this.isScheduled) return;
    this.isScheduled = true;
    queueMicrotask(() => {
      this.isScheduled = false;
      const { accepted, stored } = progress;
      const { pendingCredit: credit } = this;
      this.pendingCredit = 0;
      this.outgoing.send({ kind: 'flowsAcknowledge', accepted, stored, credit });
    });
  }
}
