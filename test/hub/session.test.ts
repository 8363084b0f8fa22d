import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Analyzer, edge, node, RawAgent, remove } from './harness.js';
import { ManualClock, settle } from './manualClock.js';

let clock: ManualClock;
let analyzer: Analyzer;

beforeEach(async () => {
  clock = new ManualClock();
  analyzer = await new Analyzer(clock).start();
});
afterEach(() => analyzer.stop());

describe('greeting', () => {
  it('asks a new origin for its picture, after a heartbeat', async () => {
    const agent = await new RawAgent(analyzer).hello();
    expect(agent.heard.map(({ kind }) => kind)).toEqual(['heartbeat', 'welcome']);
    expect(agent.of('welcome')[0]).toMatchObject({ version: 1, resumeAfter: undefined, pictureReason: 'NEW_ORIGIN', heartbeatMs: 10_000 });
    expect(agent.of('welcome')[0]?.credit).toBeGreaterThan(0);
  });

  it('continues after the last delta of the same incarnation', async () => {
    const first = await (await new RawAgent(analyzer).hello()).picture([node('a')], 3);
    await first.deltas(4, node('b'));
    first.wire.end();
    await settle();
    analyzer.takeLog();
    const second = await new RawAgent(analyzer).hello({ oldest: 3, newest: 6 });
    expect(second.of('welcome')[0]).toMatchObject({ resumeAfter: 4, pictureReason: undefined });
    await second.deltas(3, node('a'), node('b'), node('c'), node('d'));
    expect(analyzer.takeLog()).toEqual(['added c', 'added d', 'gapClosed AGENT_LOST']);
    expect(second.acknowledged).toBe(6);
    expect(analyzer.hub.counters.deltasDuplicate).toBe(2);
  });

  it.each([
    ['NEW_INCARNATION', { incarnation: 'second', oldest: 1, newest: 9 }],
    ['NOT_KEPT', { oldest: 6, newest: 9 }],
    ['AHEAD', { oldest: 2, newest: 2 }],
    ['DIRTY', { oldest: 4, newest: 9, dirtySince: 1 }],
  ] as const)('asks for a picture when the numbers do not continue: %s', async (pictureReason, hello) => {
    const first = await (await new RawAgent(analyzer).hello()).picture([node('a')], 3);
    first.wire.end();
    await settle();
    const second = await new RawAgent(analyzer).hello(hello);
    expect(second.of('welcome')[0]).toMatchObject({ resumeAfter: undefined, pictureReason });
  });

  it('refuses revisions that it does not speak, naming both sides', async () => {
    const agent = await new RawAgent(analyzer).hello({ versions: [7, 9] });
    expect(agent.wire.closeCode).toBe(4406);
    expect(agent.wire.closeReason).toMatch(/1 to 1.*7 to 9/);
    expect(analyzer.hub.agents()).toEqual([]);
  });

  it('wants HELLO first, once, and in time', async () => {
    const early = new RawAgent(analyzer);
    early.send({ kind: 'status', probes: [] });
    const twice = await (
      await new RawAgent(analyzer).hello({ origin: 'agent.two', host: 'two' })
    ).hello({ origin: 'agent.two', host: 'two' });
    const silent = new RawAgent(analyzer);
    await clock.advance(10_000);
    expect([early, twice, silent].map(({ wire }) => wire.closeCode)).toEqual([4400, 4400, 4408]);
  });

  it('closes over bytes that are no message and leaves the graph as it was', async () => {
    const agent = await (await new RawAgent(analyzer).hello()).picture([node('a')]);
    agent.wire.send(Buffer.from('not a message'));
    await settle();
    expect(agent.wire.closeCode).toBe(4400);
    expect(analyzer.ids()).toEqual(['a']);
    expect([...analyzer.hub.counters.violations.values()]).toEqual([1]);
  });
});

