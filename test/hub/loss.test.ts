import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isElementChange } from '../../src/graph/change.js';
import { Analyzer, edge, node, RawAgent } from './harness.js';
import { ManualClock, settle } from './manualClock.js';

let clock: ManualClock;
let analyzer: Analyzer;

beforeEach(async () => {
  clock = new ManualClock();
  analyzer = await new Analyzer(clock).start();
});
afterEach(() => analyzer.stop());

const connected = async (): Promise<RawAgent> => (await new RawAgent(analyzer).hello()).picture([node('a'), node('b'), edge('a', 'b')], 1);

describe('an agent that goes away', () => {
  it('opens a gap at once and keeps its elements for the grace period', async () => {
    const agent = await connected();
    analyzer.takeLog();
    agent.wire.end();
    await clock.advance(34_900);
    expect(analyzer.takeLog()).toEqual(['gapOpened AGENT_LOST']);
    expect(analyzer.agent()).toMatchObject({ state: 'LOST', connectedSince: undefined, elements: 3 });
  });

  it('comes back in time: nothing changed but the gap', async () => {
    const agent = await connected();
    agent.wire.end();
    await clock.advance(30_000);
    analyzer.takeLog();
    await new RawAgent(analyzer).hello({ oldest: 1, newest: 1 });
    await clock.advance(60_000);
    expect(analyzer.takeLog()).toEqual(['gapClosed AGENT_LOST']);
    expect(analyzer.ids()).toEqual(['a', 'a-b', 'b']);
  });

  it('stays away: its elements are closed with that reason', async () => {
    const agent = await connected();
    agent.wire.end();
    await clock.advance(35_100);
    const closed = analyzer.changes.filter(isElementChange).filter(({ op }) => op === 'removed');
    expect(closed.map(({ element, reason }) => `${element.id} ${reason}`).sort()).toEqual([
      'a AGENT_LOST',
      'a-b AGENT_LOST',
      'b AGENT_LOST',
    ]);
    expect(analyzer.hub.counters.elementsClosed).toBe(3);
  });

  it('comes back after that: a whole picture is asked for, although the numbers would continue', async () => {
    const agent = await connected();
    agent.wire.end();
    await clock.advance(36_000);
    const again = await new RawAgent(analyzer).hello({ oldest: 1, newest: 1 });
    expect(again.of('welcome')[0]).toMatchObject({ pictureReason: 'CLOSED', resumeAfter: undefined });
    await again.picture([node('a')], 1);
    expect(analyzer.ids()).toEqual(['a']);
  });

  it('falls silent: is found dead after two and a half heartbeats', async () => {
    const agent = await connected();
    agent.wire.stall();
    await clock.advance(24_900);
    expect(analyzer.agent()?.state).toBe('CONNECTED');
    await clock.advance(10_000);
    expect(agent.wire.closeCode).toBe(4408);
    expect(analyzer.agent()?.state).toBe('LOST');
  });
});

describe('the analyzer starts again', () => {
  it('waits for the agents it knew, and closes those that stay away', async () => {
    await connected();
    await analyzer.crash();
    analyzer.takeLog();
    await analyzer.start();
    expect(analyzer.agent()).toMatchObject({ state: 'LOST', elements: 3, lastSeen: undefined });
    await clock.advance(34_000);
    expect(analyzer.ids()).toHaveLength(3);
    await clock.advance(2_000);
    expect(analyzer.ids()).toEqual([]);
  });

  it('lets an agent go on from what was on disk', async () => {
    const agent = await connected();
    await agent.deltas(2, node('c'));
    analyzer.store.hold();
    await agent.deltas(3, node('d'));
    await analyzer.crash();
    await analyzer.start();
    expect(analyzer.ids()).toEqual(['a', 'a-b', 'b', 'c']);
    const again = await new RawAgent(analyzer).hello({ oldest: 3, newest: 3 });
    expect(again.of('welcome')[0]?.resumeAfter).toBe(2);
    await again.deltas(3, node('d'));
    expect(analyzer.ids()).toEqual(['a', 'a-b', 'b', 'c', 'd']);
  });

  it('does not touch origins that no agent ever wrote', async () => {
    await analyzer.recorder.record({ origin: 'script', deltas: [node('s')] }).durable;
    await analyzer.crash();
    await analyzer.start();
    await clock.advance(60_000);
    expect(analyzer.ids()).toEqual(['s']);
    expect(analyzer.hub.agents()).toEqual([]);
  });
});

describe('coverage', () => {
  it('has a gap from the first dropped delta until the picture is worked in', async () => {
    const agent = await connected();
    analyzer.takeLog();
    const since = clock.now() - 500;
    agent.send({ kind: 'pictureBegin', upTo: 9, reason: 'DIRTY', dirtySince: since });
    await settle();
    expect(analyzer.agent()?.state).toBe('DIRTY');
    expect(analyzer.changes).toMatchObject([{ op: 'gapOpened', reason: 'AGENT_DIRTY', since, origin: 'agent.one' }]);
    agent.send({ kind: 'picturePage', page: 0, stamp: clock.now(), elements: [node('a'), node('b'), edge('a', 'b')] });
    agent.send({ kind: 'pictureEnd', pages: 1, elements: 3 });
    await settle();
    expect(analyzer.takeLog()).toEqual(['gapOpened AGENT_DIRTY', 'gapClosed AGENT_DIRTY']);
    expect(analyzer.agent()?.state).toBe('CONNECTED');
  });

  it('has a gap while a probe is down', async () => {
    const agent = await connected();
    const probe = {
      name: 'netlink',
      reason: 'no socket',
      missing: ['NET_ADMIN'],
      events: 4,
      restarts: 1,
      busyMs: 2.5,
      busyPercent: 0.25,
      eventsPerSecond: 3,
    };
    analyzer.takeLog();
    for (const state of ['STARTING', 'RUNNING', 'FAILED', 'STARTING', 'DEGRADED'] as const) {
      agent.send({ kind: 'status', probes: [{ ...probe, state }] });
      await settle();
    }
    expect(analyzer.changes).toMatchObject([
      { op: 'gapOpened', reason: 'PROBE_DOWN', probe: 'netlink' },
      { op: 'gapClosed', reason: 'PROBE_DOWN', probe: 'netlink' },
    ]);
    expect(analyzer.agent()?.probes).toEqual([{ ...probe, state: 'DEGRADED' }]);
  });

  it('closes the gap of a probe that is no longer there', async () => {
    const agent = await connected();
    analyzer.takeLog();
    const probe = { name: 'x', state: 'FAILED', reason: 'gone', missing: [], events: 0, restarts: 0 } as const;
    agent.send({ kind: 'status', probes: [{ ...probe, busyMs: 0, busyPercent: 0, eventsPerSecond: 0 }] });
    agent.send({ kind: 'status', probes: [] });
    await settle();
    expect(analyzer.takeLog()).toEqual(['gapOpened PROBE_DOWN', 'gapClosed PROBE_DOWN']);
  });
});

it('tells listeners when an agent comes, speaks of its probes, and goes', async () => {
  let told = 0;
  const cancel = analyzer.hub.onAgents(() => (told += 1));
  const agent = await new RawAgent(analyzer).hello();
  const afterHello = told;
  agent.send({ kind: 'status', probes: [] });
  await settle();
  const afterStatus = told;
  agent.wire.end();
  await settle();
  expect([afterHello > 0, afterStatus > afterHello, told > afterStatus]).toEqual([true, true, true]);
  cancel();
  const last = told;
  await new RawAgent(analyzer).hello();
  expect(told).toBe(last);
});
