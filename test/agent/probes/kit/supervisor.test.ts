import { describe, expect, it } from 'vitest';
import { AgentGraph } from '../../../../agent/probes/kit/agentGraph.js';
import type { Health, ProbeContext, ProbeDefinition } from '../../../../agent/probes/kit/probe.js';
import { ProbeSupervisor } from '../../../../agent/probes/kit/supervisor.js';
import { silentLog } from '../../../../src/common/log.js';
import { SteppedClock } from '../../steppedClock.js';

const definition = (name: string, create: ProbeDefinition['create'], needs: ProbeDefinition['needs'] = []): ProbeDefinition => ({
  name,
  summary: '',
  needsLinux: false,
  needs,
  keys: [],
  create,
});

function supervise(definitions: readonly ProbeDefinition[], clock: SteppedClock) {
  const graph = new AgentGraph('host', () => undefined);
  const states: string[] = [];
  const supervisor: ProbeSupervisor = new ProbeSupervisor(definitions, {
    clock,
    log: silentLog,
    effective: new Set(),
    contextFor: () => ({ clock }) as unknown as ProbeContext,
    writerFor: ({ name }) => graph.writer(name),
    changed: () =>
      states.push(
        supervisor
          .status()
          .map(({ state }) => state)
          .join(),
      ),
  });
  return { supervisor, states };
}

