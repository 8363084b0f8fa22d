import { LRUCache } from 'lru-cache';
import type { ExternalFlow } from '../../../src/flow/table/external.js';

/** Bits of the marks, a power of two: some twenty for each flow that is remembered. */
const MARKS = 2 ** 21;

export type LeftCounters = Pick<ExternalFlow, 'abPackets' | 'abBytes' | 'baPackets' | 'baBytes' | 'start' | 'link'>;

/**
 * Flows that left the kernel and may come back, by their keys there: the latest so many. All that are in the kernel are asked for at each
 * reading, and nearly none of them was away: marks by a hash of the key say so at once.
 */
export class LeftFlows {
  private readonly flows: LRUCache<string, LeftCounters>;
  private readonly marks = new Int32Array(MARKS / 32);
  private marked = 0;

  constructor(private readonly most: number) {
    this.flows = new LRUCache({ max: most });
  }

  /** `false` when the flow was never away. */
  mayHave(keys: DataView, at: number, bytes: number): boolean {
    if (this.marked === 0) return false;
    const mark = markOf(keys, at, bytes);
    return (this.marks[mark >>> 5]! & (1 << (mark & 31))) !== 0;
  }

  get(key: Buffer): LeftCounters | undefined {
    return this.flows.get(nameOf(key));
  }

  set(key: Buffer, counters: LeftCounters): void {
    this.flows.set(nameOf(key), counters);
    this.mark(key);
    if (this.marked <= this.most * 2) return;
    // Half of the marks are of flows that were forgotten.
    this.marks.fill(0);
    this.marked = 0;
    for (const name of this.flows.keys()) this.mark(Buffer.from(name, 'latin1'));
  }

  private mark(key: Buffer): void {
    const mark = markOf(new DataView(key.buffer, key.byteOffset, key.length), 0, key.length);
    this.marks[mark >>> 5] = this.marks[mark >>> 5]! | (1 << (mark & 31));
    this.marked++;
  }
}

const nameOf = (key: Buffer): string => key.toString('latin1');

function markOf(keys: DataView, at: number, bytes: number): number {
  let hash = 0;
  for (let word = at; word < at + bytes; word += 4) hash = Math.imul(hash ^ (hash >>> 15) ^ keys.getInt32(word), 0x85ebca6b);
  return ((hash ^ (hash >>> 13)) >>> 0) % MARKS;
}
