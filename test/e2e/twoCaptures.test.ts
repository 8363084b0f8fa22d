import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { describeWith, program, root } from '../needs.js';
import { PATIENCE } from '../patience.js';
import { Cable, RIGHT } from './cable.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const PORT = 40_077;

describeWith([root, program('ip'), program('unshare'), program('nsenter')], 'two captures on one node', () => {
  let cable: Cable;
  beforeAll(async () => void (cable = await Cable.lay()));
  afterAll(() => cable?.close());

  interface Found {
    readonly flows: {
      readonly nodes: readonly { readonly id: string; readonly trackingId: string; readonly capture: { readonly id: string } }[];
    };
  }
  const flowsOf = async (id: string, time: string) =>
    (
      await cable.data<Found>(
        `{ flows(filter: {capture: "${id}", address: {eq: "${RIGHT}"}, port: {eq: ${PORT}}}${time}) { nodes { id trackingId capture { id } } } }`,
      )
    ).flows.nodes;

  it('each have the flow that both saw from its beginning, now and in the store', async () => {
    const all = await cable.capture({ gremlin: cable.left, rawPacketLimit: 2 }, 1);
    const some = await cable.capture({ gremlin: cable.left, bpf: 'udp', rawPacketLimit: 2 }, 1);
    cable.datagrams(PORT, 1);
    for (const time of ['', ', between: {from: "-1h"}']) {
      await vi.waitFor(async () => {
        const found = [...(await flowsOf(all, time)), ...(await flowsOf(some, time))];
        expect(found.map(({ capture }) => capture.id)).toEqual([all, some]);
        expect(new Set(found.map(({ trackingId }) => trackingId)).size).toBe(1);
        expect(new Set(found.map(({ id }) => id)).size).toBe(2);
      }, PATIENCE);
    }
  });
});
