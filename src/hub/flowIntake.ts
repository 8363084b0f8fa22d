import type { Flows } from '../protocol/flows.js';
import { MAX_MESSAGE_BYTES } from '../protocol/limits.js';
import { protocolViolation, Violation } from '../protocol/violation.js';
import type { HubContext } from './context.js';
import { count } from './counters.js';
import type { FlowCounts } from './flowCounts.js';
import type { Outgoing } from './outgoing.js';

/** What an agent may have under way in FLOWS, beside its topology. Bytes. */
export const FLOW_CREDIT_BYTES = 4 * 1024 * 1024;

/** Flow batches of one session: handed on at once, acknowledged when they are stored, and never more than the credit waiting for that. */
export class FlowIntake {
  private accepted = 0;
  private stored = 0;
  private waitingBytes = 0;
  private pendingCredit = 0;
  private isScheduled = false;
  /** Batches that are stored although one before them is not yet. */
  private readonly early = new Set<number>();

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
    if (message.number !== this.accepted + 1) {
      throw protocolViolation('FLOWS', new Violation('number', `expected ${this.accepted + 1}, got ${message.number}`));
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
    this.accepted = message.number;
    for (const [reason, flows] of this.counts.heard(this.incarnation, message.dropped)) count(counters.flowsLost, reason, flows);
    const stored = events.flows(this.origin, message, clockOffset);
    if (stored === undefined) return this.settle(message.number, bytes);
    stored.then(
      () => this.settle(message.number, bytes),
      (error: unknown) => {
        counters.flowsNotStored += message.count;
        this.counts.notStored += message.count;
        log.warn({ origin: this.origin, flows: message.count, error: String(error) }, 'flows could not be stored');
        this.settle(message.number, bytes);
      },
    );
  }

  private settle(number: number, bytes: number): void {
    this.waitingBytes -= bytes;
    this.pendingCredit += bytes;
    this.early.add(number);
    while (this.early.delete(this.stored + 1)) this.stored += 1;
    if (this.isScheduled) return;
    this.isScheduled = true;
    queueMicrotask(() => {
      this.isScheduled = false;
      const { accepted, stored, pendingCredit: credit } = this;
      this.pendingCredit = 0;
      this.outgoing.send({ kind: 'flowsAcknowledge', accepted, stored, credit });
    });
  }
}
