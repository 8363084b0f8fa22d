import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { COPY_BYTES, SOCKET_BUFFER_BYTES } from './defaults.js';
import { frameHead } from './frame.js';

/**
 * The way to one client, shared by its operations. Events go to the socket as ready frames, so that the bytes of an event are the same
 * object for every subscriber. The WebSocket must be without compression: then it never holds a frame back, and ours cannot overtake.
 */
export class Wire {
  #drained: (() => void)[] = [];

  constructor(
    private readonly webSocket: WebSocket,
    private readonly socket: Duplex,
  ) {
    socket.on('drain', () => this.#tellDrained());
    socket.once('close', () => this.#tellDrained());
  }

  get isOpen(): boolean {
    return this.webSocket.readyState === this.webSocket.OPEN && !this.socket.destroyed;
  }

  /** Whether so much waits to be sent that nothing should be added. */
  get isClogged(): boolean {
    return this.socket.writableLength > SOCKET_BUFFER_BYTES;
  }

  /** Calls back once, when what waits has been sent, or the socket has closed. */
  onDrained(listener: () => void): void {
    this.#drained.push(listener);
  }

  /** Resolves when events may be written again. */
  async untilDrained(): Promise<void> {
    while (this.isOpen && this.isClogged) await new Promise<void>((resolve) => this.onDrained(resolve));
  }

  /** Writes one event for one operation. */
  write(opening: Buffer, payload: Buffer): void {
    if (!this.isOpen) return;
    if (payload.length <= COPY_BYTES) {
      const frame = frameHead(opening, payload.length, payload.length);
      payload.copy(frame, frame.length - payload.length);
      this.socket.write(frame);
      return;
    }
    this.socket.cork();
    this.socket.write(frameHead(opening, payload.length));
    this.socket.write(payload);
    this.socket.uncork();
  }

  /** Holds writes together until `uncork`: several events, one system call. */
  cork(): void {
    this.socket.cork();
  }

  uncork(): void {
    this.socket.uncork();
  }

  #tellDrained(): void {
    const listeners = this.#drained;
    this.#drained = [];
    for (const listener of listeners) listener();
  }
}