describe('probes under supervision', () => {
  it('fail alone, say why, and are started again', async () => {
    const clock = new SteppedClock();
    let attempts = 0;
    const flaky = definition('flaky', () => ({
      start() {
        if (++attempts < 3) throw new Error(`attempt ${attempts}`);
      },
      stop: () => undefined,
    }));
    const steady = definition('steady', () => ({ start: () => undefined, stop: () => undefined }));
    const { supervisor } = supervise([flaky, steady], clock);
    await supervisor.start();
    expect(supervisor.status()).toMatchObject([{ state: 'FAILED', reason: 'attempt 1', restarts: 0 }, { state: 'RUNNING' }]);
    await clock.step(3_000);
    expect(supervisor.status()).toMatchObject([{ state: 'FAILED', reason: 'attempt 2', restarts: 1 }, { state: 'RUNNING' }]);
    await clock.step(3_000);
    expect(supervisor.status()).toMatchObject([{ state: 'RUNNING', reason: undefined, restarts: 2 }, { state: 'RUNNING' }]);
  });

  it('say later how they fare; what an earlier run still says is not heard', async () => {
    const clock = new SteppedClock();
    const healths: Health[] = [];
    const stopped: number[] = [];
    const probe = definition('probe', ({ health }) => {
      const run = healths.push(health);
      return { start: () => undefined, stop: () => void stopped.push(run) };
    });
    const { supervisor, states } = supervise([probe], clock);
    await supervisor.start();
    healths[0]!.heard(5);
    healths[0]!.degraded('half blind');
    expect(supervisor.status()).toMatchObject([{ state: 'DEGRADED', reason: 'half blind', events: 5 }]);
    healths[0]!.ok('listening on eth0, 0 frames in 60 s');
    expect(supervisor.status()).toMatchObject([{ state: 'RUNNING', reason: 'listening on eth0, 0 frames in 60 s' }]);
    healths[0]!.ok('listening on eth0, 0 frames in 60 s');
    healths[0]!.failed(new Error('gone'));
    expect(supervisor.status()).toMatchObject([{ state: 'FAILED', reason: 'gone' }]);
    await clock.step(0);
    await clock.step(3_000);
    expect(stopped).toEqual([1]);
    healths[0]!.failed(new Error('again'));
    expect(supervisor.status()).toMatchObject([{ state: 'RUNNING', restarts: 1 }]);
    expect(states).toEqual(['RUNNING', 'DEGRADED', 'RUNNING', 'FAILED', 'STARTING', 'RUNNING']);
  });

  it('cost what they keep the thread busy with and hear, over the last minute', async () => {
    const clock = new SteppedClock();
    const healths: Health[] = [];
    const busy = definition('busy', ({ health, clock: own }) => {
      healths.push(health);
      const work = (): void => {
        const until = performance.now() + 5;
        while (performance.now() < until);
        health.heard(6);
      };
      return { start: () => void own.every(10_000, work), stop: () => undefined };
    });
    const idle = definition('idle', () => ({ start: () => undefined, stop: () => undefined }));
    const { supervisor } = supervise([busy, idle], clock);
    await supervisor.start();
    for (let second = 0; second < 60; second += 10) await clock.step(10_000);
    const [one, other] = supervisor.status();
    expect(one).toMatchObject({ events: 36, eventsPerSecond: 0.6 });
    expect(one!.busyMs).toBeGreaterThanOrEqual(30);
    expect(one!.busyPercent).toBeGreaterThanOrEqual(0.05);
    expect(other).toMatchObject({ events: 0, eventsPerSecond: 0 });
    expect(other!.busyPercent).toBeLessThan(one!.busyPercent);
    // What was an hour ago does not count any more.
    healths[0]!.heard(1_000_000);
    for (let minute = 0; minute < 3; minute++) await clock.step(60_000);
    expect(supervisor.status()[0]!.eventsPerSecond).toBeLessThan(1);
  });

  it('may say more than the wire takes', async () => {
    const probe = definition('probe', ({ health }) => ({ start: () => health.degraded('x'.repeat(5_000)), stop: () => undefined }));
    const { supervisor } = supervise([probe], new SteppedClock());
    await supervisor.start();
    expect(supervisor.status()[0]!.reason).toHaveLength(1_024);
  });

  it('fail when a timer of theirs throws', async () => {
    const clock = new SteppedClock();
    const probe = definition('probe', (context) => ({
      start: () =>
        void context.clock.after(100, () => {
          throw new Error('in a timer');
        }),
      stop: () => undefined,
    }));
    const { supervisor } = supervise([probe], clock);
    await supervisor.start();
    await clock.step(100);
    expect(supervisor.status()).toMatchObject([{ state: 'FAILED', reason: 'in a timer' }]);
  });

  it('hold up nobody when they do not come to an end of starting or stopping', async () => {
    const clock = new SteppedClock();
    let finish: () => void = () => undefined;
    const slow = definition('slow', () => ({
      start: () => new Promise((resolve) => (finish = resolve)),
      stop: () => new Promise(() => undefined),
    }));
    const { supervisor } = supervise([slow, definition('steady', () => ({ start: () => undefined, stop: () => undefined }))], clock);
    const started = supervisor.start();
    await clock.step(10_000);
    await started;
    expect(supervisor.status()).toMatchObject([
      { state: 'STARTING', reason: 'it has not started within 10 s; the others go on' },
      { state: 'RUNNING', reason: undefined },
    ]);
    finish();
    await clock.step(0);
    expect(supervisor.status()).toMatchObject([{ state: 'RUNNING', reason: undefined }, {}]);
    const stopped = supervisor.stop();
    await clock.step(0);
    await clock.step(1_000);
    await stopped;
    expect(supervisor.status().map(({ state }) => state)).toEqual(['STOPPED', 'STOPPED']);
  });

  it('fail once for whatever they throw at once', async () => {
    const clock = new SteppedClock();
    let starts = 0;
    const probe = definition('probe', ({ health }) => ({
      start() {
        starts++;
        health.failed(new Error('first'));
        throw new Error('second');
      },
      stop: () => undefined,
    }));
    const { supervisor } = supervise([probe], clock);
    await supervisor.start();
    supervisor.failed('probe', new Error('third'));
    expect(supervisor.status()).toMatchObject([{ state: 'FAILED', reason: 'first' }]);
    await clock.step(3_000);
    expect(starts).toBe(2);
  });

  it('are all stopped, also when one cannot, and none is started again afterwards', async () => {
    const clock = new SteppedClock();
    let starts = 0;
    const stubborn = definition('stubborn', () => ({ start: () => void starts++, stop: () => Promise.reject(new Error('no')) }));
    const failing = definition('failing', () => ({
      start() {
        starts++;
        throw new Error('never');
      },
      stop: () => undefined,
    }));
    const { supervisor } = supervise([stubborn, failing], clock);
    await supervisor.start();
    await supervisor.stop();
    await clock.step(10_000);
    expect(starts).toBe(2);
    expect(supervisor.status().map(({ state }) => state)).toEqual(['STOPPED', 'STOPPED']);
  });

  it('name the capabilities that they would need', () => {
    const needy = definition('needy', () => ({ start: () => undefined, stop: () => undefined }), [
      { capability: 'SYS_ADMIN', allows: 'a' },
      { capability: 'SYS_ADMIN', allows: 'b' },
      { capability: 'NET_RAW', allows: 'c' },
    ]);
    expect(supervise([needy], new SteppedClock()).supervisor.status()).toMatchObject([{ missing: ['SYS_ADMIN', 'NET_RAW'] }]);
  });
});
