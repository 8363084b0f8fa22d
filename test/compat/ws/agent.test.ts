import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { systemClock, type Clock } from '../../../src/common/clock.js';
import { configWith } from '../../../src/common/config/load.js';
import { silentLog } from '../../../src/common/log.js';
import { startAnalyzer } from '../../../src/server/analyzer.js';
import { openRig } from '../../server/rig.js';
import { eventually } from '../asking.js';
import { withClients } from './clients.js';
import { connectAgent, element, hostGraph } from './oldAgent.js';
import { Peer } from './peer.js';

const clients = withClients({ config: { 'grace.agentLost': 2_000 } });
const { keep, gremlin } = clients;

const agent = async (host: string): Promise<Peer> => keep(await connectAgent(clients.url, host));

describe('an old agent', () => {
  it('brings its graph; counters are measured, and make no revisions', async () => {
    const one = await agent('old-1');
    one.send('Sync', hostGraph('old-1'));
    await eventually(async () => (await gremlin("G.V().Has('@Origin', 'agent.old-1').Count()")) === 2);
    one.send('NodePartiallyUpdated', {
      ID: 'old-1-eth0',
      Revision: 2,
      UpdatedAt: Date.now(),
      Ops: [
        { Type: 1, Key: 'Metric', Value: { RxBytes: 99 } },
        { Type: 1, Key: 'LastUpdateMetric', Value: { RxBytes: 89, Start: 1, Last: 2 } },
      ],
    });
    await eventually(async () => JSON.stringify(await gremlin("G.V('old-1-eth0').Values('Metric.RxBytes')")) === '[99]');
    expect(await gremlin("G.V('old-1-eth0').Values('@Revision')")).toEqual([1]);
    one.send('NodeUpdated', element('old-1-eth0', 'old-1', { Type: 'device', Name: 'eth0', State: 'DOWN' }, { Revision: 3 }));
    await eventually(async () => JSON.stringify(await gremlin("G.V('old-1-eth0').Values('State')")) === '["DOWN"]');
    const status = (await (await fetch(`${clients.url}/api/status`)).json()) as { Agents: Record<string, object> };
    expect(status.Agents['old-1']).toMatchObject({ ServiceType: 'agent', ClientProtocol: 'protobuf', IsConnected: true });
  });

  it('comes back without a scar, and is gone some time after it went', async () => {
    const first = await agent('old-2');
    first.send('Sync', hostGraph('old-2'));
    await eventually(async () => (await gremlin("G.V('old-2-eth0').Count()").catch(() => 0)) === 1);
    first.close();
    const second = await agent('old-2');
    second.send('Sync', hostGraph('old-2'));
    second.send('NodeAdded', element('old-2-eth1', 'old-2', { Type: 'device', Name: 'eth1' }));
    await eventually(async () => (await gremlin("G.V().Has('@Origin', 'agent.old-2').Count()")) === 3);
    expect(await gremlin("G.V('old-2-eth0').Values('@Revision')")).toEqual([1]);
    second.close();
    await eventually(async () => (await gremlin("G.V().Has('@Origin', 'agent.old-2').Count()")) === 0);
  });

  it('that comes back with less has less, and what stayed keeps its times and revisions', async () => {
    const gremlinOf = async (query: string): Promise<string> => JSON.stringify(await gremlin(query));
    const first = await agent('old-3');
    const whole = hostGraph('old-3');
    const extra = element(
      'old-3-eth1',
      'old-3',
      { Type: 'device', Name: 'eth1' },
      { CreatedAt: 1_700_000_000_500, UpdatedAt: 1_700_000_900_000, Revision: 7 },
    );
    first.send('Sync', { Nodes: [...whole.Nodes, extra], Edges: whole.Edges });
    await eventually(async () => (await gremlin("G.V().Has('@Origin', 'agent.old-3').Count()")) === 3);
    // When the thing appeared there, and not when it was heard of here.
    expect(await gremlinOf("G.V('old-3-eth1').ValueMap('@CreatedAt', '@UpdatedAt')")).toBe(
      '[{"@CreatedAt":1700000000500,"@UpdatedAt":1700000900000}]',
    );
    first.close();
    const second = await agent('old-3');
    const [host] = whole.Nodes as [object];
    second.send('Sync', { Nodes: [host, extra], Edges: null });
    await eventually(async () => (await gremlin("G.V().Has('@Origin', 'agent.old-3').Count()")) === 2);
    expect(await gremlin("G.E().Has('@Origin', 'agent.old-3').Count()")).toBe(0);
    expect(await gremlin("G.V('old-3-eth1').Values('@Revision')")).toEqual([1]);
    // It goes on counting from what it said in its picture.
    second.send('NodeUpdated', element('old-3-eth1', 'old-3', { Type: 'device', Name: 'eth1', State: 'OLD' }, { Revision: 7 }));
    second.send('NodeUpdated', element('old-3-eth1', 'old-3', { Type: 'device', Name: 'eth1', State: 'UP' }, { Revision: 8 }));
    await eventually(async () => (await gremlinOf("G.V('old-3-eth1').Values('State')")) === '["UP"]');
    expect(await gremlin("G.V('old-3-eth1').Values('@Revision')")).toEqual([2]);
  });

  it('that is there when the analyzer stops is waited for no more', async () => {
    const graceMs = 123_456;
    let waiting = 0;
    const clock: Clock = {
      ...systemClock,
      after(delayMs, action) {
        const cancel = systemClock.after(delayMs, action);
        if (delayMs !== graceMs) return cancel;
        waiting++;
        return () => {
          waiting--;
          cancel();
        };
      },
    };
    const dataDir = mkdtempSync(join(tmpdir(), 'canopy-old-agent-'));
    const config = configWith({ listen: '127.0.0.1:0', dataDir, 'grace.agentLost': graceMs });
    const analyzer = await startAnalyzer(config, { clock, log: silentLog });
    try {
      const peer = await connectAgent(analyzer.url, 'old-5');
      peer.close();
      await eventually(() => Promise.resolve(waiting === 1));
      await connectAgent(analyzer.url, 'old-5');
      await eventually(() => Promise.resolve(waiting === 0));
    } finally {
      await analyzer.stop();
      rmSync(dataDir, { recursive: true, force: true });
    }
    expect(waiting).toBe(0);
  });

  it('may not come twice, nor without a token where agents need one', async () => {
    const headers = { 'X-Host-ID': 'old-4', 'X-Client-Type': 'agent' };
    await agent('old-4');
    await expect(Peer.connect(clients.url, '/ws/agent/topology', { headers })).rejects.toThrow('refused with 409');
    const guarded = await openRig({ config: { 'tokens.agents': ['secret'] } });
    try {
      const open = (headers: Record<string, string>) =>
        Peer.connect(guarded.url, '/ws/agent/topology', { headers: { 'X-Client-Type': 'agent', ...headers } }).then((peer) => peer.close());
      await expect(open({})).rejects.toThrow('refused with 401');
      await open({ 'X-Auth-Token': 'secret' });
    } finally {
      await guarded.close();
    }
  });
});
