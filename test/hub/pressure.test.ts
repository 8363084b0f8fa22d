import { afterEach, describe, expect, it } from 'vitest';
import { MAX_MESSAGE_BYTES } from '../../src/protocol/limits.js';
import { Analyzer, LARGE_QUOTA, node, RawAgent, remove } from './harness.js';
import { ManualClock, settle } from './manualClock.js';

const clock = new ManualClock();
let analyzer: Analyzer | undefined;
const start = async (options: ConstructorParameters<typeof Analyzer>[2]): Promise<Analyzer> => {
  analyzer = await new Analyzer(clock, undefined, options).start();
  return analyzer;
};
afterEach(() => analyzer?.stop());

describe('a slow disk', () => {
  it('stops the reading of sockets, loses nothing, and goes on when there is room', async () => {
    const { hub, store } = await start({ maxTailBytes: 2_000 });
    const agent = await (await new RawAgent(analyzer as Analyzer).hello()).picture([]);
    store.hold();
    for (let number = 1; number <= 30; number += 1) await agent.deltas(number, node(`n${number}`));
    const applied = analyzer?.ids().length ?? 0;
    expect(applied).toBeLessThan(30);
    expect(agent.wire.readerIsPaused).toBe(true);
    expect(hub.counters.pauses).toBe(1);
    await clock.advance(120_000);
    expect(agent.wire.isOpen).toBe(true);
    store.release();
    await settle();
    await clock.advance(100);
    expect(agent.wire.readerIsPaused).toBe(false);
    expect(analyzer?.ids()).toHaveLength(30);
    expect(agent.acknowledged).toBe(30);
  });
});

describe('credit', () => {
  it('comes back as messages leave the line', async () => {
    const { hub } = await start({ limits: { creditBytes: 4_000 } });
    const agent = await (await new RawAgent(analyzer as Analyzer).hello()).picture([]);
    let sent = 0;
    for (let number = 1; number <= 100; number += 1) await agent.deltas(number, node(`n${number}`));
    sent = hub.counters.bytesReceived;
    const granted = agent.of('acknowledge').reduce((sum, { credit }) => sum + credit, 0);
    expect(granted).toBeGreaterThan(sent - 4_000);
    expect(granted).toBeLessThanOrEqual(sent);
  });

  it('that is ignored ends the session, and the graph is as it was', async () => {
    const { store } = await start({ maxTailBytes: 100, limits: { creditBytes: 1_000 } });
    const agent = await (await new RawAgent(analyzer as Analyzer).hello()).picture([]);
    store.hold();
    await agent.deltas(1, node('a'));
    // What was already read still arrives after a pause: that is how an agent can overrun its credit.
    agent.wire.connection.pause = () => undefined;
    const bytesEach = 200_000;
    for (let number = 2; agent.wire.isOpen && number * bytesEach < 2 * MAX_MESSAGE_BYTES; number += 1) {
      await agent.deltas(number, node(`n${number}`, { Text: 'x'.repeat(bytesEach) }));
    }
    expect(agent.wire.closeReason).toMatch(/credit of 1000/);
    expect(agent.wire.closeCode).toBe(4400);
    expect(analyzer?.ids()).toEqual(['a']);
  });
});

describe('quotas', () => {
  it('refuse elements beyond their number, name it, and take the rest', async () => {
    const { hub } = await start({ quota: { ...LARGE_QUOTA, elements: 3 } });
    const agent = await (await new RawAgent(analyzer as Analyzer).hello()).picture([node('a'), node('b')]);
    await agent.deltas(1, node('c'), node('d'), node('a', { State: 'UP' }), remove('b'), node('e'));
    expect(analyzer?.ids()).toEqual(['a', 'c', 'e']);
    expect(agent.of('refused')).toMatchObject([{ delta: 2, code: 'QUOTA_EXCEEDED', limit: 3, actual: 4 }]);
    expect(hub.counters.quotaRefusals.get('elements')).toBe(1);
    expect(agent.acknowledged).toBe(5);
    expect(agent.wire.isOpen).toBe(true);
  });

  it('give rejections of the graph their right numbers beside those of the quota', async () => {
    await start({ quota: { ...LARGE_QUOTA, elements: 1 } });
    const agent = await (await new RawAgent(analyzer as Analyzer).hello()).picture([node('a')]);
    await agent.deltas(1, node('b'), { op: 'patch', id: 'nobody', set: [['x', 1]] }, node('c'), {
      op: 'patch',
      id: 'none',
      set: [['x', 1]],
    });
    expect(agent.of('refused').map(({ delta, code }) => `${delta} ${code}`)).toEqual([
      '1 QUOTA_EXCEEDED',
      '3 QUOTA_EXCEEDED',
      '2 NOT_FOUND',
      '4 NOT_FOUND',
    ]);
  });

  it('refuse metadata beyond its bytes, and what makes elements smaller is always taken', async () => {
    await start({ quota: { ...LARGE_QUOTA, metadataBytes: 2_000 } });
    const agent = await (await new RawAgent(analyzer as Analyzer).hello()).picture([node('a', { Text: 'x'.repeat(1_500) })]);
    await agent.deltas(1, node('b', { Text: 'y'.repeat(1_000) }));
    expect(analyzer?.ids()).toEqual(['a']);
    expect(agent.of('refused')).toMatchObject([{ delta: 1, limit: 2_000 }]);
    await agent.deltas(2, node('a'), node('b', { Text: 'y'.repeat(1_000) }));
    expect(analyzer?.ids()).toEqual(['a', 'b']);
  });

  it('hold back what comes too fast, say the number, and lose nothing', async () => {
    const { hub } = await start({ quota: { ...LARGE_QUOTA, changesPerSecond: 10 } });
    const agent = await (await new RawAgent(analyzer as Analyzer).hello()).picture([]);
    for (let number = 1; number <= 120; number += 1) await agent.deltas(number, node(`n${number}`));
    expect(analyzer?.ids()).toHaveLength(100);
    expect(agent.of('refused')[0]).toMatchObject({ code: 'QUOTA_EXCEEDED', limit: 10 });
    await clock.advance(1_000);
    expect(analyzer?.ids()).toHaveLength(110);
    await clock.advance(1_000);
    expect(analyzer?.ids()).toHaveLength(120);
    expect(agent.acknowledged).toBe(120);
    expect(hub.counters.quotaRefusals.get('changesPerSecond')).toBeGreaterThan(0);
  });

  it('that are exceeded in thirty seconds of one minute end the session', async () => {
    await start({ quota: { ...LARGE_QUOTA, elements: 1 } });
    const agent = await (await new RawAgent(analyzer as Analyzer).hello()).picture([node('a')]);
    for (let number = 1; number <= 29; number += 1) {
      await agent.deltas(number, node(`n${number}`));
      await clock.advance(1_000);
    }
    expect(agent.wire.isOpen).toBe(true);
    await agent.deltas(30, node('n30'));
    expect(agent.wire.closeCode).toBe(4429);
    expect(agent.wire.closeReason).toContain('elements');
  });

  it('hold for pictures too', async () => {
    await start({ quota: { ...LARGE_QUOTA, elements: 2 } });
    const agent = await (await new RawAgent(analyzer as Analyzer).hello()).picture([node('a'), node('b'), node('c')], 5);
    expect(analyzer?.ids()).toEqual(['a', 'b']);
    expect(agent.of('refused')).toMatchObject([{ delta: undefined, code: 'QUOTA_EXCEEDED', limit: 2, actual: 3 }]);
    expect(agent.acknowledged).toBe(5);
  });
});
