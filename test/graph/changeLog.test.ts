import { describe, expect, it } from 'vitest';
import { ChangeLog, changeBytes } from '../../src/graph/changeLog.js';
import { TestGraph, node } from './builders.js';

describe('the change log', () => {
  const graph = new TestGraph();
  const changes = Array.from({ length: 5_000 }, (_, number) => graph.put(node(`n${number}`)).changes).flat();
  const size = changeBytes(changes[0]!);

  it('gives what came after a number', () => {
    const log = new ChangeLog(0, Infinity);
    log.push(changes.slice(0, 3), 3);
    expect(log.after(1)).toEqual(changes.slice(1, 3));
    expect(log.after(3)).toEqual([]);
    expect(log.lastSeq).toBe(3);
  });

  it('drops the oldest beyond its bound, and says so', () => {
    const log = new ChangeLog(0, 100 * size);
    for (const change of changes) log.push([change], change.seq);
    expect(log.sizeBytes).toBeLessThanOrEqual(100 * size);
    expect(log.after(4_000)).toBeUndefined();
    expect(log.after(4_990)).toEqual(changes.slice(4_990));
  });

  it('keeps what is not durable, whatever its bound', () => {
    const log = new ChangeLog(0, 0);
    log.push(changes.slice(0, 10), 4);
    expect(log.after(3)).toBeUndefined();
    expect(log.after(4)).toEqual(changes.slice(4, 10));
  });
});
