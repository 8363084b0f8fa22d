import type { Cancel } from '../common/clock.js';
import type { Deltas } from '../protocol/deltas.js';
import { MAX_MESSAGE_BYTES } from '../protocol/limits.js';
import type { PictureBegin, PictureEnd, PicturePage } from '../protocol/picture.js';
import { protocolViolation, Violation } from '../protocol/violation.js';
import type { Connection } from './connection.js';
import type { HubContext } from './context.js';
import type { Outgoing } from './outgoing.js';

/** Messages that cost credit and are taken one after the other. */
export type DataMessage = Deltas | PictureBegin | PicturePage | PictureEnd;

/** Who takes the messages at the head of the line. */
export interface LineEnd {
  /** Milliseconds that a message must still wait because of its origin's rate; 0 when it may be taken. */
  delay(message: DataMessage, isFirstAsked: boolean): number;
  /** Takes a message; while the promise is open, the next one waits. */
  take(message: DataMessage, bytes: number): Promise<void> | undefined;
  failed(error: unknown): void;
  /** The socket is read again. */
  resumed(): void;
}

/** Data messages of one session in their order. They wait while the journal is full, the origin too fast, or a picture is worked in; then the socket is not read. */
export class Line {
  private readonly waiting: { readonly message: DataMessage; readonly bytes: number }[] = [];
  private bytes = 0;
  private isWorking = false;
  private isClosed = false;
  private cancelRetry: Cancel | undefined;
  isPaused = false;

  constructor(
    private readonly context: HubContext,
    private readonly connection: Connection,
    private readonly outgoing: Outgoing,
    private readonly end: LineEnd,
  ) {}

  /** Puts a message in line. Throws PROTOCOL_VIOLATION when the agent had no credit for it. */
  push(message: DataMessage, bytes: number): void {
    const { creditBytes } = this.context.limits;
    this.bytes += bytes;
    if (this.bytes > creditBytes + MAX_MESSAGE_BYTES) {
      throw protocolViolation('credit', new Violation('', `${this.bytes} bytes were sent with a credit of ${creditBytes}`));
    }
    this.waiting.push({ message, bytes });
    this.drain();
  }

  /** Takes as many as can be taken now. */
  drain(): void {
    this.cancelRetry?.();
    this.cancelRetry = undefined;
    while (!this.isWorking && !this.isClosed) {
      const next = this.waiting[0];
      if (next === undefined) break;
      if (this.context.recorder.isFull) return this.pause();
      const delay = this.end.delay(next.message, !this.isPaused);
      if (delay > 0) {
        this.cancelRetry = this.context.clock.after(delay, () => this.drain());
        return this.pause();
      }
      this.waiting.shift();
      this.take(next.message, next.bytes);
    }
    if (!this.isPaused || this.isClosed) return;
    this.isPaused = false;
    this.end.resumed();
    this.connection.resume();
  }

  private take(message: DataMessage, bytes: number): void {
    try {
      const working = this.end.take(message, bytes);
      if (working === undefined) return this.left(bytes);
      this.isWorking = true;
      working
        .catch((error: unknown) => this.end.failed(error))
        .finally(() => {
          this.isWorking = false;
          this.left(bytes);
          this.drain();
        });
    } catch (error) {
      this.end.failed(error);
    }
  }

  private left(bytes: number): void {
    this.bytes -= bytes;
    this.outgoing.giveCredit(bytes);
  }

  private pause(): void {
    if (this.isPaused || this.isClosed) return;
    this.isPaused = true;
    this.context.counters.pauses += 1;
    this.connection.pause();
  }

  /** Forgets what waits. */
  close(): void {
    this.isClosed = true;
    this.waiting.length = 0;
    this.cancelRetry?.();
  }
}
