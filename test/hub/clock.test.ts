import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ClockEstimate } from '../../src/hub/clockEstimate.js';
import { Analyzer, node, RawAgent } from './harness.js';
import { ManualClock, settle } from './manualClock.js';

describe('the estimate of a clock', () => {
  it('holds the truth within its error, whatever the delays', () => {
    const exchange = fc.record({ there: fc.integer({ min: 0, max: 500 }), back: fc.integer({ min: 0, max: 500 }) });
    fc.assert(
      fc.property(fc.integer({ min: -1e9, max: 1e9 }), fc.array(exchange, { minLength: 1, maxLength: 30 }), (truth, exchanges) => {
        const estimate = new ClockEstimate();
        let now = 0;
        for (const { there, back } of exchanges) {
          estimate.add(now, now + there + truth, now + there + truth + 1, now + there + 1 + back);
          now += 10_000;
          expect(Math.abs(estimate.offset - truth)).toBeLessThanOrEqual(estimate.error as number);
        }
        const least = Math.min(...exchanges.slice(-8).map(({ there, back }) => there + back));
        expect(estimate.error).toBe(least / 2 + 1);
      }),
    );
  });

  it('forgets what it knew when a sample contradicts it: a clock was set', () => {
    const estimate = new ClockEstimate();
    estimate.add(0, 5, 5, 10);
    estimate.add(100, 4_000, 4_000, 200);
    expect(estimate.offset).toBe(3_850);
    expect(estimate.error).toBe(51);
  });
});

describe('stamps of an agent', () => {
  let clock: ManualClock;
  let analyzer: Analyzer;
  beforeEach(async () => {
    clock = new ManualClock();
    analyzer = await new Analyzer(clock).start();
  });
  afterEach(() => analyzer.stop());

  const observed = (id: string): number | undefined => analyzer.recorder.graph.node(id)?.observedCreatedAt;
  const ahead = async (ms: number): Promise<RawAgent> => {
    const agent = new RawAgent(analyzer);
    agent.clockAhead = ms;
    return (await agent.hello()).picture([]);
  };

  it('are corrected from the first delta on', async () => {
    const agent = await ahead(-90_000);
    const happened = clock.now();
    await agent.deltas(1, node('a'));
    expect(observed('a')).toBe(happened);
    expect(analyzer.agent()).toMatchObject({ offsetMs: -90_000, errorMs: 1 });
  });

  it('are never later than the analyzer took them', async () => {
    const agent = await ahead(0);
    agent.clockAhead = 60_000;
    await agent.deltas(1, node('a'));
    expect(observed('a')).toBe(analyzer.recorder.graph.node('a')?.createdAt);
  });

  it('follow a clock that was set, when the agent says so, without waiting for a heartbeat', async () => {
    const agent = await ahead(1_000);
    agent.clockAhead = -7_000;
    agent.send({ kind: 'clockStep', shiftMs: -8_000 });
    const happened = clock.now();
    await agent.deltas(1, node('a'));
    expect(observed('a')).toBe(happened);
  });

  it('follow a clock that was set in silence, from the next heartbeat on', async () => {
    const agent = await ahead(1_000);
    agent.clockAhead = -7_000;
    await clock.advance(10_001);
    await agent.deltas(1, node('a'));
    expect(analyzer.agent()?.offsetMs).toBe(-7_000);
    expect(observed('a')).toBe(clock.now());
  });

  it('stay right when the clock of the analyzer is set between a heartbeat and its answer', async () => {
    const agent = await ahead(2_000);
    agent.clockAhead = undefined;
    await clock.advance(10_000);
    const beat = agent.of('heartbeat').at(-1);
    clock.step(-3_600_000);
    await clock.advance(20);
    const at = (beat?.sentAt ?? 0) + 10 + 2_000;
    agent.send({ kind: 'heartbeatReply', number: beat?.number ?? 0, receivedAt: at, sentAt: at });
    await settle();
    expect(analyzer.agent()?.offsetMs).toBe(2_000);
  });

  it('ignore an answer to no question', async () => {
    const agent = await ahead(2_000);
    agent.send({ kind: 'heartbeatReply', number: 77, receivedAt: 0, sentAt: 0 });
    await settle();
    expect(analyzer.agent()?.offsetMs).toBe(2_000);
  });
});
