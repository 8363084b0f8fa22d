import { copyBytes } from '../copyBytes.js';

/** Milliseconds after which a datagram that is not complete is given up. */
const MAX_AGE_MS = 30_000;

/** Datagrams and bytes that wait at most; beyond them the oldest is given up. A piece takes this much beside its bytes, a datagram as much again. */
const OVERHEAD = 256;
const MAX_DATAGRAMS = 4096;
const MAX_BYTES = 16 * 1024 * 1024;

const MAX_DATAGRAM_LENGTH = 65_535;
const MIN_FRAGMENT_LENGTH = 8;
const HEADER_LENGTH = 20;

/** Frames of one datagram: those that came together, or those of one that never became whole. */
export interface Frames {
  /** A whole frame: the reassembled one, or the first fragment as it came. */
  readonly bytes: Uint8Array;
  /** Its length on the wire. */
  readonly length: number;
  readonly linkType: number;
  readonly vlanTag: number;
  readonly frames: number;
  /** Bytes of all frames on the wire, from their first byte and from their IP header. */
  readonly frameBytes: number;
  readonly datagramBytes: number;
  readonly segments: number;
  /** Of the first frame and of the last. */
  readonly startMs: number;
  readonly lastMs: number;
  readonly lastNanos: number;
  readonly errors: number;
  readonly whole: boolean;
}

/** One fragment as it was captured. */
export interface Fragment {
  readonly bytes: Uint8Array;
  readonly offset: number;
  readonly capturedLength: number;
  readonly wireLength: number;
  readonly timeMs: number;
  readonly nanos: number;
  readonly linkType: number;
  readonly vlanTag: number;
  readonly segments: number;
  /** Position of the IPv4 header. */
  readonly headerAt: number;
}

const NOTHING = new Uint8Array();

interface Piece {
  readonly from: number;
  readonly data: Uint8Array;
}

interface Datagram {
  readonly key: string;
  /** The first fragment's frame, copied. */
  readonly frame: Uint8Array;
  readonly first: Fragment;
  pieces: Piece[];
  held: number;
  /** Length of the whole, known from the last fragment; -1 before. */
  end: number;
  /** The frame up to the end of the IP header, of the fragment with offset 0. */
  head: Uint8Array | undefined;
  frames: number;
  frameBytes: number;
  datagramBytes: number;
  segments: number;
  lastMs: number;
  lastNanos: number;
  errors: number;
}

/** Puts IPv4 fragments together, RFC 791 §3.2. Pieces that overlap are refused (RFC 5722 for IPv6, and the same reason here). */
export class Defragmenter {
  private readonly waiting = new Map<string, Datagram>();
  private bytes = 0;
  /** Datagrams that were given up. */
  dropped = 0;

  /** Takes a fragment and answers the frames of its datagram once it is whole, or at once when it is damaged. */
  take(fragment: Fragment): Frames | undefined {
    const { bytes, headerAt } = fragment;
    const u16 = (at: number): number => (bytes[headerAt + at]! << 8) | bytes[headerAt + at + 1]!;
    const headerLength = (bytes[headerAt]! & 0x0f) * 4;
    const length = u16(2) - headerLength;
    const from = (u16(6) & 0x1fff) * 8;
    const isLast = (u16(6) & 0x2000) === 0;
    const key =
      Buffer.from(bytes.buffer, bytes.byteOffset + headerAt + 12, 8).toString('latin1') + String.fromCharCode(u16(4), bytes[headerAt + 9]!);
    const datagram = this.waiting.get(key) ?? this.begin(key, fragment);
    datagram.frames++;
    datagram.frameBytes += fragment.wireLength + (fragment.vlanTag === 0 ? 0 : 4);
    datagram.datagramBytes += u16(2);
    datagram.segments += fragment.segments;
    if (fragment.timeMs > datagram.lastMs || (fragment.timeMs === datagram.lastMs && fragment.nanos > datagram.lastNanos)) {
      datagram.lastMs = fragment.timeMs;
      datagram.lastNanos = fragment.nanos;
    }
    const dataAt = headerAt + headerLength;
    const captured = fragment.offset + fragment.capturedLength - dataAt;
    const isTooSmall = length < MIN_FRAGMENT_LENGTH && !isLast;
    if (headerLength < HEADER_LENGTH || length <= 0 || isTooSmall || from + length > MAX_DATAGRAM_LENGTH || captured < length) {
      return this.giveUp(datagram);
    }
    const twin = datagram.pieces.find((piece) => piece.from < from + length && from < piece.from + piece.data.length);
    if (twin !== undefined) {
      // The same fragment again is only counted.
      if (twin.from === from && twin.data.length === length) return undefined;
      return this.giveUp(datagram);
    }
    if (isLast) datagram.end = from + length;
    datagram.pieces.push({ from, data: copyBytes(bytes, dataAt, dataAt + length) });
    if (from === 0) datagram.head = copyBytes(bytes, fragment.offset, dataAt);
    datagram.held += length;
    this.bytes += length + OVERHEAD;
    return datagram.head !== undefined && datagram.held === datagram.end ? this.join(datagram, datagram.head) : undefined;
  }

