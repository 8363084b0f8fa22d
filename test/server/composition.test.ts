import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/common/clock.js';
import { configWith } from '../../src/common/config/load.js';
import { silentLog } from '../../src/common/log.js';
import type { Measured } from '../../src/graph/liveGraph.js';
import type { Sample, SampleStore } from '../../src/samples/store.js';
import { keepRetention } from '../../src/server/retention.js';
import { recordSamples } from '../../src/server/samples.js';
import { RawClient } from './rawClient.js';
import { http, openRig, publish } from './rig.js';

describe('measurements', () => {
  it('become samples where they are numbers', () => {
    let tell: (measured: readonly Measured[]) => void = () => undefined;
    const kept: Sample[] = [];
    recordSamples({ onMeasured: (listener) => ((tell = listener), () => undefined) }, {
      append: (samples: readonly Sample[]) => void kept.push(...samples),
    } as SampleStore);
    tell([
      {
        id: 'a',
        at: 5,
        values: [
          ['Metric.RxBytes', 7],
          ['Neighbor.State', 'REACHABLE'],
        ],
      },
      { id: 'b', at: 5, values: [['Neighbor.State', 'STALE']] },
    ]);
    expect(kept).toEqual([{ id: 'a', at: 5, values: { 'Metric.RxBytes': 7 } }]);
  });
});

describe('retention', () => {
  it('drops what is older than it is kept, and goes on when that fails', async () => {
    const DAY = 24 * 3_600_000;
    let prune: () => void = () => undefined;
    const clock = {
      ...systemClock,
      now: () => 100 * DAY,
      after: () => () => undefined,
      every: (_period: number, action: () => void) => ((prune = action), () => undefined),
    };
    const pruned: unknown[] = [];
    const position = { epoch: 1, seq: 9 };
    const history = {
      oldest: () => ({ position: { epoch: 1, seq: 1 }, at: 0 }),
      resolve: (at: number) => Promise.resolve({ position, at }),
      prune: (before: unknown) => Promise.resolve(void pruned.push(before)),
    };
    const samples = { prune: (before: number) => (pruned.push(before), Promise.reject(new Error('away'))) };
    const flows = { prune: (before: number, maxBytes: number) => Promise.resolve(void pruned.push({ before, maxBytes })) };
    const config = configWith();
    keepRetention({ config, history, samples, flows, clock, log: silentLog });
    prune();
    await new Promise((resolve) => setImmediate(resolve));
    const { retention, maxBytes } = config.flows;
    expect(pruned).toEqual([position, 86 * DAY, { before: 100 * DAY - retention, maxBytes }]);
  });
});

describe('stop', () => {
  it('ends subscriptions with 1001 and keeps what was published', async () => {
    let rig = await openRig();
    const client = await RawClient.open(rig.url);
    await client.init();
    client.subscribe('x', 'subscription { topologyChanges { __typename } }');
    await client.until(() => client.next('x').length > 0);
    await publish(rig.url, { nodes: [{ id: 'a', name: 'a', type: 'device' }] });
    rig = await rig.restart();
    await client.until(() => client.closed !== undefined);
    expect(client.closed!.code).toBe(1001);
    expect(await http.ask(rig.url, { query: '{ nodes { nodes { id } } }' })).toEqual({ data: { nodes: { nodes: [{ id: 'a' }] } } });
    await rig.close();
  });

  it('cuts a client that does not answer', async () => {
    const rig = await openRig();
    const client = await RawClient.open(rig.url);
    await client.init();
    client.socket.pause();
    await rig.close();
    client.cut();
  });
});
