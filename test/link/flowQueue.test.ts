import { describe, expect, it } from 'vitest';
import { FlowQueue, type FlowBatch } from '../../agent/link/flowQueue.js';
import { systemClock } from '../../src/common/clock.js';
import { decodeFromAgent } from '../../src/protocol/codec.js';
import type { Flows } from '../../src/protocol/flows.js';

const MIB = 1024 * 1024;

const batch = (more: Partial<FlowBatch> = {}): FlowBatch => ({
  capture: 'c',
  node: 'n',
  batchKind: 'UPDATE',
  count: 10,
  batch: new Uint8Array(MIB),
  isFinal: false,
  ...more,
});

/** A queue over a socket that takes everything, and what came out. */
function opened(topologyWaits = (): boolean => false): { queue: FlowQueue; sent: Flows[]; reopen: () => void } {
  const queue = new FlowQueue({ clock: systemClock, topologyWaits });
  const sent: Flows[] = [];
  const reopen = (): void => queue.open({ send: (bytes) => void sent.push(decodeFromAgent(bytes, 0) as Flows), bufferedBytes: () => 0 });
  reopen();
  return { queue, sent, reopen };
}

describe('the queue of flows', () => {
  it('sends as far as the credit goes, and goes on when it comes back', () => {
    const { queue, sent } = opened();
    for (let index = 0; index < 8; index += 1) queue.push(batch());
    expect(sent.map(({ number }) => number)).toEqual([1, 2, 3, 4]);
    queue.take({ kind: 'flowsAcknowledge', accepted: 2, stored: 2, credit: 2 * MIB + 200 });
    expect(sent.length).toBeGreaterThanOrEqual(6);
    expect(queue.dropped).toEqual({});
  });

  it('lets topology go first', () => {
    let waits = true;
    const { queue, sent } = opened(() => waits);
    queue.push(batch());
    expect(sent).toEqual([]);
    waits = false;
    queue.pump();
    expect(sent).toHaveLength(1);
  });

  it('drops the oldest at its bound, those that ended last, and counts them', () => {
    const queue = new FlowQueue({ clock: systemClock, topologyWaits: () => false });
    queue.push(batch({ count: 1, isFinal: true }));
    for (let index = 0; index < 20; index += 1) queue.push(batch({ count: 100 + index }));
    expect(queue.bytes).toBeLessThanOrEqual(16 * MIB);
    const sent: Flows[] = [];
    queue.open({ send: (bytes) => void sent.push(decodeFromAgent(bytes, 0) as Flows), bufferedBytes: () => 0 });
    expect(sent[0]?.count).toBe(1);
    const { queueFull } = queue.dropped;
    expect(queueFull).toBeGreaterThan(0);
    expect(sent[0]?.dropped).toEqual({ queueFull });
  });

  it('counts what was under way to an analyzer that knows nothing of it any more, and forgets refreshes', () => {
    const { queue, sent, reopen } = opened();
    queue.push(batch({ count: 3 }));
    queue.push(batch({ count: 7 }));
    queue.push(batch({ count: 5, batchKind: 'REFRESH' }));
    // The analyzer has them all, and only one of them on disk when it dies.
    queue.take({ kind: 'flowsAcknowledge', accepted: 3, stored: 1, credit: MIB });
    queue.close();
    queue.push(batch({ batchKind: 'REFRESH' }));
    expect(queue.bytes).toBe(0);
    reopen();
    expect(queue.dropped).toEqual({ disconnected: 7 });
    queue.push(batch({ count: 1 }));
    expect(sent.at(-1)).toMatchObject({ number: 1, count: 1, dropped: { disconnected: 7 } });
  });

  it('sends again what an analyzer that is still the same did not take, first and with its number', () => {
    const { queue, sent, reopen } = opened();
    for (const count of [1, 2, 3]) queue.push(batch({ count, batch: new Uint8Array(10) }));
    queue.push(batch({ count: 4, batchKind: 'REFRESH', batch: new Uint8Array(10) }));
    queue.close();
    queue.push(batch({ count: 5, batch: new Uint8Array(10) }));
    sent.length = 0;
    queue.take({ kind: 'flowsAcknowledge', accepted: 1, stored: 0, credit: 0 });
    reopen();
    expect(sent.map(({ number, count }) => [number, count])).toEqual([
      [2, 2],
      [3, 3],
      [4, 5],
    ]);
    queue.take({ kind: 'flowsAcknowledge', accepted: 4, stored: 3, credit: 0 });
    // It dies before the last of them is on disk.
    queue.close();
    reopen();
    expect(queue.dropped).toEqual({ disconnected: 5 });
  });

  it('says that a refresh is complete behind its batches', () => {
    const { queue, sent } = opened();
    queue.push(batch({ batchKind: 'REFRESH' }));
    queue.refreshed(3);
    expect(sent.map(({ kind }) => kind)).toEqual(['flows', 'flowsRefreshed']);
  });
});
