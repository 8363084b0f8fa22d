import { SLAB } from './slab.js';
import type { TableMemory } from './tableMemory.js';
import { TcpColumns } from './tcpColumns.js';

// Numbers of this module: what others export is loaded anew at each use.
const { bits: SLAB_BITS, rows: SLAB_ROWS, mask: SLAB_MASK } = SLAB;

/**
 * Bytes. Large blocks of glibc begin 16 bytes behind a page: from here on rows lie in two cache lines instead of three, and in the two
 * that many processors load together. Elsewhere it does no harm.
 */
const CACHE_LINES = 128;
const ALIGNED = CACHE_LINES - 16;

/** Words of the two halves of a row. */
const HOT_WORDS = 32;
const COLD_WORDS = 30;

/**
 * The hot half of a row, 128 bytes: what every packet reads and writes lies in two cache lines, key first. Positions count in 32-bit
 * words; `_F` in 64-bit floats.
 */
export const HOT = {
  words: HOT_WORDS,
  hash: 0,
  /** Which fields make up the key: see `KIND`. */
  kind: 1,
  /** A's port in the high half, B's in the low half; or ICMP's `type << 24 | code << 16 | id`. */
  ports: 2,
  /** VNI where it is part of the key. */
  tunnel: 3,
  macAHigh: 4,
  macBHigh: 5,
  /** A's low half above B's. */
  macLows: 6,
  /** Serial number of the enclosing flow, 0 for none. */
  parent: 7,
  serial: 8,
  /** Path in the low 16 bits, `FLAG`s above. */
  flags: 9,
  addressA: 10,
  addressB: 14,
  abPackets_F: 9,
  abBytes_F: 10,
  baPackets_F: 11,
  baBytes_F: 12,
  start_F: 13,
  last_F: 14,
  /** Nanoseconds from the flow's start to the packet whose answer ends a round trip, or `NOT_ASKED`. */
  asked_F: 15,
} as const;

/** In place of a time that may be negative. */
export const NOT_ASKED = -Infinity;

/** The cold half of a row, 120 bytes: what is read when a flow begins, is sent or ends. */
export const COLD = {
  words: COLD_WORDS,
  tracking: 0,
  l3: 2,
  uuid: 4,
  parent: 6,
  sentAbPackets_F: 4,
  sentAbBytes_F: 5,
  sentBaPackets_F: 6,
  sentBaBytes_F: 7,
  /** Milliseconds: when the flow was last looked at for an update. */
  window_F: 8,
  rtt_F: 9,
  linkId_F: 10,
  networkId: 22,
  application: 23,
  rawCaptured: 24,
  icmp: 25,
  /** Wire segments beyond the packets. */
  abSurplus: 26,
  baSurplus: 27,
  transportId: 28,
} as const;

/** Bits of `HOT.kind`. Rows are the same flow only when these are the same. */
export const KIND = {
  /** Endpoint kind of the network layer in the low 2 bits, of the transport layer in the next 3. */
  network: 0x03,
  transportShift: 2,
  transport: 0x1c,
  icmp: 0x20,
  tunnel: 0x40,
  mac: 0x80,
  /** Counted elsewhere: has keys of its own. */
  external: 0x100,
} as const;

/** Bits of `HOT.flags` above the path. */
export const FLAG = {
  path: 0xffff,
  used: 0x1_0000,
  /** MACs are known, whether they are part of the key or not. */
  link: 0x2_0000,
  finishShift: 18,
  finish: 0xc_0000,
  /** The round trip began at B. */
  askedByB: 0x10_0000,
  extras: 0x20_0000,
  ethernetFirst: 0x40_0000,
  tcp: 0x80_0000,
  /** Taken out of the index and waiting to be sent. */
  leaving: 0x100_0000,
  /** Has numbers of TCP beside its metrics. */
  tcpMetric: 0x200_0000,
} as const;

/** Bytes of the two halves of a slab's rows. */
const HOT_BYTES = SLAB_ROWS * HOT_WORDS * 4;
const COLD_BYTES = SLAB_ROWS * COLD_WORDS * 4;

/**
 * The first slabs have memory of their own; those of a table that has become large are cut out of blocks of so many. With what it takes to
 * align them they are above 32 MiB: what is smaller glibc may take from memory that was used before, and fill with zeros at once.
 */