describe('two connections of one origin', () => {
  it('lets the newest win when it is the same incarnation, without a loss', async () => {
    const old = await (await new RawAgent(analyzer).hello()).picture([node('a')], 1);
    analyzer.takeLog();
    const young = await new RawAgent(analyzer).hello({ oldest: 1, newest: 1 });
    expect(old.wire.closeCode).toBe(4410);
    expect(young.of('welcome')[0]?.resumeAfter).toBe(1);
    expect(analyzer.takeLog()).toEqual([]);
    expect(analyzer.agent()?.state).toBe('CONNECTED');
  });

  it('refuses another agent while the first is alive', async () => {
    const old = await new RawAgent(analyzer, '10.0.0.1').hello();
    const young = await new RawAgent(analyzer, '10.0.0.2').hello({ incarnation: 'second' });
    await clock.advance(6_000);
    expect(young.wire.closeCode).toBe(4409);
    expect(young.wire.closeReason).toContain('10.0.0.1');
    expect(old.wire.isOpen).toBe(true);
  });

  it('drops a silent first one, so that the next attempt gets in', async () => {
    const old = await new RawAgent(analyzer).hello();
    old.wire.stall();
    const young = await new RawAgent(analyzer).hello({ incarnation: 'second' });
    expect(young.wire.closeCode).toBe(4409);
    await clock.advance(5_000);
    expect(old.wire.closeCode).toBe(4408);
    const again = await new RawAgent(analyzer).hello({ incarnation: 'second' });
    expect(again.of('welcome')).toHaveLength(1);
  });
});

it('a successor takes over from one that has been silent for one and a half heartbeats; what it missed is a gap', async () => {
  const old = await (await new RawAgent(analyzer).hello()).picture([node('a')]);
  analyzer.takeLog();
  old.wire.stall();
  await clock.advance(15_100);
  const young = await new RawAgent(analyzer).hello({ incarnation: 'second' });
  expect(old.wire.closeCode).toBe(4410);
  expect(young.of('welcome')).toHaveLength(1);
  await young.picture([node('a')]);
  expect(analyzer.takeLog()).toEqual(['gapOpened AGENT_LOST', 'gapClosed AGENT_LOST']);
});

describe('deltas', () => {
  it('are acknowledged only when they are on disk', async () => {
    const agent = await (await new RawAgent(analyzer).hello()).picture([]);
    analyzer.store.hold();
    await agent.deltas(1, node('a'));
    expect(analyzer.ids()).toEqual(['a']);
    expect(agent.acknowledged).toBe(0);
    analyzer.store.release();
    await settle();
    expect(agent.acknowledged).toBe(1);
    expect(analyzer.recorder.progressOf('agent.one')).toMatchObject({ incarnation: 'first', lastDelta: 1 });
  });

  it('that became durable while the agent was away are acknowledged when it is back', async () => {
    const first = await (await new RawAgent(analyzer).hello()).picture([]);
    analyzer.store.hold();
    await first.deltas(1, node('a'), node('b'));
    first.wire.end();
    await settle();
    analyzer.store.release();
    await settle();
    const second = await new RawAgent(analyzer).hello({ oldest: 1, newest: 2 });
    expect(second.of('welcome')[0]?.resumeAfter).toBe(2);
    expect(second.acknowledged).toBe(2);
  });

  it('that become durable after a reconnect are acknowledged there', async () => {
    const first = await (await new RawAgent(analyzer).hello()).picture([]);
    analyzer.store.hold();
    await first.deltas(1, node('a'), node('b'));
    first.wire.end();
    const second = await new RawAgent(analyzer).hello({ oldest: 1, newest: 2 });
    expect(second.of('welcome')[0]?.resumeAfter).toBe(2);
    expect(second.acknowledged).toBe(0);
    analyzer.store.release();
    await settle();
    expect(second.acknowledged).toBe(2);
  });

  it('that left a gap lead to a picture, and those under way are skipped', async () => {
    const agent = await (await new RawAgent(analyzer).hello()).picture([node('a')], 1);
    await agent.deltas(5, node('x'));
    await agent.deltas(6, node('y'));
    expect(agent.of('pictureRequest')).toEqual([{ kind: 'pictureRequest', reason: 'GAP' }]);
    expect(analyzer.ids()).toEqual(['a']);
    expect(analyzer.hub.counters).toMatchObject({ gaps: 1, deltasSkipped: 1 });
    await agent.picture([node('a'), node('x'), node('y')], 6);
    await agent.deltas(7, node('z'));
    expect(analyzer.ids()).toEqual(['a', 'x', 'y', 'z']);
    expect(agent.acknowledged).toBe(7);
  });

  it('that the graph rejects are told by number, and the others are taken', async () => {
    const agent = await (await new RawAgent(analyzer).hello()).picture([]);
    await agent.deltas(1, node('a'), { op: 'patch', id: 'nobody', set: [['State', 'UP']] }, node('b'));
    expect(analyzer.ids()).toEqual(['a', 'b']);
    expect(agent.of('refused')).toMatchObject([{ delta: 2, code: 'NOT_FOUND' }]);
    expect(agent.acknowledged).toBe(3);
  });

  it('keep the agent from changing what belongs to another', async () => {
    const one = await (await new RawAgent(analyzer).hello()).picture([node('a')]);
    const two = await (await new RawAgent(analyzer).hello({ origin: 'agent.two', host: 'two' })).picture([]);
    await two.deltas(1, remove('a'));
    expect(analyzer.ids()).toEqual(['a']);
    expect(one.wire.isOpen && two.wire.isOpen).toBe(true);
  });
});

