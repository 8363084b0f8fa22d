import { LRUCache } from 'lru-cache';
import type { ExternalFlow } from '../../../src/flow/table/external.js';
import { KEY_WORDS, type RowKind } from './rows.js';

/** Bits of the marks, a power of two: some twenty for each flow that is remembered. */
const MARKS = 2 ** 21;

export type LeftCounters = Pick<
  ExternalFlow,
  'abPackets' | 'abBytes' | 'baPackets' | 'baBytes' | 'start' | 'link' | 'network' | 'transport'
>;

/**
 * Flows that left the kernel and may come back, by their keys there: the latest so many. All that are in the kernel are asked for at each
 * reading, and nearly none of them was away: marks by a hash of the key say so at once.
 */
export class LeftFlows {
  private readonly flows: LRUCache<string, { readonly counters: LeftCounters; readonly mark: number }>;
  private readonly marks = new Int32Array(MARKS / 32);
  private marked = 0;

  constructor(private readonly most: number) {
    this.flows = new LRUCache({ max: most });
  }

  /** What was counted of the flow of this row before it left the kernel; `undefined` when it was never away, or is forgotten. */
  get(kind: RowKind, rows: DataView, row: number, state: number): LeftCounters | undefined {
    if (this.marked === 0) return undefined;
    const mark = markOf(kind, rows, row, state);
    return (this.marks[mark >>> 5]! & (1 << (mark & 31))) === 0 ? undefined : this.flows.get(nameOf(kind, rows, row, state))?.counters;
  }

  set(kind: RowKind, rows: DataView, row: number, state: number, counters: LeftCounters): void {
    const mark = markOf(kind, rows, row, state);
    this.flows.set(nameOf(kind, rows, row, state), { counters, mark });
    this.mark(mark);
    if (this.marked <= this.most * 2) return;
    // Half of the marks are of flows that were forgotten.
    this.marks.fill(0);
    this.marked = 0;
    for (const { mark } of this.flows.values()) this.mark(mark);
  }

  private mark(mark: number): void {
    this.marks[mark >>> 5] = this.marks[mark >>> 5]! | (1 << (mark & 31));
    this.marked++;
  }
}

const nameOf = (kind: RowKind, rows: DataView, row: number, state: number): string =>
  `${state} ${KEY_WORDS[kind].map((word) => rows.getInt32(row + word)).join(' ')}`;

function markOf(kind: RowKind, rows: DataView, row: number, state: number): number {
  const words = KEY_WORDS[kind];
  let hash = state;
  for (let word = 0; word < words.length; word++) hash = Math.imul(hash ^ (hash >>> 15) ^ rows.getInt32(row + words[word]!), 0x85ebca6b);
  return ((hash ^ (hash >>> 13)) >>> 0) % MARKS;
}
