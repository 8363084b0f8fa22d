/** One encoded DELTAS message. */
export interface KeptMessage {
  readonly first: number;
  readonly last: number;
  readonly bytes: Uint8Array;
}

/** Messages with numbered deltas that the analyzer has not acknowledged, oldest first; some of them were sent on the present connection. */
export class Outbox {
  private kept: KeptMessage[] = [];
  /** Index in `kept` of the first message not yet sent on this connection. */
  private unsent = 0;
  private keptBytes = 0;
  /** The last number given. */
  private lastNumber = 0;

  get newest(): number {
    return this.lastNumber;
  }

  /** The first number kept; `newest + 1` when none is. */
  get oldest(): number {
    return this.kept[0]?.first ?? this.lastNumber + 1;
  }

  /** Whether something was not sent on this connection. */
  get hasUnsent(): boolean {
    return this.unsent < this.kept.length;
  }

  get bytes(): number {
    return this.keptBytes;
  }

  /** Bytes that were not sent on this connection; mostly there are none. */
  get unsentBytes(): number {
    let bytes = 0;
    for (let index = this.unsent; index < this.kept.length; index++) bytes += (this.kept[index] as KeptMessage).bytes.length;
    return bytes;
  }

  get isEmpty(): boolean {
    return this.kept.length === 0;
  }

  /** Takes a message whose numbers follow the newest. */
  add(message: KeptMessage): void {
    this.kept.push(message);
    this.keptBytes += message.bytes.length;
    this.lastNumber = message.last;
  }

  /** Everything up to the number is durable at the analyzer. */
  acknowledge(lastDelta: number): void {
    let done = 0;
    while (done < this.kept.length && (this.kept[done] as KeptMessage).last <= lastDelta) {
      this.keptBytes -= (this.kept[done] as KeptMessage).bytes.length;
      done += 1;
    }
    if (done === 0) return;
    this.kept.splice(0, done);
    this.unsent = Math.max(0, this.unsent - done);
  }

  /** Starts again after the number, on a new connection. */
  rewind(after: number): void {
    const index = this.kept.findIndex((message) => message.last > after);
    this.unsent = index === -1 ? this.kept.length : index;
  }

  /** The next message to send on this connection. */
  next(): KeptMessage | undefined {
    const message = this.kept[this.unsent];
    if (message !== undefined) this.unsent += 1;
    return message;
  }

  /** Lets go of everything; a picture takes its place. */
  clear(): void {
    this.kept = [];
    this.unsent = 0;
    this.keptBytes = 0;
  }
}
