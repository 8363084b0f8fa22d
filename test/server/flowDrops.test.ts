import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { AgentLink } from '../../agent/link/agentLink.js';
import { systemClock } from '../../src/common/clock.js';
import { silentLog } from '../../src/common/log.js';
import { FlowCounts } from '../../src/hub/flowCounts.js';
import { Captured } from '../flowstore/packets.js';
import { http, openRig, type Rig } from './rig.js';
import { PATIENCE } from '../patience.js';

vi.setConfig({ testTimeout: 60_000 });
describe('flows that never arrive', () => {
  let rig: Rig;
  beforeAll(async () => void (rig = await openRig()));
  afterAll(() => rig.close());

  it('are counted by reason where everybody can see them', async () => {
    const link = new AgentLink({
      url: rig.url,
      token: undefined,
      host: 'lossy',
      origin: 'agent.lossy',
      incarnation: 'one',
      software: 'test',
      clock: systemClock,
      log: silentLog,
      picture: () => [],
    });
    // Half a megabyte of ten flows with their packets.
    const captured = new Captured('c', 'node', 'tid', { rawPacketLimit: 10 });
    for (let packet = 0; packet < 100; packet += 1) {
      const call = { from: '10.0.0.1', to: '10.0.0.2', fromPort: 1_000 + (packet % 10), toPort: 443, payload: 5_000 };
      captured.packet(Date.now(), call);
    }
    // Nobody takes them yet: the queue lets the oldest go.
    for (const { kind: _kind, number: _number, dropped: _dropped, ...batch } of captured.stop())
      for (let round = 0; round < 50; round += 1) link.ship({ ...batch, isFinal: false });
    const lost = link.status().droppedFlows.queueFull!;
    expect(lost).toBeGreaterThan(0);
    link.start();
    const flows = async (): Promise<unknown> => {
      const answer = await http.ask(rig.url, { query: '{ agents { id flows { received notStored lost { reason count } } } }' });
      if (answer.errors) throw new Error(JSON.stringify(answer.errors));
      return (answer.data?.agents as { id: string; flows: unknown }[]).find(({ id }) => id === 'agent.lossy')?.flows;
    };
    await vi.waitFor(async () => expect(await flows()).toMatchObject({ lost: [{ reason: 'queueFull', count: lost }] }), PATIENCE);
    await link.close();
  });

  it('are counted once over sessions, and go on after the agent was started anew', () => {
    const counts = new FlowCounts();
    expect(counts.heard('first', { queueFull: 5 })).toEqual([['queueFull', 5]]);
    expect(counts.heard('first', { queueFull: 5 })).toEqual([]);
    expect(counts.heard('first', { queueFull: 7, disconnected: 1 })).toEqual([
      ['queueFull', 2],
      ['disconnected', 1],
    ]);
    expect(counts.heard('second', { queueFull: 1 })).toEqual([['queueFull', 1]]);
    expect(Object.fromEntries(counts.lost)).toEqual({ queueFull: 8, disconnected: 1 });
  });
});
