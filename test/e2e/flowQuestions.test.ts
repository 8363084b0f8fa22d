import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { ethernet, ipv4, pcapOf, udp, vxlan } from '../flow/frames.js';
import { describeWith, program, root } from '../needs.js';
import { Cable, LEFT, RIGHT } from './cable.js';
import { PATIENCE } from '../patience.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const VNI = 42;
const PORT = 40_011;

/** A datagram in a virtual network between two hosts. */
const tunnelled = (content: string): Buffer =>
  ethernet(
    0x0800,
    ipv4(
      17,
      udp(50_000, 4789, vxlan(VNI, ethernet(0x0800, ipv4(17, udp(1_000, 2_000, Buffer.from(content)), '172.16.0.1', '172.16.0.2')))),
    ),
  );

interface Tunnels {
  readonly flows: {
    readonly source: string;
    readonly nodes: readonly {
      readonly id: string;
      readonly layers: readonly string[];
      readonly parent: { readonly id: string } | null;
      readonly children: readonly { readonly id: string; readonly parent: { readonly id: string } }[];
    }[];
  };
}

describeWith([root, program('ip'), program('unshare'), program('nsenter'), program('tcpdump')], 'questions about flows', () => {
  let cable: Cable;
  const folder = mkdtempSync(join(tmpdir(), 'canopy-questions-'));
  beforeAll(async () => void (cable = await Cable.lay()));
  afterAll(async () => {
    await cable?.close();
    rmSync(folder, { recursive: true });
  });

  const upload = (file: Buffer): Promise<Response> =>
    fetch(`${cable.rig.url}/api/pcap`, {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream' },
      body: new Uint8Array(file),
    });

  /** What a tunnel and what it carries must look like, whoever answers. */
  async function tunnels(filter: string, time: string): Promise<Tunnels['flows']> {
    const { flows } = await cable.data<Tunnels>(
      `{ flows(filter: ${filter}${time}) { source nodes { id layers network { a b id } total { abPackets } parent { id } children { id parent { id } network { a b id } total { abPackets } } } } }`,
    );
    return flows;
  }
  function expectTunnel({ nodes }: Tunnels['flows'], packets: number): void {
    expect(nodes).toHaveLength(2);
    const outer = nodes.find(({ parent }) => parent === null)!;
    const inner = nodes.find(({ parent }) => parent !== null)!;
    expect(outer).toMatchObject({
      layers: ['Ethernet', 'IPv4', 'UDP', 'VXLAN'],
      network: { id: VNI },
      total: { abPackets: packets },
      children: [
        { id: inner.id, parent: { id: outer.id }, network: { a: '172.16.0.1', b: '172.16.0.2', id: 0 }, total: { abPackets: packets } },
      ],
    });
    expect(inner).toMatchObject({
      layers: expect.arrayContaining(['Ethernet', 'IPv4', 'UDP']) as string[],
      parent: { id: outer.id },
      children: [],
    });
  }

  it('find tunnels with what they carry, as agents see them now and in the store', async () => {
    const id = await cable.capture({ gremlin: cable.right, bpf: 'udp port 4789' }, 1);
    const file = pcapOf([
      [1_000, tunnelled('one')],
      [2_000, tunnelled('two')],
    ]);
    await cable.data('mutation ($input: InjectPacketsInput!) { injectPackets(input: $input) { injection { id } } }', {
      input: { src: cable.left, pcap: file.toString('base64') },
    });
    const filter = `{capture: "${id}"}`;
    await vi.waitFor(async () => {
      const flows = await tunnels(filter, '');
      expect(flows.source).toBe('LIVE');
      expectTunnel(flows, 2);
    }, PATIENCE);
    await vi.waitFor(async () => {
      const flows = await tunnels(filter, ', between: {from: "-10m"}');
      expect(flows.source).toBe('STORE');
      expectTunnel(flows, 2);
    }, PATIENCE);
    const { node } = await cable.data<{ node: { flows: { source: string; totalCount: number } } }>(
      `{ node(id: "${((await cable.gremlin(`${cable.right}.Values('@ID')`)) as string[])[0]}") { flows(filter: ${filter}) { source totalCount } } }`,
    );
    expect(node.flows).toEqual({ source: 'LIVE', totalCount: 2 });
    await cable.data(`mutation { deleteCapture(id: "${id}") { capture { id } } }`);
  });

  it('find what a capture file brought over HTTP, at its own time', async () => {
    const path = join(folder, 'real.pcap');
    const tcpdump = spawn(
      'nsenter',
      [
        `--net=${cable.lab.path('right')}`,
        'tcpdump',
        '--immediate-mode',
        '-U',
        '-c',
        '3',
        '-i',
        cable.name,
        '-w',
        path,
        `udp port ${PORT}`,
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    const ended = once(tcpdump, 'exit');
    let said = '';
    tcpdump.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    await vi.waitFor(() => expect(said).toContain('listening on'), PATIENCE);
    cable.datagrams(PORT, 3);
    expect(await ended).toEqual([0, null]);

    const answer = await upload(readFileSync(path));
    expect([answer.status, await answer.text()]).toEqual([202, '']);
    const { flows } = await cable.data<{ flows: { source: string; nodes: object[] } }>(
      `{ flows(filter: {port: {eq: ${PORT}}}, between: {from: "-10m"}) { source nodes { application total { abPackets } a { address node { name } } b { address } captureNode { name } } } }`,
    );
    expect(flows.source).toBe('STORE');
    expect(flows.nodes).toEqual(
      Array.from({ length: 3 }, () => ({
        application: 'UDP',
        total: { abPackets: 1 },
        // Nobody says where it was captured, but who has the address is known.
        a: { address: LEFT, node: { name: cable.name } },
        b: { address: RIGHT },
        captureNode: null,
      })),
    );
    await vi.waitFor(
      async () => expect(await cable.gremlin(`G.At('-1s', 600).Flows().Has('Transport.B', ${PORT}).Count()`)).toBe(3),
      PATIENCE,
    );
    expect(await cable.gremlin(`G.Flows().Has('Transport.B', ${PORT}).Count()`)).toBe(0);

    const cut = readFileSync(path);
    expect((await upload(cut.subarray(0, cut.length - 5))).status).toBe(202);
    for (const [wrong, said] of [
      [Buffer.from('nothing of the kind'), 'neither pcap nor pcapng'],
      [Buffer.alloc(0), 'the body is empty'],
    ] as const) {
      const refused = await upload(wrong);
      expect([refused.status, await refused.text()]).toEqual([400, expect.stringContaining(said) as string]);
    }
  });
});
