import { describe, expect, it } from 'vitest';
import { OP, type OpCode } from '../../src/journal/block.js';
import { ElementIndex } from '../../src/journal/elementIndex.js';
import type { OrderedStore, WriteOp } from '../../src/journal/orderedStore.js';
import { Timeline } from '../../src/journal/timeline.js';
import { versionAfter } from '../../src/journal/versions.js';
import { SimulatedDisk } from '../simulator/simulatedDisk.js';

const RUN = 64;
const ELEMENTS = 40;
const OPS: readonly OpCode[] = [OP.added, OP.updated, OP.removed, OP.suspended];

/** A journal's headers and index, and a plain list of the same changes beside them. */
class Log {
  readonly disk = new SimulatedDisk();
  readonly changes: { readonly ordinal: number; readonly op: OpCode }[] = [];
  #store: OrderedStore;
  #timeline: Timeline;
  index: ElementIndex;
  kept = 0;

  constructor() {
    this.#store = this.disk.open();
    this.#timeline = new Timeline(this.#store);
    this.index = new ElementIndex(this.#store, this.#timeline, 0, RUN);
  }

  stage(count: number): void {
    for (let made = 0; made < count; made++) {
      const seq = this.changes.length + 1;
      const ordinal = (seq * 7) % ELEMENTS;
      const op = OPS[(seq * 5) % OPS.length]!;
      this.changes.push({ ordinal, op });
      this.#timeline.append(seq, ordinal, 0, seq, op);
      this.index.append(ordinal, op);
    }
  }

  async commit(count: number): Promise<void> {
    const through = this.kept + count;
    const ops: WriteOp[] = [];
    this.#timeline.takeWrites(this.kept, through, ops);
    this.index.takeWrites(through, count, ops);
    await this.#store.write(ops);
    this.kept = through;
    this.#timeline.dropKept(through);
    this.index.committed();
  }

  /** What is left after the process ended: all that was committed. */
  reopen(): void {
    this.#store = this.disk.open();
    this.#timeline = new Timeline(this.#store);
    this.index = new ElementIndex(this.#store, this.#timeline, 0, RUN);
    this.changes.length = this.kept;
  }

  expectedSeqs(ordinal: number, after: number, to: number): number[] {
    const seqs = this.changes.flatMap((change, place) =>
      change.ordinal === ordinal && place + 1 > after && place + 1 <= to ? place + 1 : [],
    );
    return seqs.reverse();
  }

  check(): void {
    const last = this.changes.length;
    for (let ordinal = 0; ordinal < ELEMENTS; ordinal++) {
      for (const [after, to] of [[0, last] as const, [last >> 2, last >> 1] as const, [Math.max(0, last - 20), last - 3] as const]) {
        expect([...this.index.seqsOf(ordinal, after, to)]).toEqual(this.expectedSeqs(ordinal, after, to));
        const [newest] = this.expectedSeqs(ordinal, 0, to);
        expect(this.index.versionAt(ordinal, to)).toBe(newest === undefined ? 0 : versionAfter(this.changes[newest - 1]!.op, newest));
      }
    }
  }

  get entriesOnDisk(): number {
    return [...this.#store.range('index', { from: Buffer.alloc(10), to: Buffer.alloc(10, 255) })].length;
  }
}

describe('the index by element', () => {
  it('answers the same from memory, from both, and from disk, after every commit', async () => {
    const log = new Log();
    for (let step = 0; step < 40; step++) {
      log.stage(17);
      await log.commit(13);
      log.check();
    }
    expect(log.entriesOnDisk).toBeGreaterThan(RUN);
    expect(log.kept - log.entriesOnDisk).toBeLessThan(3 * RUN);
  });

  it('is whole after a start, also when a run was under way', async () => {
    const log = new Log();
    for (let step = 0; step < 30; step++) {
      log.stage(13);
      await log.commit(13);
      if (step % 4 === 3) log.reopen();
      log.check();
    }
  });

  it('can be brought up to a place between commits', async () => {
    const log = new Log();
    log.stage(200);
    await log.commit(100);
    await log.index.writeThrough(90);
    log.check();
    await log.commit(100);
    await log.index.writeThrough(200);
    expect(log.entriesOnDisk).toBe(200);
    log.check();
    log.reopen();
    log.check();
  });
});