const SINGLE_SLABS = 8;
const BLOCK_SLABS = 32;

/** All rows of a table in typed columns. A row is a number. */
export class FlowColumns {
  /** For who reads many rows at once. */
  readonly hotSlabs: Int32Array[] = [];
  readonly hotFloatSlabs: Float64Array[] = [];
  private readonly coldInts: Int32Array[] = [];
  private readonly coldFloats: Float64Array[] = [];
  readonly tcp = new TcpColumns();
  /** Rows that were ever used: all numbers below are valid. */
  length = 0;
  /** Whether the row that was taken last has never been used: all of it is 0. */
  isNew = false;
  /** Head of the chain of free rows, -1 for none; the chain runs through the hash word. */
  private free = -1;
  private block: Uint8Array<ArrayBuffer> | undefined;

  /** `memory` is asked for blocks of slabs; without it each slab is taken alone. */
  constructor(private readonly memory?: TableMemory) {}

  /** A row to write to; its hot words are those of a former flow. */
  take(): number {
    if (this.free >= 0) {
      const row = this.free;
      this.free = this.hot(row)[hotAt(row)]!;
      this.isNew = false;
      return row;
    }
    this.isNew = true;
    if ((this.length & SLAB_MASK) === 0) this.addSlab();
    return this.length++;
  }

  private addSlab(): void {
    const ofBlock = this.hotSlabs.length - SINGLE_SLABS;
    if (this.memory === undefined || ofBlock < 0) {
      this.pushSlab(new ArrayBuffer(HOT_BYTES + CACHE_LINES), ALIGNED, new ArrayBuffer(COLD_BYTES), 0);
      return;
    }
    const place = ofBlock % BLOCK_SLABS;
    if (place === 0) this.block = this.memory(BLOCK_SLABS * (HOT_BYTES + COLD_BYTES));
    const { buffer, byteOffset } = this.block!;
    const at = byteOffset + place * (HOT_BYTES + COLD_BYTES);
    this.pushSlab(buffer, at, buffer, at + HOT_BYTES);
  }

  private pushSlab(hot: ArrayBuffer, hotAt: number, cold: ArrayBuffer, coldAt: number): void {
    this.hotSlabs.push(new Int32Array(hot, hotAt, HOT_BYTES / 4));
    this.hotFloatSlabs.push(new Float64Array(hot, hotAt, HOT_BYTES / 8));
    this.coldInts.push(new Int32Array(cold, coldAt, COLD_BYTES / 4));
    this.coldFloats.push(new Float64Array(cold, coldAt, COLD_BYTES / 8));
  }

  release(row: number): void {
    const hot = this.hot(row);
    const at = hotAt(row);
    hot[at] = this.free;
    hot[at + HOT.flags] = 0;
    this.free = row;
  }

  /** Forgets all rows and gives the memory back. */
  clear(): void {
    for (const slabs of [this.hotSlabs, this.hotFloatSlabs, this.coldInts, this.coldFloats]) slabs.length = 0;
    this.tcp.clear();
    this.block = undefined;
    this.length = 0;
    this.free = -1;
  }

  hot(row: number): Int32Array {
    return this.hotSlabs[row >> SLAB_BITS]!;
  }
  hotFloat(row: number): Float64Array {
    return this.hotFloatSlabs[row >> SLAB_BITS]!;
  }
  cold(row: number): Int32Array {
    return this.coldInts[row >> SLAB_BITS]!;
  }
  coldFloat(row: number): Float64Array {
    return this.coldFloats[row >> SLAB_BITS]!;
  }

  get bytes(): number {
    return this.hotSlabs.length * (HOT_BYTES + COLD_BYTES) + this.tcp.bytes;
  }
}

/** Where a row begins in its slab's arrays. */
export const hotAt = (row: number): number => (row & SLAB_MASK) * HOT_WORDS;
export const hotFloatAt = (row: number): number => (row & SLAB_MASK) * (HOT_WORDS / 2);
export const coldAt = (row: number): number => (row & SLAB_MASK) * COLD_WORDS;
export const coldFloatAt = (row: number): number => (row & SLAB_MASK) * (COLD_WORDS / 2);
