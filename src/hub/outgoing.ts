import { encode } from '../protocol/codec.js';
import type { HubMessage } from '../protocol/messages.js';
import type { Connection } from './connection.js';
import type { HubContext } from './context.js';

/** What one session sends. Acknowledgements and credit of one turn of the event loop go together: one commit makes many batches durable. */
export class Outgoing {
  private pendingCredit = 0;
  private pendingDelta: number | undefined;
  private isScheduled = false;
  private isClosed = false;

  constructor(
    private readonly context: HubContext,
    private readonly connection: Connection,
  ) {}

  send(message: HubMessage): void {
    if (this.isClosed) return;
    const bytes = encode(message);
    this.context.counters.bytesSent += bytes.length;
    this.connection.send(bytes);
  }

  /** Everything up to the delta is durable. */
  acknowledge(lastDelta: number): void {
    this.pendingDelta = Math.max(this.pendingDelta ?? 0, lastDelta);
    this.schedule();
  }

  /** Bytes have left the line. Told together with an acknowledgement, or when it is worth a message of its own. */
  giveCredit(bytes: number): void {
    this.pendingCredit += bytes;
    this.context.counters.creditGranted += bytes;
    if (this.pendingCredit >= this.context.limits.creditBytes / 4) this.schedule();
  }

  /** Nothing is sent any more. */
  close(): void {
    this.isClosed = true;
  }

  private schedule(): void {
    if (this.isScheduled || this.isClosed) return;
    this.isScheduled = true;
    queueMicrotask(() => {
      this.isScheduled = false;
      const { pendingDelta: lastDelta, pendingCredit: credit } = this;
      this.pendingDelta = undefined;
      this.pendingCredit = 0;
      this.send({ kind: 'acknowledge', lastDelta, credit });
    });
  }
}
