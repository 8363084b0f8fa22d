import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MAX_MESSAGE_BYTES } from '../../src/protocol/limits.js';
import { Analyzer, LinkedAgent, node, edge, remove } from '../hub/harness.js';
import { ManualClock, settle } from '../hub/manualClock.js';

let clock: ManualClock;
let analyzer: Analyzer;
const hub = () => (analyzer.isUp ? analyzer.hub : undefined);

beforeEach(async () => {
  clock = new ManualClock();
  analyzer = await new Analyzer(clock).start();
});
afterEach(() => analyzer.stop());

/** An agent that is connected and has nothing left to say. */
async function connected(options = {}): Promise<LinkedAgent> {
  const agent = new LinkedAgent(clock, hub, options);
  agent.say(node('a'));
  agent.link.start();
  await clock.advance(10);
  analyzer.takeLog();
  return agent;
}

describe('publishing', () => {
  it('sends the first delta after a quiet moment at once, and collects those that follow', async () => {
    const agent = await connected();
    await clock.advance(1_000);
    const messages = () => analyzer.hub.counters.messages.get('deltas') ?? 0;
    const before = messages();
    agent.say(node('b'));
    await settle();
    expect(analyzer.ids()).toEqual(['a', 'b']);
    agent.say(node('c'));
    agent.say(node('d'));
    await settle();
    expect(analyzer.ids()).toEqual(['a', 'b']);
    await clock.advance(4);
    expect(analyzer.ids()).toEqual(['a', 'b', 'c', 'd']);
    expect(messages() - before).toBe(2);
  });

  it('keeps the instant of each publish', async () => {
    const agent = await connected();
    await clock.advance(1_000);
    agent.say(node('b'));
    const second = clock.now() + 1;
    await clock.advance(1);
    agent.say(node('c'));
    await clock.advance(1);
    agent.say(node('d'));
    await clock.advance(5);
    const { graph } = analyzer.recorder;
    expect(graph.node('c')?.observedCreatedAt).toBe(second);
    expect(graph.node('d')?.observedCreatedAt).toBe(second + 1);
  });

  it('forgets what is acknowledged', async () => {
    const agent = await connected();
    analyzer.store.hold();
    agent.say(node('b'));
    await settle();
    expect(agent.link.status()).toMatchObject({ state: 'LIVE', published: 2, acknowledged: 1 });
    expect(agent.link.status().keptBytes).toBeGreaterThan(0);
    analyzer.store.release();
    await settle();
    expect(agent.link.status()).toMatchObject({ published: 2, acknowledged: 2, keptBytes: 0 });
  });

  it('counts as on its way what the analyzer has not worked in, durable or not', async () => {
    const agent = await connected();
    expect(agent.link.onTheWay).toBe(0);
    analyzer.store.hold();
    agent.say(node('b'));
    await clock.advance(10);
    expect(agent.link.onTheWay).toBeGreaterThan(0);
    agent.say(node('c'));
    await clock.advance(10);
    // The first write ends, the second one waits.
    analyzer.store.release();
    analyzer.store.hold();
    await settle();
    expect(agent.link.status()).toMatchObject({ published: 3, acknowledged: 2 });
    expect(agent.link.status().keptBytes).toBeGreaterThan(0);
    expect(agent.link.onTheWay).toBe(0);
    analyzer.store.release();
    await settle();
    expect(agent.link.status()).toMatchObject({ acknowledged: 3, keptBytes: 0 });
    agent.wire.end();
    agent.say(node('d'));
    await settle();
    expect(agent.link.onTheWay).toBe(0);
  });

  it('cuts what is too large for a message into rows', async () => {
    const agent = await connected();
    const rows = Object.fromEntries(
      Array.from({ length: 30_000 }, (_, index) => [`10.${index}`, { Prefix: 'x'.repeat(150), IfIndex: index }]),
    );
    agent.say({ ...node('r'), tables: { Routes: rows } });
    await clock.advance(20);
    expect(analyzer.recorder.graph.node('r')?.tables?.Routes?.size).toBe(30_000);
    expect(analyzer.hub.counters.messages.get('deltas')).toBeGreaterThan(1);
  });

  it('leaves out an element that no message can hold, and says so', async () => {
    const agent = await connected();
    agent.say(node('big', Object.fromEntries(Array.from({ length: 20 }, (_, key) => [`k${key}`, 'x'.repeat(MAX_MESSAGE_BYTES / 18)]))));
    agent.say(node('b'));
    await clock.advance(10);
    expect(analyzer.ids()).toEqual(['a', 'b']);
    expect(agent.link.status()).toMatchObject({ tooLarge: 1, acknowledged: 2, published: 2 });
  });
});

