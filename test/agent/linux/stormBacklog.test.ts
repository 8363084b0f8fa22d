import { describe, expect, it } from 'vitest';
import { StormBacklog } from '../../../agent/linux/stormBacklog.js';

const MIB = 1024 * 1024;

describe('a backlog of storms', () => {
  it('gives back what came in, in order, in small portions', () => {
    const backlog = new StormBacklog();
    for (let index = 0; index < 2_000; index++) {
      backlog.add({ id: 1, length: 80, problem: undefined }, Buffer.alloc(80, index % 251));
    }
    const bytes: number[] = [];
    while (!backlog.isEmpty) {
      const { records, chunks } = backlog.take();
      expect(records.length).toBe(chunks.length);
      expect(records.length).toBeLessThanOrEqual(500);
      bytes.push(...chunks.map((chunk) => chunk[0]!));
    }
    expect(bytes).toEqual(Array.from({ length: 2_000 }, (_, index) => index % 251));
  });

  it('says once of each socket that it gave something up, and takes more when it was emptied', () => {
    const backlog = new StormBacklog();
    const piece = Buffer.alloc(MIB);
    for (let index = 0; index < 40; index++) backlog.add({ id: 1 + (index % 2), length: MIB, problem: undefined }, piece);
    const problems: unknown[] = [];
    let bytes = 0;
    const drain = (): void => {
      while (!backlog.isEmpty) {
        const { records, chunks } = backlog.take();
        problems.push(...records.map(({ id, problem }) => (problem === undefined ? undefined : [id, problem])).filter(Boolean));
        bytes += chunks.reduce((sum, { length }) => sum + length, 0);
      }
    };
    drain();
    expect(problems).toEqual([
      [2, 'overrun'],
      [1, 'overrun'],
    ]);
    expect(bytes).toBe(17 * MIB);
    backlog.add({ id: 1, length: MIB, problem: undefined }, piece);
    drain();
    expect(problems).toHaveLength(2);
    expect(bytes).toBe(18 * MIB);
  });
});
