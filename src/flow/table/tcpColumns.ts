import type { TcpMetric } from '../flow.js';
import { SLAB } from './slab.js';

/** Numbers that are kept of each direction of a TCP connection where they are asked for. Times are milliseconds since the epoch, 0 for none. */
export const TCP = {
  synStart: 0,
  synTtl: 1,
  finStart: 2,
  rstStart: 3,
  outOfOrder: 4,
  skipped: 5,
  skippedBytes: 6,
  packets: 7,
  bytes: 8,
  sawStart: 9,
  sawEnd: 10,
} as const;

/** A's direction first, then B's. */
const SIDE = 11;
const ROW = 2 * SIDE;

/** Numbers of TCP by row, beside the other columns: only captures that ask for them have any. */
export class TcpColumns {
  private readonly slabs: (Float64Array | undefined)[] = [];

  /** Makes room for a row, with zeros. */
  begin(row: number): void {
    const slab = (this.slabs[row >> SLAB.bits] ??= new Float64Array(SLAB.rows * ROW));
    const at = tcpAt(row, true);
    slab.fill(0, at, at + ROW);
  }

  /** The numbers among which the row's are, `tcpAt`. The row was begun. */
  of(row: number): Float64Array {
    return this.slabs[row >> SLAB.bits]!;
  }

  clear(): void {
    this.slabs.length = 0;
  }

  get bytes(): number {
    return this.slabs.reduce((sum, slab) => sum + (slab?.byteLength ?? 0), 0);
  }
}

/** Where the numbers of one direction of a row begin. */
export const tcpAt = (row: number, forward: boolean): number => (row & SLAB.mask) * ROW + (forward ? 0 : SIDE);

/** A row's numbers as they are sent. */
export function tcpMetricOf(columns: TcpColumns, row: number): TcpMetric {
  const numbers = columns.of(row);
  const a = tcpAt(row, true);
  const b = tcpAt(row, false);
  return withKnownTtls({
    ABSynStart: numbers[a + TCP.synStart]!,
    BASynStart: numbers[b + TCP.synStart]!,
    ABSynTTL: numbers[a + TCP.synTtl]!,
    BASynTTL: numbers[b + TCP.synTtl]!,
    ABFinStart: numbers[a + TCP.finStart]!,
    BAFinStart: numbers[b + TCP.finStart]!,
    ABRstStart: numbers[a + TCP.rstStart]!,
    BARstStart: numbers[b + TCP.rstStart]!,
    ABSegmentOutOfOrder: numbers[a + TCP.outOfOrder]!,
    ABSegmentSkipped: numbers[a + TCP.skipped]!,
    ABSegmentSkippedBytes: numbers[a + TCP.skippedBytes]!,
    ABPackets: numbers[a + TCP.packets]!,
    ABBytes: numbers[a + TCP.bytes]!,
    ABSawStart: numbers[a + TCP.sawStart]!,
    ABSawEnd: numbers[a + TCP.sawEnd]!,
    BASegmentOutOfOrder: numbers[b + TCP.outOfOrder]!,
    BASegmentSkipped: numbers[b + TCP.skipped]!,
    BASegmentSkippedBytes: numbers[b + TCP.skippedBytes]!,
    BAPackets: numbers[b + TCP.packets]!,
    BABytes: numbers[b + TCP.bytes]!,
    BASawStart: numbers[b + TCP.sawStart]!,
    BASawEnd: numbers[b + TCP.sawEnd]!,
  });
}

/** TTLs that are not known are left out. */
export function withKnownTtls({ ABSynTTL, BASynTTL, ...rest }: Required<TcpMetric>): TcpMetric {
  return { ...rest, ...(ABSynTTL !== 0 && { ABSynTTL }), ...(BASynTTL !== 0 && { BASynTTL }) };
}
