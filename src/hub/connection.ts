/** A way to one agent: whole messages in order, both ways. The socket behind it is not the hub's business. */
export interface Connection {
  send(bytes: Uint8Array): void;
  /** Begins to close; `onClose` follows. Doing it twice does nothing. */
  close(code: number, reason: string): void;
  onMessage(listener: (bytes: Uint8Array) => void): void;
  /** Called once, also when the other side went without a word (1006) or its bytes were no messages (1002, 1007, 1009). */
  onClose(listener: (code: number, reason: string) => void): void;
  /** Stops reading, so that the sender feels it; what was already read may still arrive. */
  pause(): void;
  resume(): void;
  /** Bytes that were sent and did not yet leave. */
  readonly bufferedBytes: number;
  readonly remoteAddress: string;
}
