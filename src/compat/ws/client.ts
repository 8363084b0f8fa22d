import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Cancel, Clock } from '../../common/clock.js';
import type { CanopyError } from '../../common/errors.js';
import { readEnvelope, writeEnvelope, type Envelope, type Outgoing } from './envelope.js';
import { closeReason } from '../../protocol/closeCodes.js';
import type { Greeting } from './handshake.js';

/** Milliseconds between two pings, and after the last answer until a client is given up: what old clients were built for. */
const PING_EVERY_MS = 2_000;
const SILENT_FOR_MS = 7_000;

/** Bytes that may wait for a client that reads slowly; beyond, it is closed and comes back for the whole picture. */
const MAX_WAITING_BYTES = 16 * 1024 * 1024;

/** RFC 6455 §7.4.1: try again later. */
const TRY_AGAIN = 1013;

export interface ClientCounters {
  /** Messages received. */
  received: number;
  /** Messages that made no sense or were refused. */
  refused: number;
  /** Messages sent. */
  sent: number;
  /** Clients closed because they read too slowly. */
  tooSlow: number;
  /** Clients cut because they answered no ping: not there any more, or reading nothing. */
  silent: number;
}

/** One old client: whole messages both ways, and a heart that says whether it still lives. */
export class CompatClient {
  /** As others see it in `/api/status`. */
  readonly connectedAt: number;
  readonly #stopPinging: Cancel;
  /** When it last answered, by the clock that only counts, and as a time. */
  #heardAt: number;
  #seenAt: number;
  /** When its heart was looked at last. */
  #lookedAt: number;

  constructor(
    readonly greeting: Greeting,
    readonly address: { readonly host: string; readonly port: number },
    private readonly webSocket: WebSocket,
    /** Under the WebSocket. */
    private readonly socket: Duplex,
    private readonly clock: Clock,
    private readonly counters: ClientCounters,
  ) {
    this.connectedAt = clock.now();
    this.#heardAt = clock.monotonic();
    this.#lookedAt = this.#heardAt;
    this.#seenAt = this.connectedAt;
    webSocket.on('pong', () => {
      this.#heardAt = clock.monotonic();
      this.#seenAt = clock.now();
    });
    webSocket.ping();
    this.#stopPinging = clock.every(PING_EVERY_MS, () => this.#beat());
    webSocket.on('close', () => this.#stopPinging());
  }

  get isOpen(): boolean {
    return this.webSocket.readyState === this.webSocket.OPEN;
  }

  /** Milliseconds since the epoch. */
  get lastSeenAt(): number {
    return this.#seenAt;
  }

  /** Whether it asked for messages of the namespace. */
  hears(namespace: string): boolean {
    const { namespaces } = this.greeting;
    return namespaces.size === 0 || namespaces.has(namespace);
  }

  /** Calls back for each message in order, and for what is none. */
  onMessage(listener: (message: Envelope) => void, onFault: (error: CanopyError) => void): void {
    this.webSocket.on('message', (data: Buffer, isBinary) => {
      this.counters.received += 1;
      let message: Envelope;
      try {
        // Some send JSON in binary frames: what was agreed on counts.
        message = readEnvelope(data, isBinary && this.greeting.protocol === 'protobuf');
      } catch (error) {
        this.counters.refused += 1;
        return onFault(error as CanopyError);
      }
      listener(message);
    });
  }

  /** Calls back for each frame as it is, of clients that send no envelopes. */
  onFrame(listener: (frame: Buffer) => void): void {
    this.webSocket.on('message', (data: Buffer) => {
      this.counters.received += 1;
      listener(data);
    });
  }

  onClose(listener: () => void): void {
    this.webSocket.on('close', listener);
  }

  send(message: Outgoing): void {
    if (this.hears(message.namespace)) this.sendFrame(writeEnvelope(message, this.greeting.protocol));
  }

  /** What is sent within goes out in one piece. */
  together(send: () => void): void {
    this.socket.cork();
    try {
      send();
    } finally {
      this.socket.uncork();
    }
  }

  /** Sends a frame that was made for several clients of the same protocol. */
  sendFrame(frame: Buffer): void {
    if (!this.isOpen) return;
    if (this.webSocket.bufferedAmount > MAX_WAITING_BYTES) {
      this.counters.tooSlow += 1;
      this.webSocket.close(TRY_AGAIN, 'too much waits to be read; come back and synchronize');
      return;
    }
    this.counters.sent += 1;
    this.webSocket.send(frame, { binary: this.greeting.protocol === 'protobuf' });
  }

  /** Nothing more is read until `resume`: who sends is slowed down, and is not asked meanwhile whether it lives. */
  pause(): void {
    this.webSocket.pause();
  }

  resume(): void {
    this.#heardAt = this.clock.monotonic();
    this.webSocket.resume();
  }

  close(code: number, reason: string): void {
    this.webSocket.close(code, closeReason(reason));
  }

  #beat(): void {
    if (this.webSocket.isPaused) return;
    const now = this.clock.monotonic();
    // Who had no time to look has no time to hear either: what came meanwhile is still to be read.
    if (now - this.#lookedAt > 2 * PING_EVERY_MS) this.#heardAt = Math.max(this.#heardAt, now - PING_EVERY_MS);
    this.#lookedAt = now;
    if (now - this.#heardAt > SILENT_FOR_MS) {
      this.counters.silent += 1;
      this.webSocket.terminate();
    } else if (this.isOpen) this.webSocket.ping();
  }
}
