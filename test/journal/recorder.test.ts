import { describe, expect, it } from 'vitest';
import { silentLog } from '../../src/common/log.js';
import type { Change } from '../../src/graph/change.js';
import type { DeltaBatch } from '../../src/graph/delta.js';
import { Recorder } from '../../src/journal/recorder.js';
import { SimulatedDisk, type WriteFate } from '../simulator/simulatedDisk.js';
import { VirtualClock } from '../simulator/virtualClock.js';

const put = (id: string, name: string, origin = 'agent.a'): DeltaBatch => ({
  origin,
  deltas: [{ op: 'putNode', id, host: 'h', metadata: { Type: 'device', Name: name } }],
});
const progress = (lastDelta: number, origin = 'agent.a') => ({ origin, incarnation: 'one', lastDelta });

async function start(disk = new SimulatedDisk(), clock = new VirtualClock(), maxTailBytes = 1 << 20) {
  const recorder = await Recorder.open(disk.open(), { clock, log: silentLog, limits: { maxTailBytes } });
  return { disk, clock, recorder };
}

/** Lets promises that can go on do so. */
const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
};

async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  await turns();
  return Promise.race([promise.then(() => true), Promise.resolve(false)]);
}

describe('a recorder', () => {
  it('tells listeners at once and acknowledges when it is on disk', async () => {
    const { disk, recorder } = await start();
    let release: () => void = () => undefined;
    disk.fateOf = () => ({ delay: () => new Promise((resolve) => (release = resolve)), outcome: 'kept' });
    const told: Change[] = [];
    recorder.onChanges((changes) => told.push(...changes));
    const recorded = recorder.record(put('n', 'a'), progress(1));
    expect(told).toEqual(recorded.changes);
    expect(recorder.recent({ epoch: 1, seq: 0 })).toEqual(recorded.changes);
    expect(await isSettled(recorded.durable)).toBe(false);
    expect(recorder.progressOf('agent.a')).toBeUndefined();
    release();
    await recorded.durable;
    expect(recorder.progressOf('agent.a')).toEqual(progress(1));
  });

  it('commits what came meanwhile together', async () => {
    const { disk, recorder } = await start();
    const writes = disk.writes;
    await Promise.all(Array.from({ length: 50 }, (_, index) => recorder.record(put(`n${index}`, 'a'), progress(index)).durable));
    expect(disk.writes - writes).toBeLessThanOrEqual(2);
  });

  it('keeps progress of a batch that changed nothing', async () => {
    const { recorder } = await start();
    await recorder.record(put('n', 'a'), progress(1)).durable;
    const again = recorder.record(put('n', 'a'), progress(2));
    expect(again.changes).toEqual([]);
    await again.durable;
    expect(recorder.progressOf('agent.a')).toEqual(progress(2));
  });

  it('does not acknowledge what the governor holds, nor what its origin said afterwards; others are not held up', async () => {
    const { recorder, clock } = await start();
    const waiting: Promise<void>[] = [];
    for (let change = 0; change < 20; change++) waiting.push(recorder.record(put('n', `name${change}`), progress(change)).durable);
    expect(recorder.graph.oldestHeld()).toBeDefined();
    const later = recorder.record(put('other', 'x'), progress(20)).durable;
    await recorder.record(put('elsewhere', 'x', 'agent.b'), progress(7, 'agent.b')).durable;
    expect(await isSettled(later)).toBe(false);
    expect(recorder.progressOf('agent.a')!.lastDelta).toBeLessThan(19);
    clock.advance(1_200);
    await Promise.all([...waiting, later]);
    expect(recorder.progressOf('agent.a')).toEqual(progress(20));
    expect(recorder.graph.node('n')?.metadata['Name']).toBe('name19');
  });

  it('never loses the order of positions: a number lost in a crash is told apart from its namesake', async () => {
    const { disk, recorder, clock } = await start();
    await recorder.record(put('n', 'kept')).durable;
    disk.fateOf = (): WriteFate => ({ delay: () => Promise.resolve(), outcome: 'lost-in-crash' });
    const lost = recorder.record(put('n', 'lost')).position;
    await turns();
    clock.clear();
    disk.fateOf = () => ({ delay: () => Promise.resolve(), outcome: 'kept' });
    const { recorder: next } = await start(disk, clock);
    expect(next.graph.node('n')?.metadata['Name']).toBe('kept');
    const namesake = next.journal.change(lost.seq);
    expect(namesake?.op).toBe('gapOpened');
    expect(next.journal.check(lost)).toBe('lost-in-crash');
    expect(next.journal.check({ epoch: 1, seq: lost.seq - 1 })).toBe('good');
    expect(next.journal.check({ epoch: 2, seq: lost.seq })).toBe('good');
    expect(next.journal.check({ epoch: 2, seq: 1_000 })).toBe('in-future');
    expect(next.journal.check({ epoch: 3, seq: 1 })).toBe('in-future');
    expect(next.recent(lost)).toBeUndefined();
  });

  it('logs its own absence with the instant at which it was last known to run', async () => {
    const { disk, recorder, clock } = await start();
    await recorder.record(put('n', 'a')).durable;
    clock.advance(25_000);
    await turns();
    disk.crash();
    clock.clear();
    clock.advance(600_000);
    const { recorder: next } = await start(disk, clock);
    const [gap] = next.coverage.between(0, Infinity);
    expect(gap).toMatchObject({ reason: 'ANALYZER_DOWN', from: clock.now() - 605_000, to: clock.now() });
  });

  it('keeps a gap open over a restart until it is closed', async () => {
    const { disk, recorder, clock } = await start();
    const subject = { reason: 'AGENT_LOST', origin: 'agent.a', host: 'h' } as const;
    const opened = recorder.openGap({ ...subject, since: clock.now() - 1_000 });
    expect(recorder.openGap({ ...subject, since: 0 })).toBe(opened);
    await recorder.close();
    clock.advance(10_000);
    const { recorder: next } = await start(disk, clock);
    expect(next.coverage.openGap(subject)).toMatchObject({ to: undefined });
    expect(next.closeGap(subject)).toMatchObject({ op: 'gapClosed', since: clock.now() - 11_000 });
    expect(next.closeGap(subject)).toBeUndefined();
  });

  it('says when it is full and when there is room, and asks a disk that refuses again and again', async () => {
    const { disk, recorder, clock } = await start(undefined, undefined, 10_000);
    disk.fateOf = () => ({ delay: () => Promise.resolve(), outcome: 'refused' });
    const durable: Promise<void>[] = [];
    for (let index = 0; index < 40; index++) durable.push(recorder.record(put(`n${index}`, 'a')).durable);
    await turns();
    expect(recorder.status()).toMatchObject({ isFull: true, error: 'the simulated disk is full', tailChanges: 40 });
    clock.advance(1_000);
    await turns();
    expect(recorder.status().retries).toBeGreaterThan(1);
    let room = 0;
    recorder.onRoom(() => room++);
    disk.fateOf = () => ({ delay: () => Promise.resolve(), outcome: 'kept' });
    clock.advance(10_000);
    await Promise.all(durable);
    expect(room).toBe(1);
    expect(recorder.status()).toMatchObject({ isFull: false, tailChanges: 0, tailBytes: 0, error: undefined });
  });
});
