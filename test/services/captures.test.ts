import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { JsonObject } from '../../src/common/json.js';
import type { CaptureActivity, CaptureTasks } from '../../src/protocol/capture.js';
import { node, openWorld, owns, remove, type World } from './world.js';
import { PATIENCE } from '../patience.js';

const CREATE = `mutation ($input: CreateCaptureInput!) { createCapture(input: $input) { capture { id gremlin bpf type headerSize layerKeyMode samplingRate } } }`;

let world: World;
beforeEach(async () => {
  world = await openWorld();
  world.write(node('host', 'host', { Name: 'web-1' }), node('eth0', 'device', { Name: 'eth0', TID: 't-eth0' }), owns('host', 'eth0'));
});
afterEach(() => world.close());

const create = async (input: JsonObject): Promise<string> =>
  (await world.data<{ createCapture: { capture: { id: string } } }>(CREATE, { input })).createCapture.capture.id;

/** What the agent has been told to run, as `capture node`. */
function running(): string[] {
  const tasks = new Set<string>();
  for (const { message } of world.agentPort.sent) {
    if (message.kind !== 'captureTasks') continue;
    if (message.isWhole) tasks.clear();
    for (const { capture, node } of message.stop) tasks.delete(`${capture} ${node}`);
    for (const { capture, node } of message.start) tasks.add(`${capture} ${node}`);
  }
  return [...tasks].sort();
}

const activity = (capture: string, nodeId: string, more: Partial<CaptureActivity> = {}): CaptureActivity => ({
  capture,
  node: nodeId,
  state: 'ACTIVE',
  error: undefined,
  type: 'afpacket',
  packetsReceived: 0,
  packetsDropped: 0,
  packetsIfDropped: 0,
  flows: 0,
  drops: {},
  pcapSocket: undefined,
  sflowSocket: undefined,
  mirrorOf: undefined,
  facts: {},
  ...more,
});