describe('a picture', () => {
  it('becomes differences only', async () => {
    const first = await (await new RawAgent(analyzer).hello()).picture([node('a'), node('b'), node('c'), edge('a', 'b')]);
    expect(analyzer.takeLog()).toEqual(['added a', 'added b', 'added c', 'added a-b']);
    first.wire.end();
    await settle();
    analyzer.takeLog();
    const second = await new RawAgent(analyzer).hello({ incarnation: 'second' });
    await second.picture([node('a'), node('b', { State: 'UP' }), edge('a', 'b'), node('d')]);
    expect(analyzer.takeLog()).toEqual(['removed c', 'updated b', 'added d', 'gapClosed AGENT_LOST']);
  });

  it('may come in pages with more rows for a table', async () => {
    const agent = await new RawAgent(analyzer).hello();
    const stamp = clock.now();
    agent.send({ kind: 'pictureBegin', upTo: 0, reason: 'NEW_ORIGIN', dirtySince: undefined });
    agent.send({ kind: 'picturePage', page: 0, stamp, elements: [{ ...node('a'), tables: { Routes: { x: { Prefix: '10.0.0.0/8' } } } }] });
    agent.send({
      kind: 'picturePage',
      page: 1,
      stamp,
      elements: [{ op: 'rows', id: 'a', table: 'Routes', put: [['y', { Prefix: '0.0.0.0/0' }]] }],
    });
    agent.send({ kind: 'pictureEnd', pages: 2, elements: 2 });
    await settle();
    await clock.advance(1);
    expect([...(analyzer.recorder.graph.node('a')?.tables?.Routes?.entries() ?? [])].map(([key]) => key).sort()).toEqual(['x', 'y']);
  });

  it.each([
    ['a page too few', [0], 2],
    ['pages out of order', [1, 0], 2],
  ])('with %s closes the session', async (_what, pages, claimed) => {
    const agent = await new RawAgent(analyzer).hello();
    agent.send({ kind: 'pictureBegin', upTo: 0, reason: 'NEW_ORIGIN', dirtySince: undefined });
    for (const page of pages) agent.send({ kind: 'picturePage', page, stamp: clock.now(), elements: [node(`n${page}`)] });
    agent.send({ kind: 'pictureEnd', pages: claimed, elements: claimed });
    await settle();
    expect(agent.wire.closeCode).toBe(4400);
    expect(analyzer.ids()).toEqual([]);
  });

  it('of many elements is worked in by parts, and what follows waits', async () => {
    const agent = await new RawAgent(analyzer).hello();
    const many = Array.from({ length: 1_200 }, (_, index) => node(`n${index}`));
    agent.send({ kind: 'pictureBegin', upTo: 7, reason: 'NEW_ORIGIN', dirtySince: undefined });
    agent.send({ kind: 'picturePage', page: 0, stamp: clock.now(), elements: many });
    agent.send({ kind: 'pictureEnd', pages: 1, elements: 1_200 });
    agent.send({ kind: 'deltas', first: 8, stamp: clock.now(), deltas: [remove('n0')] });
    await settle();
    expect(analyzer.ids()).toHaveLength(500);
    await clock.advance(5);
    expect(analyzer.ids()).toHaveLength(1_199);
    expect(agent.acknowledged).toBe(8);
  });
});
