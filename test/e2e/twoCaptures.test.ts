import { closeSync } from 'node:fs';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { PACKET } from '../../agent/linux/packetAbi.js';
import { udpFrame } from '../agent/capture/frames.js';
import { sendFrames } from '../agent/capture/pump.js';
import { openTunnel } from '../agent/tunnel.js';
import { ipv6, payload, udp } from '../flow/frames.js';
import { describeWith, program, root } from '../needs.js';
import { PATIENCE } from '../patience.js';
import { Cable, LEFT, RIGHT } from './cable.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const PORT = 40_077;
/** Packets of each kind. */
const SENT = 7;

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

  it('each have what goes over every kind of interface, with Ethernet or without', async () => {
    const { lab, name } = cable;
    const path = lab.path('left');
    const link = (kind: string): string => `${name}${kind}`;
    const commands = [
      `link add ${link('br')} type bridge`,
      `link add ${link('p')} type veth peer name ${link('q')}`,
      `link set ${link('p')} master ${link('br')}`,
      `link add ${link('mv')} link ${name} type macvlan mode bridge`,
      `link add ${link('mt')} link ${name} type macvtap mode bridge`,
      `link add ${link('vx')} type vxlan id 42 dstport 4789 local ${LEFT} remote ${RIGHT} dev ${name}`,
      `link add ${link('ifb')} type ifb`,
    ];
    for (const command of commands) lab.ipIn('left', command);
    const tunnels = [
      openTunnel(path, link('tap'), { mode: 'tap' }),
      openTunnel(path, link('tun'), { mode: 'tun' }),
      // For want of the real ones: libpcap would take their packets in another way than we do.
      openTunnel(path, link('gre'), { mode: 'tun', hardwareType: PACKET.ARPHRD_IPGRE }),
      openTunnel(path, link('sit'), { mode: 'tun', hardwareType: PACKET.ARPHRD_SIT }),
    ];
    try {
      const frame = udpFrame({ destinationPort: PORT + 1 });
      const packet = frame.subarray(14);
      const packet6 = ipv6(17, udp(40_000, PORT + 1, payload(20)));
      const kinds: readonly (readonly [kind: string, layers: string, sent: Buffer])[] = [
        ...['br', 'mv', 'mt', 'vx', 'ifb', 'tap'].map((kind) => [kind, 'Ethernet/IPv4/UDP', frame] as const),
        ...['tun', 'gre'].map((kind) => [kind, 'IPv4/UDP', packet] as const),
        ['sit', 'IPv6/UDP', packet6],
      ];
      for (const side of ['p', 'q', ...kinds.map(([kind]) => kind)]) lab.ipIn('left', `link set ${link(side)} up`);
      const gremlin = `G.V().Has('Name', Regex('${name}(${kinds.map(([kind]) => kind).join('|')})'))`;
      const captures = [];
      for (const type of ['AFPACKET', 'PCAP']) captures.push(await cable.capture({ gremlin, type, bpf: 'udp' }, kinds.length));
      for (const [kind, , sent] of kinds) sendFrames(path, link(kind), Array<Buffer>(SENT).fill(sent));
      const expected = Object.fromEntries(kinds.map(([kind, layers]) => [link(kind), `${SENT} ${layers}`]));
      for (const id of captures) await vi.waitFor(async () => expect(await heard(id)).toEqual(expected), PATIENCE);
    } finally {
      for (const tunnel of tunnels) closeSync(tunnel);
    }
  });

  /** Packets of the flows of a capture to the port of that test, and their layers, by the name of the link. */
  const heard = async (id: string): Promise<Record<string, string>> => {
    const { flows } = await cable.data<{
      flows: { nodes: readonly { layers: readonly string[]; total: { abPackets: number }; captureNode: { name: string } | null }[] };
    }>(
      `{ flows(filter: {capture: "${id}", port: {eq: ${PORT + 1}}}, first: 100) { nodes { layers total { abPackets } captureNode { name } } } }`,
    );
    return Object.fromEntries(
      flows.nodes.map(({ layers, total, captureNode }) => [captureNode?.name, `${total.abPackets} ${layers.join('/')}`]),
    );
  };
});
