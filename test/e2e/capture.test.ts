import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { run } from '../../src/cli/run.js';
import { readPcap } from '../../src/flow/pcap/readPcap.js';
import { Lab } from '../agent/lab.js';
import { recordTerminal } from '../cli/terminal.js';
import { describeWith, program, root } from '../needs.js';
import { http, openRig, type Rig } from '../server/rig.js';
import { PATIENCE } from '../patience.js';

// A kernel, threads and two sides: slow on a machine that does other things too.
vi.setConfig({ testTimeout: 120_000 });
describeWith([root, program('ip'), program('unshare'), program('nsenter')], 'a capture from the question to the packets', () => {
  let lab: Lab;
  let rig: Rig;
  beforeEach(async () => {
    rig = await openRig();
    lab = new Lab();
    lab.analyzer = rig.url;
    for (const [name, other] of [
      ['left', 'right'],
      ['right', 'left'],
    ] as const) {
      lab.addNamespace(name);
      if (name === 'left') continue;
      lab.ipIn('left', `link add cable type veth peer name cable netns ${lab.path('right')}`);
      lab.ipIn(other, 'address add 10.66.0.1/24 dev cable');
      lab.ipIn(name, 'address add 10.66.0.2/24 dev cable');
      for (const end of ['left', 'right']) lab.ipIn(end, 'link set cable up');
    }
    await lab.agent();
  });
  afterEach(async () => {
    await lab.close();
    await rig.close();
  });

  const data = async <T>(query: string, variables: Record<string, unknown> = {}): Promise<T> => {
    const { data: answer, errors } = await http.ask(rig.url, { query, variables });
    if (errors) throw new Error(errors[0]!.message);
    return answer as T;
  };
  const gremlin = async (query: string): Promise<unknown> =>
    (await data<{ gremlin: { json: unknown } }>('query ($query: String!) { gremlin(query: $query) { json } }', { query })).gremlin.json;

  it('starts on the node, counts what is injected, answers live, from the store and as a file, survives a restart, and ends', async () => {
    await vi.waitFor(async () => expect(await gremlin("G.V().Has('Name', 'cable', 'State', 'UP').Count()")).toBe(2), PATIENCE);
    const cable = "G.V().Has('Name', 'cable')";
    const { createCapture } = await data<{ createCapture: { capture: { id: string } } }>(
      'mutation ($input: CreateCaptureInput!) { createCapture(input: $input) { capture { id } } }',
      { input: { gremlin: cable, bpf: 'icmp', rawPacketLimit: 5, headerSize: 64 } },
    );
    const { id } = createCapture.capture;
    await vi.waitFor(
      async () => expect(await gremlin(`G.V().Has('Captures.ID', '${id}', 'Captures.State', 'active').Count()`)).toBe(2),
      PATIENCE,
    );

    const { injectPackets } = await data<{ injectPackets: { injection: { trackingId: string } } }>(
      'mutation ($input: InjectPacketsInput!) { injectPackets(input: $input) { injection { trackingId } } }',
      { input: { src: `${cable}.Has('IPV4', '10.66.0.1/24')`, dst: `${cable}.Has('IPV4', '10.66.0.2/24')`, count: 5 } },
    );
    const { trackingId } = injectPackets.injection;
    const FLOWS = `query ($trackingId: ID!, $between: TimeRange) { flows(filter: {trackingId: [$trackingId]}, between: $between) {
      source totalCount nodes { id application total { abPackets baPackets rttNanos } a { node { name metadata(path: "IPV4") } } captureNode { name } } } }`;
    interface Found {
      readonly flows: { readonly source: string; readonly totalCount: number; readonly nodes: readonly { readonly id: string }[] };
    }
    await vi.waitFor(async () => {
      const { flows } = await data<Found>(FLOWS, { trackingId });
      expect(flows).toMatchObject({ source: 'LIVE', totalCount: 2 });
      // The kernel of the other namespace answers each of them.
      for (const flow of flows.nodes) {
        expect(flow).toMatchObject({
          application: 'ICMPv4',
          total: { abPackets: 5, baPackets: 5, rttNanos: expect.any(Number) as number },
          a: { node: { name: 'cable', metadata: ['10.66.0.1/24'] } },
          captureNode: { name: 'cable' },
        });
      }
    }, PATIENCE);

    const captured = `G.V().Has('Captures.PacketsReceived', Gt(9)).Count()`;
    await vi.waitFor(async () => expect(await gremlin(captured)).toBe(2), PATIENCE);
    await vi.waitFor(
      async () =>
        expect((await data<Found>(FLOWS, { trackingId, between: { from: '-10m' } })).flows).toMatchObject({
          source: 'STORE',
          totalCount: 2,
        }),
      PATIENCE,
    );
    const [flow] = (await data<Found>(FLOWS, { trackingId })).flows.nodes;
    const file = await fetch(`${rig.url}/flows/${flow!.id}/packets.pcapng`);
    expect(file.status).toBe(200);
    expect(Buffer.from(await file.arrayBuffer()).readUInt32LE(0)).toBe(0x0a0d0d0a);
    // All packets of the capture in one file: five of each of the two flows, in their order, each with its interface.
    const whole = await fetch(`${rig.url}/captures/${id}/packets.pcapng?from=-1h`);
    expect(whole.status).toBe(200);
    const times: number[] = [];
    const bytes = Buffer.from(await whole.arrayBuffer());
    expect(readPcap(bytes, { packet: (_bytes, _offset, _captured, _wire, timeMs) => void times.push(timeMs) })).toMatchObject({
      packets: 10,
    });
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(bytes.toString('latin1')).toContain('cable of ');
    const path = join(lab.folder, 'whole.pcapng');
    expect(await run(['capture', 'get', id, '--pcapng', path, '--analyzer', rig.url], recordTerminal())).toBe(0);
    expect(readFileSync(path).equals(bytes)).toBe(true);
    const refused = await fetch(`${rig.url}/captures/${id}/packets.pcapng?from=soon`);
    expect([refused.status, await refused.text()]).toEqual([400, expect.stringContaining('from: ')]);
    expect((await fetch(`${rig.url}/captures/nobody/packets.pcapng`)).status).toBe(404);
    const raw = await fetch(`${rig.url}/api/topology`, {
      method: 'POST',
      headers: { accept: 'application/vnd.tcpdump.pcap' },
      body: JSON.stringify({ GremlinQuery: `G.At('-1s', 600).Flows().Has('TrackingID', '${trackingId}').RawPackets()` }),
    });
    const records = Buffer.from(await raw.arrayBuffer());
    expect(records.readUInt32LE(0)).toBe(0xa1b2c3d4);
    // The first record says what was kept, and how long the packet was.
    expect([records.readUInt32LE(24 + 8), records.readUInt32LE(24 + 12)]).toEqual([64, 98]);

    const posted = await fetch(`${rig.url}/api/injectpacket`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-resource-ttl': '3s' },
      body: JSON.stringify({
        Src: `${cable}.Has('IPV4', '10.66.0.1/24')`,
        Dst: `${cable}.Has('IPV4', '10.66.0.2/24')`,
        Type: 'udp4',
        Count: 1_000,
        Interval: 1_000,
      }),
    });
    expect(posted.status).toBe(201);
    const { UUID } = (await posted.json()) as { UUID: string };
    // It would take a quarter of an hour: its time is up before.
    await vi.waitFor(async () => expect((await fetch(`${rig.url}/api/injectpacket/${UUID}`)).status).toBe(404), PATIENCE);
    await vi.waitFor(async () => expect(await gremlin(`G.V().HasKey('PacketInjections').Count()`)).toBe(0), PATIENCE);

    const { port } = new URL(rig.url);
    rig = await rig.restart({ config: { listen: `127.0.0.1:${port}` } });
    await vi.waitFor(async () => {
      const { capture } = await data<{ capture: { activities: { state: string }[] } | null }>(
        `{ capture(id: "${id}") { activities { state } } }`,
      );
      expect(capture?.activities.map(({ state }) => state)).toEqual(['ACTIVE', 'ACTIVE']);
    }, PATIENCE);
    await data('mutation ($id: ID!) { deleteCapture(id: $id) { capture { id } } }', { id });
    await vi.waitFor(async () => expect(await gremlin(`G.V().HasKey('Captures').Count()`)).toBe(0), PATIENCE);
  });
});
