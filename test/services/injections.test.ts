import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/common/json.js';
import { writePcap } from '../../src/flow/pcap/writePcap.js';
import { udp } from '../flowstore/packets.js';
import { everybody } from '../../src/services/viewer.js';
import { node, openWorld, owns, type World } from './world.js';

let world: World;
beforeAll(async () => {
  world = await openWorld();
  world.write(
    node('host', 'host', { Name: 'web-1' }),
    node('eth0', 'veth', { Name: 'eth0', MAC: '02:00:00:00:00:0a', IPV4: ['10.0.0.1/24'], IPV6: ['fd00::1/64'], EncapType: 'ether' }),
    node('eth1', 'veth', { Name: 'eth1', MAC: '02:00:00:00:00:0b', IPV4: ['10.0.0.2/24'], IPV6: ['fd00::2/64'] }),
    owns('host', 'eth0'),
    owns('host', 'eth1'),
  );
});
afterAll(() => world.close());

const INJECT =
  'mutation ($input: InjectPacketsInput!) { injectPackets(input: $input) { injection { id type state trackingId srcIp dstIp count node { name } } } }';

const inject = async (input: JsonObject): Promise<{ id: string; trackingId: string }> =>
  (await world.data<{ injectPackets: { injection: { id: string; trackingId: string } } }>(INJECT, { input })).injectPackets.injection;

const refused = async (input: JsonObject): Promise<string> => String((await world.ask(INJECT, { input })).errors?.[0]?.message);

describe('an injection', () => {
  it('reaches the agent with everything found on the nodes, and says how it goes on', async () => {
    const { id, trackingId } = await inject({ src: "G.V().Has('Name', 'eth0')", dstNode: 'eth1', count: 5, interval: '10ms' });
    expect(world.agentPort.sent.at(-1)?.message).toMatchObject({
      kind: 'inject',
      id,
      node: 'eth0',
      type: 'icmp4',
      srcIp: '10.0.0.1',
      dstIp: '10.0.0.2',
      srcMac: '02:00:00:00:00:0a',
      dstMac: '02:00:00:00:00:0b',
      icmpId: 1,
      count: 5,
      intervalMs: 10,
      ttl: 64,
    });
    expect(trackingId).toMatch(/^[0-9a-f]+$/);
    const ask = (): Promise<JsonObject> =>
      world.data(`{ injection(id: "${id}") { state sent } node(id: "eth0") { metadata(path: "PacketInjections") } }`);
    world.services.injections.progress({ kind: 'injectProgress', id, node: 'eth0', state: 'ACTIVE', sent: 3, error: undefined });
    expect(await ask()).toMatchObject({
      injection: { state: 'ACTIVE', sent: 3 },
      node: { metadata: [{ ID: id, PacketCount: 3, Type: 'icmp4' }] },
    });
    world.services.injections.progress({ kind: 'injectProgress', id, node: 'eth0', state: 'DONE', sent: 5, error: undefined });
    expect(await ask()).toEqual({ injection: { state: 'DONE', sent: 5 }, node: { metadata: null } });
  });

  it('says the id of the flow that its packets become', async () => {
    const { trackingId } = await inject({ srcNode: 'eth0', dstNode: 'eth1', type: 'UDP4', srcPort: 5_000, dstPort: 53 });
    const file = writePcap(
      [
        {
          bytes: udp({ from: '10.0.0.1', to: '10.0.0.2', fromPort: 5_000, toPort: 53 }),
          timeMs: 1_454_659_514_000,
          nanos: 0,
          wireLength: 52,
          linkType: 1,
        },
      ],
      1,
    );
    const imported = await world.services.flows.importPcap({ viewer: everybody }, file);
    expect(imported).toEqual({ format: 'pcap', packets: 1, flows: 1, problem: undefined });
    const query = 'G.Context(1454659514).Flows()';
    const { gremlin } = await world.data<{ gremlin: { json: JsonObject[] } }>(
      'query ($query: String!) { gremlin(query: $query) { json } }',
      { query },
    );
    expect(gremlin.json).toMatchObject([{ TrackingID: trackingId, Metric: { ABPackets: 1, ABBytes: 52 } }]);
  });

  it('is refused with the reason', async () => {
    expect(await refused({ src: "G.V().Has('Name', 'none')" })).toMatch("Not able to find a source node for 'G.V()");
    expect(await refused({ srcNode: 'host', dstIp: '10.0.0.9' })).toMatch('No source IP in node');
    expect(await refused({ srcNode: 'eth0' })).toMatch('No destination node and IP');
    expect(await refused({ srcNode: 'eth0', dstNode: 'host' })).toMatch('No destination IP in node');
    expect(await refused({ srcNode: 'eth0', dstIp: '192.0.2.1' })).toMatch('Failed to resolve destination MAC address');
    expect(await refused({ srcNode: 'eth0', dstNode: 'eth1', type: 'ICMP6', dstIp: '10.0.0.2' })).toMatch('an IPv6 address');
    world.agentPort.present.clear();
    expect(await refused({ srcNode: 'eth0', dstNode: 'eth1' })).toMatch('is not connected');
    world.agentPort.present.add('agent.test');
  });

  it('can be ended', async () => {
    const { id } = await inject({ srcNode: 'eth0', dstNode: 'eth1', type: 'ICMP6', count: 1_000_000, interval: '1s' });
    await world.data('mutation ($id: ID!) { cancelInjection(id: $id) { injection { id } } }', { id });
    expect(world.agentPort.sent.at(-1)?.message).toEqual({ kind: 'injectCancel', id });
  });
});

it('a file that is none is refused', async () => {
  const viewer = everybody;
  await expect(world.services.flows.importPcap({ viewer }, Buffer.from('no capture file at all, but long enough'))).rejects.toMatchObject({
    code: 'BAD_INPUT',
  });
});
