import { afterEach, beforeEach, expect, it } from 'vitest';
import { openAfpacket } from '../../../../agent/capture/afpacket/open.js';
import type { Joining } from '../../../../agent/capture/source.js';
import { prepareNamespaces } from '../../../../agent/linux/namespace.js';
import { PACKET_SIZE } from '../../../../agent/linux/packetAbi.js';
import { fanoutProgram } from '../../../../agent/linux/fanoutProgram.js';
import { describeWith, program, root } from '../../../needs.js';
import { dot1q, ethernet, geneve, gre, icmp, ipv4, ipv6, mpls, payload, tcp, udp, vxlan } from '../../../flow/frames.js';
import { Lab } from '../../lab.js';
import { Pump, sendFrames } from '../pump.js';
import { conversations, flowsOfPackets, Wire } from '../wire.js';

const ARRIVES = 20_000;
const MEMBERS = 3;
const MANY = 24;

const many = (make: (index: number) => Buffer): Buffer[] => Array.from({ length: MANY }, (_, index) => make(index));
const ends = (index: number): [string, string] => [`10.1.${index % 5}.1`, `10.2.0.${index % 7}`];
const inner = ethernet(0x0800, ipv4(6, tcp(1, 2)));

/** What has one key has many ways: source ports of tunnels, ether types and protocols of one pair, fragments, tags. */
const FRAMES: Readonly<Record<string, readonly Buffer[]>> = {
  conversations: many((index) => ethernet(0x0800, ipv4(6, tcp(1_000 + index, 80), ...ends(index)))),
  answers: many((index) => ethernet(0x0800, ipv4(6, tcp(80, 1_000 + index), ends(index)[1], ends(index)[0]))),
  datagrams: many((index) => ethernet(0x0800, ipv4(17, udp(1_000 + index, 9_000, payload(20)), ...ends(index)))),
  associations: many((index) => ethernet(0x0800, ipv4(132, payload(40), ...ends(index)))),
  'fragments, also of one datagram': many((index) =>
    ethernet(0x0800, ipv4(17, payload(24), ...ends(index), { id: 7, fragmentOffset: index % 3, moreFragments: index % 3 < 2 })),
  ),
  'protocols without ports': many((index) => ethernet(0x0800, ipv4([2, 50, 89, 103][index % 4]!, payload(40), ...ends(index)))),
  echoes: many((index) => ethernet(0x0800, ipv4(1, icmp(index % 2 === 0 ? 8 : 0, 0, index >> 1), ...ends(index)))),
  'tunnels by GRE': many((index) => ethernet(0x0800, ipv4(47, gre(0x6558, inner, index), ...ends(index)))),
  'tunnels by VXLAN': many((index) => ethernet(0x0800, ipv4(17, udp(1_000 + index, 4_789, vxlan(5, inner)), ...ends(index)))),
  'tunnels by Geneve': many((index) => ethernet(0x0800, ipv4(17, udp(1_000 + index, 6_081, geneve(5, 0x6558, inner)), ...ends(index)))),
  'addresses of version 6': many((index) => ethernet(0x86dd, ipv6(17, udp(1_000 + index, 9, payload(20))))),
  'with an extension': many((index) =>
    ethernet(0x86dd, ipv6(0, Buffer.concat([Buffer.from([17, 0, 1, 4, 0, 0, 0, 0]), udp(1_000 + index, 9, payload(20))]))),
  ),
  'no addresses': many((index) => ethernet([0x88cc, 0x0806, 0x88b5][index % 3]!, payload(60))),
  labels: many((index) => ethernet(0x8847, mpls(index, true, ipv4(17, udp(1, 2, payload(20)))))),
  tags: many((index) => ethernet(0x8100, dot1q(index, 0x0800, ipv4(6, tcp(1_000 + (index % 3), 80), ...ends(0))))),
  'two tags': many((index) => ethernet(0x88a8, dot1q(index, 0x8100, dot1q(1, 0x0800, ipv4(6, tcp(1_000 + (index % 3), 80), ...ends(0)))))),
  'headers that are cut': many((index) => ethernet(0x0800, ipv4(6, tcp(1_000 + index, 80).subarray(0, 10), ...ends(index)))),
};

it('programs of a fanout fit into the kernel', () => {
  for (const kind of ['ethernet', 'ip'] as const) {
    const most = fanoutProgram(
      Array.from({ length: 64 }, (_, place) => place),
      kind,
      6_635,
    );
    expect(most.length / PACKET_SIZE['struct sock_filter']).toBeLessThan(1_000);
    expect(fanoutProgram([5], kind).length).toBe(PACKET_SIZE['struct sock_filter']);
  }
});

describeWith([root, program('ip'), program('unshare'), program('nsenter')], 'members of a fanout', () => {
  let wire: Wire;
  const pumps: Pump[] = [];

  beforeEach(async () => {
    await prepareNamespaces();
    wire = await Wire.open(new Lab());
  });

  afterEach(async () => {
    for (const pump of pumps.splice(0)) pump.close();
    await wire.close();
  });

  const member = (joining: Joining | undefined): Pump => {
    const pump = new Pump(wire.ends.right, wire.lab.path('right'), {}, { open: openAfpacket, joining });
    pumps.push(pump);
    return pump;
  };

  it('have no flow in common, and all flows together, whichever way packets go', () => {
    const first = member(undefined);
    const { group } = first.source.fanout!;
    for (let joined = 1; joined < MEMBERS; joined++) member({ group, numbers: [0], ringBytes: 0 });
    let isSteered = false;
    first.source.fanout!.steer([0, 1, 2], false, () => (isSteered = true));
    expect(isSteered).toBe(true);
    const sent = Object.values(FRAMES).flat();
    sendFrames(wire.lab.path('left'), wire.ends.left, sent);
    sendFrames(wire.lab.path('right'), wire.ends.right, sent);
    const received = (): number => pumps.reduce((sum, { packets }) => sum + packets.length, 0);
    const until = Date.now() + ARRIVES;
    while (received() < 2 * sent.length && Date.now() < until) for (const pump of pumps) pump.run(20);
    expect(received()).toBe(2 * sent.length);
    const parts = pumps.map(({ packets }) => conversations(flowsOfPackets(packets)));
    const byTime = pumps.flatMap(({ packets }) => packets).sort((a, b) => a.timeMs - b.timeMs || a.nanos - b.nanos);
    const whole = flowsOfPackets(byTime);
    expect(parts.reduce((sum, { length }) => sum + length, 0)).toBe(whole.length);
    for (const { packets } of pumps) expect(packets.length).toBeGreaterThan(sent.length / 4);
  });
});
