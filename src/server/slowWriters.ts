import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Cancel, Clock } from '../common/clock.js';

/** Looks in the time that a message may take. */
const LOOKS = 4;

/** RFC 6455 §5.2: two bytes before a control frame, and four of its mask. */
const CONTROL_HEAD_BYTES = 6;

/** What is known of one connection. */
interface Writer {
  readonly webSocket: WebSocket;
  /** Bytes since its last whole message that are part of none. */
  unfinished: number;
  /** When some were first seen, by the clock that only counts. */
  since: number | undefined;
}

/** Cuts WebSockets on which a message takes too long to arrive: somebody who sends a byte now and then answers every ping, and would hold what is there of it for ever. */
export class SlowWriters {
  readonly #writers = new Set<Writer>();
  readonly #stop: Cancel;
  #cut = 0;

  /** `arrivalMs`: how long a message may take. */
  constructor(
    private readonly arrivalMs: number,
    private readonly clock: Clock,
  ) {
    this.#stop = clock.every(arrivalMs / LOOKS, () => this.#look());
  }

  /** Connections that were cut since the start. */
  get cut(): number {
    return this.#cut;
  }

  /** From the first byte behind the upgrade; `socket` is the one below. */
  watch(webSocket: WebSocket, socket: Duplex): void {
    const writer: Writer = { webSocket, unfinished: 0, since: undefined };
    // What was read together with the end of a message and belongs to the next is not counted: it is little.
    const finished = (): void => {
      writer.unfinished = 0;
      writer.since = undefined;
    };
    const control = (data: Buffer): void => void (writer.unfinished -= CONTROL_HEAD_BYTES + data.length);
    // Before the WebSocket reads it, and says what ends there.
    socket.prependListener('data', (chunk: Buffer) => (writer.unfinished += chunk.length));
    webSocket.on('message', finished).on('ping', control).on('pong', control);
    this.#writers.add(writer);
    webSocket.once('close', () => this.#writers.delete(writer));
  }

  close(): void {
    this.#stop();
  }

  #look(): void {
    const now = this.clock.monotonic();
    for (const writer of this.#writers) {
      // Whom we do not read is not slow.
      if (writer.unfinished <= 0 || writer.webSocket.isPaused) writer.since = undefined;
      else if (now - (writer.since ??= now) >= this.arrivalMs) {
        this.#cut += 1;
        writer.webSocket.terminate();
      }
    }
  }
}
