import { describe, expect, it } from 'vitest';
import { changesBytes, ChangeTail } from '../../src/journal/changeTail.js';
import { node, TestGraph } from '../graph/builders.js';

describe('the tail of changes', () => {
  const graph = new TestGraph();
  const changes = Array.from({ length: 5_000 }, (_, number) => graph.put(node(`n${number}`)).changes).flat();
  const size = changesBytes(changes.slice(0, 1));

  it('gives what came after a number', () => {
    const tail = new ChangeTail(0, Infinity);
    tail.push(changes.slice(0, 3), 3 * size, 3);
    expect(tail.after(1)).toEqual(changes.slice(1, 3));
    expect(tail.after(3)).toEqual([]);
  });

  it('drops the oldest beyond its bound, and says so', () => {
    const tail = new ChangeTail(0, 100 * size);
    for (const change of changes) tail.push([change], size, change.seq);
    expect(tail.after(4_799)).toBeUndefined();
    expect(tail.after(4_900)).toEqual(changes.slice(4_900));
  });

  it('keeps what is not durable, whatever its bound', () => {
    const tail = new ChangeTail(0, 0);
    tail.push(changes.slice(0, 4), 4 * size, 0);
    tail.push(changes.slice(4, 10), 6 * size, 4);
    expect(tail.after(3)).toBeUndefined();
    expect(tail.after(4)).toEqual(changes.slice(4, 10));
  });

  it('counts rows to the bytes of a change', () => {
    const [change] = changes;
    const rows = { Routes: { 'to 10.0.0.0/8': { Gateway: 'x'.repeat(1_000) } } };
    expect(changesBytes([{ ...change!, rows }])).toBeGreaterThan(size + 1_000);
  });
});