describe('a capture', () => {
  it.each([
    ['typed filter', { nodes: { type: { eq: 'device' } } }],
    ['Gremlin string', { gremlin: "G.V().Has('Type', 'device')" }],
    ['path', { gremlin: "G.V().Has('Type', 'host').ShortestPathTo(Metadata('Type', 'device'))" }],
  ])('by %s follows the nodes that match', async (_by, input) => {
    const id = await create(input);
    await vi.waitFor(() => expect(running()).toEqual([`${id} eth0`]), PATIENCE);
    world.write(node('eth1', 'device', { Name: 'eth1' }), owns('host', 'eth1'));
    if (_by !== 'path') await vi.waitFor(() => expect(running()).toEqual([`${id} eth0`, `${id} eth1`]), PATIENCE);
    world.write(remove('eth0'), remove('eth1'));
    await vi.waitFor(() => expect(running()).toEqual([]), PATIENCE);
  });

  it('ends on a node that is renamed away, and begins on one that is renamed to match', async () => {
    const id = await create({ gremlin: "G.V().Has('Name', 'eth0')" });
    await vi.waitFor(() => expect(running()).toEqual([`${id} eth0`]), PATIENCE);
    world.write({ op: 'patch', id: 'eth0', set: [['Name', 'uplink']] });
    await vi.waitFor(() => expect(running()).toEqual([]), PATIENCE);
    world.write({ op: 'patch', id: 'eth0', set: [['Name', 'eth0']] });
    await vi.waitFor(() => expect(running()).toEqual([`${id} eth0`]), PATIENCE);
  });

  it('reaches its agent with all options and defaults', async () => {
    const id = await create({
      nodes: { name: { eq: 'eth0' } },
      bpf: ' tcp port 80 ',
      type: 'PCAP',
      extraLayers: ['DNS', 'DHCPV4'],
      layerKeyMode: 'L3',
      rawPacketLimit: 10,
      pollingInterval: '5s',
    });
    await vi.waitFor(() => expect(running()).toHaveLength(1), PATIENCE);
    const { captures } = world.agentPort.sent.at(-1)!.message as CaptureTasks;
    expect(captures).toEqual([
      {
        id,
        type: 'pcap',
        bpf: 'tcp port 80',
        headerSize: 256,
        rawPacketLimit: 10,
        extraTcpMetric: false,
        ipDefrag: false,
        reassembleTcp: false,
        layerKeyMode: 'L3',
        extraLayers: ['DNS', 'DHCPv4'],
        samplingRate: 1,
        pollingIntervalMs: 5_000,
        port: 0,
        target: '',
        targetType: 'local',
      },
    ]);
  });

  it('has on its node the type that was asked for', async () => {
    const id = await create({ nodes: { name: { eq: 'eth0' } }, type: 'PCAP' });
    await vi.waitFor(() => expect(running()).toHaveLength(1), PATIENCE);
    world.services.captures.captureStates('agent.test', [activity(id, 'eth0', { type: 'pcap' })]);
    expect((await world.data<{ node: unknown }>('{ node(id: "eth0") { metadata(path: "Captures") } }')).node).toMatchObject({
      metadata: [{ ID: id, Type: 'pcap' }],
    });
  });

  it('is told whole to an agent that comes back', async () => {
    const id = await create({ nodes: { name: { eq: 'eth0' } } });
    await vi.waitFor(() => expect(running()).toEqual([`${id} eth0`]), PATIENCE);
    world.services.captures.connected('agent.test');
    expect(world.agentPort.sent.at(-1)?.message).toMatchObject({ isWhole: true, start: [{ capture: id, node: 'eth0' }] });
    world.services.captures.connected('agent.other');
    expect(running()).toEqual([`${id} eth0`]);
  });

  it('is on its node with state, error and counters, and goes with it', async () => {
    const id = await create({ nodes: { name: { eq: 'eth0' } }, name: 'mine', bpf: 'udp' });
    await vi.waitFor(() => expect(running()).toHaveLength(1), PATIENCE);
    const ask = (): Promise<{ node: { metadata: unknown; captures: unknown } }> =>
      world.data(
        `{ node(id: "eth0") { metadata(path: "Captures") captures { captureId state error type packetsReceived flows drops { reason count } capture { name } node { name } } } }`,
      );
    world.services.captures.captureStates('agent.test', [activity(id, 'eth0', { packetsReceived: 5, drops: { malformed: 2 }, flows: 3 })]);
    expect(await ask()).toEqual({
      node: {
        metadata: [
          {
            ID: id,
            State: 'active',
            Name: 'mine',
            BPFFilter: 'udp',
            PacketsReceived: 5,
            PacketsDropped: 0,
            PacketsIfDropped: 0,
          },
        ],
        captures: [
          {
            captureId: id,
            state: 'ACTIVE',
            error: null,
            type: 'AFPACKET',
            packetsReceived: 5,
            flows: 3,
            drops: [{ reason: 'malformed', count: 2 }],
            capture: { name: 'mine' },
            node: { name: 'eth0' },
          },
        ],
      },
    });
    const { revision } = world.recorder.graph.element('eth0')!;
    world.services.captures.captureStates('agent.test', [activity(id, 'eth0', { packetsReceived: 9 })]);
    expect(world.recorder.graph.element('eth0')!.revision).toBe(revision);
    expect(await ask()).toMatchObject({ node: { metadata: [{ PacketsReceived: 9 }] } });
    const found = async (query: string): Promise<unknown> =>
      (await world.data<{ gremlin: { json: unknown } }>('query ($query: String!) { gremlin(query: $query) { json } }', { query })).gremlin
        .json;
    expect(await found(`G.V().Has('Captures.ID', '${id}').Count()`)).toBe(1);
    expect(await found("G.V().Has('Captures.PacketsReceived', Gt(8)).Count()")).toBe(1);

    world.services.captures.captureStates('agent.test', [activity(id, 'eth0', { state: 'ERROR', error: 'no such device' })]);
    expect(await ask()).toMatchObject({
      node: { metadata: [{ State: 'error', Error: 'no such device' }], captures: [{ state: 'ERROR' }] },
    });

    const before = world.clock.advance(1_000);
    world.clock.advance(1_000);
    await world.data('mutation ($id: ID!) { deleteCapture(id: $id) { capture { id } } }', { id });
    expect(running()).toEqual([]);
    expect(await ask()).toEqual({ node: { metadata: null, captures: [] } });
    const past = await world.data<{ node: unknown }>(
      'query ($at: DateTime!) { node(id: "eth0", at: $at) { captures { state error type } } }',
      {
        at: before,
      },
    );
    expect(past.node).toEqual({ captures: [{ state: 'ERROR', error: 'no such device', type: 'AFPACKET' }] });
  });

  it('survives a restart, and what ended meanwhile is no longer on nodes', async () => {
    const kept = await create({ nodes: { name: { eq: 'eth0' } }, bpf: 'tcp' });
    const ended = await create({ nodes: { name: { eq: 'eth0' } }, bpf: 'udp', ttl: '1s' });
    await vi.waitFor(() => expect(running()).toHaveLength(2), PATIENCE);
    world.services.captures.captureStates('agent.test', [activity(kept, 'eth0'), activity(ended, 'eth0')]);
    world.clock.advance(5_000);
    world = await world.restart();
    await vi.waitFor(() => expect(running()).toEqual([`${kept} eth0`]), PATIENCE);
    const { captures } = await world.data<{ captures: { nodes: unknown[] } }>(
      '{ captures { nodes { id bpf activities { state node { name } } } } }',
    );
    expect(captures.nodes).toEqual([{ id: kept, bpf: 'tcp', activities: [{ state: 'STARTING', node: { name: 'eth0' } }] }]);
    const { node: eth0 } = await world.data<{ node: { captures: { captureId: string }[] } }>(
      '{ node(id: "eth0") { captures { captureId } } }',
    );
    expect(eth0.captures.map(({ captureId }) => captureId)).toEqual([kept]);
  });

  it('is kept for a node that somebody published, which refuses nothing', async () => {
    const nodes = [{ id: 'rack', name: 'rack', type: 'host' }];
    await world.data('mutation ($input: PublishTopologyInput!) { publishTopology(input: $input) { cursor } }', {
      input: { origin: 'racks', nodes },
    });
    await create({ nodes: { name: { eq: 'rack' } } });
    expect(running()).toEqual([]);
  });

  it('is refused with the reason', async () => {
    const refused = async (input: JsonObject): Promise<string> => {
      const { errors } = await world.ask(CREATE, { input });
      return `${String(errors?.[0]?.extensions?.code ?? (errors?.[0]?.originalError as { code?: string } | undefined)?.code)} ${String(errors?.[0]?.message)}`;
    };
    world.write(node('br', 'ovsbridge', { Name: 'br' }));
    expect(await refused({})).toMatch(/either nodes .* or gremlin/);
    expect(await refused({ nodes: {}, gremlin: 'G.V()' })).toMatch(/either nodes .* or gremlin/);
    expect(await refused({ gremlin: 'G.V().Count()' })).toMatch(/finds nodes or paths/);
    expect(await refused({ gremlin: 'G.V(' })).toMatch(/right parenthesis/);
    expect(await refused({ gremlin: 'G.V()', rawPacketLimit: 11 })).toMatch(
      /rawPacketLimit: 11 is not valid; give a whole number from 0 to 10/,
    );
    expect(await refused({ gremlin: 'G.V()', headerSize: 13 })).toMatch(/headerSize/);
    for (const target of ['nowhere', 'collector:2055', '192.0.2.1', '192.0.2.1:0', '192.0.2.1:99999', '2001:db8::1', '[192.0.2.1]:5'])
      expect(await refused({ gremlin: 'G.V()', target, targetType: 'NETFLOWV5' })).toMatch(/target: .* an address and a port/);
    expect(await refused({ gremlin: 'G.V()', target: 'mirror', targetType: 'ERSPANV1' })).toMatch(/target: .* an address, such as/);
    expect(await refused({ gremlin: 'G.V()', target: '192.0.2.1:2055', targetType: 'NETFLOWV5', type: 'SFLOW' })).toMatch(
      /doesn't support the target netflowv5/,
    );
    expect(await refused({ gremlin: 'G.V()', type: 'EBPF', rawPacketLimit: 1 })).toMatch(/ebpf capture doesn't support raw packet capture/);
    expect(await refused({ nodes: { name: { eq: 'web-1' } } })).toMatch(/nothing can be captured on a host/);
    expect(await refused({ nodes: { name: { eq: 'br' } }, type: 'AFPACKET' })).toMatch(
      /afpacket is not possible on a ovsbridge; possible there: ovssflow, pcapsocket, ovsnetflow/,
    );
    world.services.captures.abilities('agent.test', {
      kind: 'abilities',
      allowsCapture: true,
      allowsInjection: true,
      captures: [{ type: 'pcap', impossible: 'the package cap is not installed' }],
      ringBytes: 0,
      ringBytesUsed: 0,
    });
    expect(await refused({ nodes: { name: { eq: 'eth0' } }, type: 'PCAP' })).toMatch(
      /the package cap is not installed; possible there: afpacket, pcapsocket,/,
    );
    const id = await create({ nodes: { name: { eq: 'eth0' } }, type: 'SFLOW' });
    expect(await refused({ nodes: { name: { eq: 'eth0' } }, type: 'SFLOW', bpf: 'tcp' })).toContain(id);
    await create({ nodes: { name: { eq: 'eth0' } }, bpf: 'tcp' });
    expect(await refused({ nodes: { name: { eq: 'eth0' } }, bpf: 'tcp' })).toMatch(/same nodes with the same filter/);
    await create({ nodes: { name: { eq: 'eth0' } }, bpf: 'udp' });
  });

  it('is shown before it is made: where it would run, where not and why, and what it would double', async () => {
    world.write(node('br', 'ovsbridge', { Name: 'br' }), node('veth0', 'veth', { Name: 'veth0' }), owns('host', 'veth0'));
    const preview = async (input: JsonObject): Promise<unknown> =>
      (
        await world.data<{ capturePreview: unknown }>(
          'query ($input: CreateCaptureInput!) { capturePreview(input: $input) { total nodes { node { name } type impossible isConnected } duplicateOf { id } } }',
          { input },
        )
      ).capturePreview;
    const abilities = async (id: string): Promise<unknown> =>
      (await world.data<{ node: { captureAbilities: unknown } }>(`{ node(id: "${id}") { captureAbilities { type impossible } } }`)).node
        .captureAbilities;
    expect(await abilities('eth0')).toBeNull();
    world.services.captures.abilities('agent.test', {
      kind: 'abilities',
      allowsCapture: true,
      allowsInjection: true,
      captures: [{ type: 'pcap', impossible: 'libpcap is not there' }],
      ringBytes: 0,
      ringBytesUsed: 0,
      mostHeaderSize: 256,
      mostRawPackets: 2,
    });
    const all = { gremlin: "G.V().Has('Name', Within('eth0', 'br', 'web-1'))", type: 'PCAP' };
    expect(await preview(all)).toMatchObject({
      total: 3,
      nodes: expect.arrayContaining([
        {
          node: { name: 'eth0' },
          type: 'PCAP',
          impossible:
            'pcap is not possible at agent.test: libpcap is not there; possible there: afpacket, pcapsocket, sflow, netflow, ebpf',
          isConnected: true,
        },
        {
          node: { name: 'br' },
          type: 'PCAP',
          impossible: 'pcap is not possible on a ovsbridge; possible there: ovssflow, pcapsocket, ovsnetflow',
          isConnected: true,
        },
        { node: { name: 'web-1' }, type: 'PCAP', impossible: 'nothing can be captured on a host', isConnected: true },
      ]) as unknown,
      duplicateOf: null,
    });
    const tooMuch = 'agent.test lets 2 packets of a flow be kept (agent.capture.rawPackets), not 5';
    const greedy = { nodes: { name: { eq: 'veth0' } }, rawPacketLimit: 5 };
    expect(await preview(greedy)).toMatchObject({ nodes: [{ type: 'AFPACKET', impossible: tooMuch }] });
    expect((await world.ask(CREATE, { input: greedy })).errors?.[0]?.message).toBe(tooMuch);
    // Two on one host cannot have one port; one that asks for none is given another.
    const streams = await create({ nodes: { name: { eq: 'eth0' } }, type: 'PCAPSOCKET', port: 8_100 });
    await vi.waitFor(() => expect(running()).toContain(`${streams} eth0`), PATIENCE);
    world.services.captures.captureStates('agent.test', [activity(streams, 'eth0', { type: 'pcapsocket', pcapSocket: '127.0.0.1:8100' })]);
    const stream = { nodes: { name: { eq: 'veth0' } }, type: 'PCAPSOCKET' };
    const taken = `port 8100 (TCP) is taken there by capture ${streams} on eth0; give another port, or none for a free one`;
    expect(await preview({ ...stream, port: 8_100 })).toMatchObject({ nodes: [{ impossible: taken }] });
    expect(await preview({ ...stream, port: 8_101 })).toMatchObject({ nodes: [{ impossible: null }] });
    expect(await preview(stream)).toMatchObject({ nodes: [{ impossible: null }] });
    const collectors = { nodes: { name: { in: ['veth0', 'eth0'] } }, type: 'SFLOW', port: 6_343 };
    expect(await preview(collectors)).toMatchObject({
      nodes: expect.arrayContaining([
        expect.objectContaining({ impossible: null }),
        expect.objectContaining({
          impossible: expect.stringMatching(/^port 6343 \(UDP\) is taken there by the same capture on/) as unknown,
        }),
      ]) as unknown,
    });
    await world.data(`mutation { deleteCapture(id: "${streams}") { capture { id } } }`);
    const id = await create({ nodes: { name: { eq: 'veth0' } } });
    expect(await preview({ nodes: { name: { eq: 'veth0' } } })).toEqual({
      total: 1,
      nodes: [{ node: { name: 'veth0' }, type: 'AFPACKET', impossible: null, isConnected: true }],
      duplicateOf: { id },
    });
    expect(await preview({ nodes: { name: { eq: 'nobody' } } })).toEqual({ total: 0, nodes: [], duplicateOf: null });
    const { captures } = await world.data<{ captures: { nodes: object[] } }>('{ captures { nodes { id } } }');
    expect(captures.nodes).toEqual([{ id }]);
    expect(await abilities('host')).toEqual([]);
    expect(await abilities('veth0')).toEqual([
      { type: 'AFPACKET', impossible: null },
      { type: 'PCAP', impossible: 'libpcap is not there' },
      ...['PCAPSOCKET', 'SFLOW', 'NETFLOW', 'EBPF'].map((type) => ({ type, impossible: null })),
    ]);
    const host = {
      kind: 'abilities',
      allowsCapture: true,
      allowsInjection: true,
      captures: [],
      ringBytes: 4_194_304,
      ringBytesUsed: 2_097_152,
    } as const;
    const three = { nodes: { name: { in: ['eth0', 'veth0', 'veth1'] } }, bpf: 'tcp' };
    const reasons = async (): Promise<unknown> =>
      ((await preview(three)) as { nodes: { impossible: string | null }[] }).nodes.map(({ impossible }) => impossible).sort();
    world.write(node('veth1', 'veth', { Name: 'veth1' }));
    world.services.captures.abilities('agent.test', { ...host, mostCaptures: 2 });
    const noPlace = 'agent.test lets 2 captures run at once (agent.capture.most), and has 2';
    await vi.waitFor(async () => expect(await reasons()).toEqual([noPlace, noPlace, null]), PATIENCE);
    world.services.captures.abilities('agent.test', { ...host, mostCaptures: 100 });
    const noMemory = 'the memory of agent.test for packet rings is used up: 4194304 of 4194304 bytes are taken (agent.capture.ringMemory)';
    expect(await reasons()).toEqual([null, noMemory, noMemory]);
  });

  it('follows nodes that come and go, however the graph storms', async () => {
    const id = await create({ gremlin: "G.V().Has('Name', Regex('tap.*'))" });
    // Looks are spaced: what comes after one waits for the next.
    for (let round = 0; round < 20; round += 1) {
      world.write(node(`tap${round}`, 'tun', { Name: `tap${round}` }));
      if (round >= 10) world.write(remove(`tap${round - 10}`));
      await new Promise((resume) => setImmediate(resume));
    }
    await vi.waitFor(() => expect(running()).toEqual(Array.from({ length: 10 }, (_, index) => `${id} tap${index + 10}`).sort()), PATIENCE);
  });
});