describe('a lost connection', () => {
  it('is made again, and goes on where it stopped', async () => {
    const agent = await connected();
    agent.wire.end();
    await settle();
    agent.say(node('b'), remove('a'));
    expect(agent.link.status().state).toBe('WAITING');
    await clock.advance(500);
    expect(analyzer.takeLog()).toEqual(['gapOpened AGENT_LOST', 'added b', 'removed a', 'gapClosed AGENT_LOST']);
    expect(agent.link.status()).toMatchObject({ state: 'LIVE', pictures: 1 });
  });

  it('is noticed when the analyzer falls silent', async () => {
    const agent = await connected();
    agent.wire.stall();
    await clock.advance(20_000);
    expect(agent.link.status().state).toBe('LIVE');
    await clock.advance(12_000);
    expect(agent.wires.length).toBeGreaterThan(1);
    expect(agent.link.status().state).toBe('LIVE');
  });

  it('is tried again with growing pauses, and told once', async () => {
    const warnings: string[] = [];
    const log = {
      debug: () => undefined,
      info: () => undefined,
      error: () => undefined,
      warn: (_: object, text: string) => void warnings.push(text),
      child: () => log,
    };
    await analyzer.crash();
    const agent = new LinkedAgent(clock, hub, { log });
    agent.link.start();
    await clock.advance(2_000);
    const early = agent.wires.length;
    await clock.advance(60_000);
    expect(early).toBeGreaterThan(2);
    expect(agent.wires.length - early).toBeLessThan(8);
    expect(warnings).toEqual(['nothing listens']);
    expect(agent.link.status().lastError).toBe('nothing listens');
    await analyzer.start();
    await clock.advance(20_000);
    expect(agent.link.status()).toMatchObject({ state: 'LIVE', lastError: undefined });
  });
});

describe('too much to keep', () => {
  it('is dropped; a picture follows, and the gap is known', async () => {
    const agent = await connected({ limits: { keptBytes: 5_000 } });
    agent.wire.end();
    await settle();
    const since = clock.now();
    for (let index = 0; index < 200; index += 1) agent.say(node(`n${index}`), ...(index > 0 ? [remove(`n${index - 1}`)] : []));
    await clock.advance(100);
    expect(agent.link.status()).toMatchObject({ state: 'WAITING', dirtySince: expect.any(Number) as number });
    expect(agent.link.status().droppedDeltas).toBeGreaterThan(0);
    await clock.advance(1_000);
    expect(analyzer.ids()).toEqual(['a', 'n199']);
    expect(agent.link.status()).toMatchObject({ state: 'LIVE', dirtySince: undefined, keptBytes: 0 });
    const log = analyzer.takeLog();
    expect(log).toEqual(['gapOpened AGENT_LOST', 'gapOpened AGENT_DIRTY', 'added n199', 'gapClosed AGENT_LOST', 'gapClosed AGENT_DIRTY']);
    expect(since).toBeLessThanOrEqual(clock.now());
  });

  it('while connected leads to a picture without a new connection', async () => {
    const agent = await connected({ limits: { keptBytes: 5_000 } });
    analyzer.store.hold();
    for (let index = 0; index < 100; index += 1) agent.say(node(`n${index}`));
    await clock.advance(50);
    for (let index = 100; index < 200; index += 1) agent.say(node(`n${index}`));
    await clock.advance(50);
    analyzer.store.release();
    await clock.advance(50);
    expect(analyzer.ids()).toHaveLength(201);
    expect(agent.wires).toHaveLength(1);
    expect(agent.link.status()).toMatchObject({ dirtySince: undefined, acknowledged: 201 });
  });
});

describe('the analyzer starts again', () => {
  it.each([['with what it had'], ['with an empty folder']])('%s: no element is removed and added again', async (how) => {
    const agent = await connected();
    agent.say(node('b'), edge('a', 'b'));
    await clock.advance(10);
    analyzer.takeLog();
    await analyzer.crash();
    agent.say(node('c'));
    if (how === 'with an empty folder') analyzer.store = new (analyzer.store.constructor as new () => typeof analyzer.store)();
    await analyzer.start();
    await clock.advance(2_000);
    expect(analyzer.ids()).toEqual(['a', 'a-b', 'b', 'c']);
    expect(analyzer.takeLog().filter((line) => line.startsWith('removed'))).toEqual([]);
  });
});

