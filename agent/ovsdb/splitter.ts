/** Bytes of one message at most; the whole database of a large switch is smaller. */
const MOST_BYTES = 64 * 1024 * 1024;

const QUOTE = 0x22;
const ESCAPE = 0x5c;
const OPEN = 0x7b;
const CLOSE = 0x7d;

/** Cuts a stream into JSON objects: RFC 7047 §4 puts nothing between them. Throws for what is no object, and for one without end. */
export class JsonSplitter {
  private parts: Buffer[] = [];
  private bytes = 0;
  private depth = 0;
  private isInText = false;
  private isEscaped = false;

  /** The objects that are whole with this piece. */
  push(piece: Buffer): unknown[] {
    const objects: unknown[] = [];
    let from = 0;
    for (let at = 0; at < piece.length; at++) {
      const byte = piece[at]!;
      if (this.isEscaped) this.isEscaped = false;
      else if (this.isInText) {
        if (byte === ESCAPE) this.isEscaped = true;
        else if (byte === QUOTE) this.isInText = false;
      } else if (byte === QUOTE) this.isInText = true;
      else if (byte === OPEN) this.depth++;
      else if (byte === CLOSE && --this.depth <= 0) {
        objects.push(JSON.parse(Buffer.concat([...this.parts, piece.subarray(from, at + 1)]).toString('utf8')));
        this.parts = [];
        this.bytes = 0;
        this.depth = 0;
        from = at + 1;
      }
    }
    if (from < piece.length) this.keep(piece.subarray(from));
    return objects;
  }

  private keep(rest: Buffer): void {
    this.bytes += rest.length;
    if (this.bytes > MOST_BYTES) throw new Error(`a message is longer than ${MOST_BYTES} bytes`);
    this.parts.push(Buffer.from(rest));
  }
}
