import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock, type Cancel } from '../../src/common/clock.js';
import type { JsonObject } from '../../src/common/json.js';
import { writePcap } from '../../src/flow/pcap/writePcap.js';
import type { Inject, InjectionState } from '../../src/protocol/injection.js';
import { udp } from '../flowstore/packets.js';
import { everybody } from '../../src/services/viewer.js';
import { node, openWorld, owns, SteppedClock, type World } from './world.js';

/** Long waits end when the test says so. */
class LongWaits extends SteppedClock {
  private readonly waits = new Map<() => void, number>();

  override after = (ms: number, action: () => void): Cancel => {
    if (ms < 10_000) return systemClock.after(ms, action);
    this.waits.set(action, ms);
    return () => this.waits.delete(action);
  };

  /** Ends the waits of so many milliseconds, at the time at which they end. */
  end(ms: number, isOnTime = false): void {
    if (isOnTime) this.advance(ms);
    for (const [action, wait] of [...this.waits]) if (wait === ms && this.waits.delete(action)) action();
  }
}

const clock = new LongWaits();
let world: World;
beforeAll(async () => {
  world = await openWorld({ clock });
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

const SHOW = `query ($id: ID!) { injection(id: $id) { state sent error trackingId sendings { state sent error trackingId srcIp dstIp node { name } } } }`;
const show = async (id: string): Promise<JsonObject> => (await world.data<{ injection: JsonObject }>(SHOW, { id })).injection;
const asked = (): Inject[] => world.agentPort.sent.flatMap(({ message }) => (message.kind === 'inject' ? [message] : []));
const tell = (id: string, state: InjectionState, sent: number, error?: string): void =>
  world.services.injections.progress({ kind: 'injectProgress', id, node: 'eth0', state, sent, error });

describe('an injection of several nodes', () => {
  it('is one, with flows that can be told apart, and ends with the last', async () => {
    const before = asked().length;
    const input = { src: "G.V().Has('Type', 'veth')", dstIp: '10.0.0.3', dstMac: '02:00:00:00:00:0c', icmpId: 65_535, count: 4 };
    const { id } = await inject(input);
    const sent = asked().slice(before);
    expect(sent).toMatchObject([
      { node: 'eth0', srcIp: '10.0.0.1', icmpId: 65_535, count: 4 },
      { node: 'eth1', srcIp: '10.0.0.2', icmpId: 1, count: 4 },
    ]);
    expect(new Set(sent.map((one) => one.id)).size).toBe(2);
    tell(sent[0]!.id, 'ACTIVE', 2);
    tell(sent[1]!.id, 'DONE', 4);
    expect(await show(id)).toMatchObject({
      state: 'ACTIVE',
      sent: 6,
      sendings: [
        { state: 'ACTIVE', sent: 2 },
        { state: 'DONE', sent: 4 },
      ],
    });
    tell(sent[0]!.id, 'ERROR', 3, 'the interface is gone');
    const { sendings, ...all } = (await show(id)) as { sendings: { trackingId: string }[] };
    expect(all).toMatchObject({ state: 'ERROR', sent: 7, error: 'the interface is gone' });
    expect(new Set(sendings.map(({ trackingId }) => trackingId)).size).toBe(2);
    // What comes after the end changes nothing.
    tell(sent[0]!.id, 'ACTIVE', 9);
    expect(await show(id)).toMatchObject({ state: 'ERROR', sent: 7 });
  });

  it('takes sources from a prefix, a flow each', async () => {
    const { id } = await inject({ srcNode: 'eth0', dstNode: 'eth1', srcIp: '10.9.0.0/24', count: 3 });
    expect(asked().at(-1)).toMatchObject({ srcIp: '10.9.0.0/24', count: 3 });
    expect(await show(id)).toMatchObject({ trackingId: null, sendings: [{ srcIp: '10.9.0.0/24' }] });
    await inject({ srcNode: 'eth0', dstNode: 'eth1', srcIp: '10.9.0.7/24' });
    expect(asked().at(-1)).toMatchObject({ srcIp: '10.9.0.7' });
  });

  it('says of which file its packets are', async () => {
    const frame = udp({ from: '10.0.0.1', to: '10.0.0.2', fromPort: 5_000, toPort: 53 });
    const packet = { bytes: frame, timeMs: 0, nanos: 0, wireLength: frame.length, linkType: 1 };
    const { id } = await inject({ srcNode: 'eth0', pcap: Buffer.from(writePcap([packet, packet], 1)).toString('base64') });
    const said = 'query ($id: ID!) { injection(id: $id) { filePackets count trackingId } }';
    expect(await world.data(said, { id })).toEqual({ injection: { filePackets: 2, count: 0, trackingId: null } });
    expect(asked().at(-1)).not.toHaveProperty('filePackets');
  });

  it('is refused where its packets or its file cannot be', async () => {
    world.write({ op: 'patch', id: 'eth0', set: [['MTU', 1_500]] });
    expect(await refused({ srcNode: 'eth0', dstNode: 'eth1', payload: 'x'.repeat(1_473) })).toMatch(/a packet of 1501 bytes.*at most 1500/);
    expect(await refused({ srcNode: 'eth0', dstNode: 'eth1', incrementPayload: 100, count: 20 })).toMatch(/a packet of 1984 bytes/);
    expect(await refused({ srcNode: 'eth0', dstNode: 'eth1', incrementPayload: -1 })).toMatch(/incrementPayload/);
    expect(await refused({ srcNode: 'eth0', pcap: Buffer.from('no capture file at all, but long enough').toString('base64') })).toMatch(
      /neither pcap nor pcapng/,
    );
    expect(await refused({ srcNode: 'eth0', dstNode: 'eth1', type: 'ICMP4', srcIp: 'fd00::/64' })).toMatch(/an IPv4 address/);
    expect(await refused({ src: "G.V().Has('Type', 'veth')", dstIp: '192.0.2.1' })).toMatch('Failed to resolve destination MAC address');
  });
});

describe('an injection that runs', () => {
  const begin = async (): Promise<string> => (await inject({ srcNode: 'eth0', dstNode: 'eth1', count: 1_000, interval: '1h' })).id;
  const marks = async (): Promise<unknown> =>
    (await world.data<{ node: { metadata: unknown } }>('{ node(id: "eth0") { metadata(path: "PacketInjections") } }')).node.metadata;
  const end = (id: string): void => tell(id, 'DONE', 1_000);

  it('is still known after a start of the analyzer, and goes on being told of', async () => {
    for (const one of asked()) end(one.id);
    const [goesOn, ended] = [await begin(), await begin()];
    tell(ended, 'DONE', 1_000);
    world = await world.restart();
    expect(await show(goesOn)).toMatchObject({ state: 'ACTIVE', sent: 0 });
    expect(await show(ended)).toMatchObject({ state: 'DONE', sent: 1_000 });
    expect(await marks()).toMatchObject([{ ID: goesOn }]);
    world.services.injections.connected('agent.test');
    tell(goesOn, 'ACTIVE', 5);
    clock.end(10_000);
    expect(await show(goesOn)).toMatchObject({ state: 'ACTIVE', sent: 5 });
    await world.data('mutation ($id: ID!) { cancelInjection(id: $id) { injection { id } } }', { id: goesOn });
    expect(world.agentPort.sent.at(-1)?.message).toEqual({ kind: 'injectCancel', id: goesOn });
    tell(goesOn, 'CANCELLED', 6);
    expect(await marks()).toBeNull();
  });

  it('ends where its agent was started anew or stays away', async () => {
    const [lost, away] = [await begin(), await begin()];
    world.services.injections.connected('agent.test');
    tell(away, 'ACTIVE', 1);
    clock.end(10_000);
    expect(await show(lost)).toMatchObject({ state: 'ERROR', error: expect.stringContaining('started anew') as string });
    expect(await show(away)).toMatchObject({ state: 'ACTIVE' });
    world.services.injections.disconnected('agent.test');
    clock.end(60_000);
    expect(await show(away)).toMatchObject({ state: 'ERROR', sent: 1, error: 'the agent went away' });
    expect(await marks()).toBeNull();
  });

  it('ends and is forgotten when its time is up, also after a start of the analyzer', async () => {
    const input = { srcNode: 'eth0', dstNode: 'eth1', count: 1_000, interval: '1h', lifetime: '20s' };
    const { id } = await inject(input);
    expect(await show(id)).toMatchObject({ state: 'ACTIVE' });
    clock.end(20_000, true);
    expect(world.agentPort.sent.at(-1)?.message).toEqual({ kind: 'injectCancel', id });
    expect(await show(id)).toBeNull();
    expect(await marks()).toMatchObject([{ ID: id }]);
    tell(id, 'CANCELLED', 6);
    expect(await marks()).toBeNull();

    const { id: other } = await inject(input);
    tell(other, 'DONE', 1_000);
    expect(await show(other)).toMatchObject({ state: 'DONE' });
    world = await world.restart();
    expect(await show(other)).toMatchObject({ state: 'DONE' });
    clock.end(20_000, true);
    expect(await show(other)).toBeNull();
  });

  it('of another analyzer with the same registry is carried out by that one', async () => {
    const id = await begin();
    const file = join(world.folder, 'analyzer-id');
    const own = readFileSync(file, 'utf8');
    writeFileSync(file, 'another');
    world = await world.restart();
    clock.end(60_000);
    expect(await show(id)).toMatchObject({ state: 'ACTIVE' });
    writeFileSync(file, own);
    world = await world.restart();
    expect(await show(id)).toMatchObject({ state: 'ACTIVE' });
    tell(id, 'DONE', 1_000);
  });

  it('is cancelled when its agent is back', async () => {
    const id = await begin();
    world.agentPort.present.delete('agent.test');
    world.services.injections.disconnected('agent.test');
    await world.data('mutation ($id: ID!) { cancelInjection(id: $id) { injection { id } } }', { id });
    world.agentPort.present.add('agent.test');
    world.services.injections.connected('agent.test');
    expect(world.agentPort.sent.at(-1)?.message).toEqual({ kind: 'injectCancel', id });
    tell(id, 'CANCELLED', 0);
  });
});

it('a file that is none is refused', async () => {
  const viewer = everybody;
  await expect(world.services.flows.importPcap({ viewer }, Buffer.from('no capture file at all, but long enough'))).rejects.toMatchObject({
    code: 'BAD_INPUT',
  });
});

it('a packet of a damaged time costs no other flow its place', async () => {
  const packets = [1_454_659_600_000, Date.parse('2105-01-01T00:00:00Z')].map((timeMs, index) => ({
    bytes: udp({ from: '10.0.0.1', to: '10.0.0.2', fromPort: 6_000 + index, toPort: 99 }),
    timeMs,
    nanos: 0,
    wireLength: 52,
    linkType: 1,
  }));
  expect(await world.services.flows.importPcap({ viewer: everybody }, writePcap(packets, 1))).toEqual({
    format: 'pcap',
    packets: 2,
    flows: 1,
    problem: '1 flows with packets of the year 2100 or later are left out',
  });
});