describe('an agent that starts again', () => {
  it('with the same ids leaves no scar', async () => {
    const first = await connected();
    first.say(node('b'), edge('a', 'b'));
    await clock.advance(10);
    analyzer.takeLog();
    await first.link.close();
    const second = new LinkedAgent(clock, hub, { incarnation: 'second' });
    second.say(node('a'), node('b'), edge('a', 'b'));
    second.link.start();
    await clock.advance(50);
    expect(analyzer.takeLog()).toEqual(['gapOpened AGENT_LOST', 'gapClosed AGENT_LOST']);
  });
});

describe('closing', () => {
  it('sends what is left and waits for its acknowledgement', async () => {
    const agent = await connected();
    agent.say(node('b'));
    agent.say(node('c'));
    const closed = agent.link.close();
    await clock.advance(1);
    await closed;
    expect(analyzer.ids()).toEqual(['a', 'b', 'c']);
    expect(agent.link.status()).toMatchObject({ state: 'STOPPED', acknowledged: 3 });
  });

  it('waits no longer than a second', async () => {
    const agent = await connected();
    analyzer.store.hold();
    agent.say(node('b'));
    let isClosed = false;
    const closed = agent.link.close().then(() => (isClosed = true));
    await clock.advance(900);
    expect(isClosed).toBe(false);
    await clock.advance(200);
    await closed;
    expect(agent.link.status()).toMatchObject({ state: 'STOPPED', acknowledged: 1 });
  });

  it('stops attempts to connect', async () => {
    await analyzer.crash();
    const agent = new LinkedAgent(clock, hub);
    agent.link.start();
    await clock.advance(100);
    await agent.link.close();
    const attempts = agent.wires.length;
    await clock.advance(60_000);
    expect(agent.wires).toHaveLength(attempts);
    await analyzer.start();
  });
});

describe('what else the analyzer hears', () => {
  it('the state of the probes, after each connect and when it changes', async () => {
    const agent = await connected();
    const probe = { name: 'netns', reason: undefined, missing: [], events: 1, restarts: 0, busyMs: 0, busyPercent: 0, eventsPerSecond: 0 };
    agent.link.setProbes([{ ...probe, state: 'RUNNING' }]);
    await settle();
    expect(analyzer.agent()?.probes).toEqual([{ ...probe, state: 'RUNNING' }]);
    await analyzer.crash();
    await analyzer.start();
    await clock.advance(1_000);
    expect(analyzer.agent()?.probes).toEqual([{ ...probe, state: 'RUNNING' }]);
  });

  it('that the clock was set, before the next delta', async () => {
    const agentClock = new ManualClock(clock.now());
    const agent = new LinkedAgent(agentClock, hub);
    agent.link.start();
    await settle();
    expect(analyzer.agent()?.offsetMs).toBe(0);
    agentClock.step(-500_000);
    await agentClock.advance(10);
    await clock.advance(10);
    agent.say(node('b'));
    await settle();
    expect(analyzer.agent()?.offsetMs).toBe(-500_000);
    expect(analyzer.recorder.graph.node('b')?.observedCreatedAt).toBe(clock.now());
  });

  it('after a message that it refused, a picture without the bad element', async () => {
    const agent = await connected();
    let deep: Record<string, unknown> = {};
    for (let level = 0; level < 20; level += 1) deep = { deep };
    agent.say({ ...node('bad'), metadata: { Name: 'bad', deep } as never });
    agent.say(node('b'));
    await clock.advance(10);
    expect(agent.wires[0]?.closeReason).toContain('deltas[0].metadata.deep.deep');
    await clock.advance(30_000);
    expect(agent.link.status()).toMatchObject({ state: 'LIVE', dirtySince: undefined, unsound: 1 });
    expect(analyzer.ids()).toEqual(['a', 'b']);
    agent.say({ ...node('bad'), metadata: { Name: 'bad', deep } as never }, node('c'));
    await clock.advance(10);
    expect(analyzer.ids()).toEqual(['a', 'b', 'c']);
  });
});