  /** Whether more waits than may. */
  get isFull(): boolean {
    return this.waiting.size > MAX_DATAGRAMS || this.bytes > MAX_BYTES;
  }

  /** Gives up what began before `nowMs` less 30 s, and what is too much. */
  *expired(nowMs: number): IterableIterator<Frames> {
    for (const datagram of this.waiting.values()) {
      if (!this.isFull && datagram.lastMs + MAX_AGE_MS > nowMs) return;
      yield this.giveUp(datagram);
    }
  }

  private begin(key: string, first: Fragment): Datagram {
    const datagram: Datagram = {
      key,
      frame: copyBytes(first.bytes, first.offset, first.offset + first.capturedLength),
      // Without what it lies in, which may be much larger.
      first: { ...first, bytes: NOTHING },
      pieces: [],
      held: 0,
      end: -1,
      head: undefined,
      frames: 0,
      frameBytes: 0,
      datagramBytes: 0,
      segments: 0,
      lastMs: first.timeMs,
      lastNanos: first.nanos,
      errors: 0,
    };
    this.waiting.set(key, datagram);
    this.bytes += datagram.frame.length + OVERHEAD;
    return datagram;
  }

  private join(datagram: Datagram, head: Uint8Array): Frames {
    const bytes = new Uint8Array(head.length + datagram.end);
    bytes.set(head);
    for (const { from, data } of datagram.pieces) bytes.set(data, head.length + from);
    const headerAt = datagram.first.headerAt - datagram.first.offset;
    const length = bytes.length - headerAt;
    // The header still says that it is a fragment: that is how the path gets its name. Its length is that of the whole; 0 is "all".
    bytes[headerAt + 2] = length > 0xffff ? 0 : length >> 8;
    bytes[headerAt + 3] = length > 0xffff ? 0 : length;
    return this.close(datagram, bytes, bytes.length, true);
  }

  private giveUp(datagram: Datagram): Frames {
    this.dropped++;
    datagram.errors++;
    return this.close(datagram, datagram.frame, datagram.first.wireLength, false);
  }

  private close(datagram: Datagram, bytes: Uint8Array, length: number, whole: boolean): Frames {
    const { first } = datagram;
    this.waiting.delete(datagram.key);
    this.bytes -= datagram.held + datagram.frame.length + (datagram.pieces.length + 1) * OVERHEAD;
    return {
      bytes,
      length,
      linkType: first.linkType,
      vlanTag: first.vlanTag,
      frames: datagram.frames,
      frameBytes: datagram.frameBytes,
      datagramBytes: datagram.datagramBytes,
      segments: datagram.segments,
      startMs: first.timeMs,
      lastMs: datagram.lastMs,
      lastNanos: datagram.lastNanos,
      errors: datagram.errors,
      whole,
    };
  }
}
