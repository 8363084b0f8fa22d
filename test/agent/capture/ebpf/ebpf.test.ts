import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, writeSync } from 'node:fs';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { FLOW_PROGRAM } from '../../../../agent/capture/ebpf/flowProgram.js';
import { openEbpf } from '../../../../agent/capture/ebpf/open.js';
import { compileProgram, compilerVersion } from '../../../../agent/capture/ebpf/program/compile.js';
import { prepareNamespaces } from '../../../../agent/linux/namespace.js';
import type { ExternalFlow } from '../../../../src/flow/table/external.js';
import type { CaptureSpec } from '../../../../src/protocol/capture.js';
import { describeWith, program, root } from '../../../needs.js';
import { Lab } from '../../lab.js';
import { openTunnel } from '../../tunnel.js';
import { udpFrame } from '../frames.js';
import { Pump, sendFrames } from '../pump.js';

const ARRIVES = 15_000;
/** The ends of a frame the other way round. */
const SWAPPED = { source: '02:00:00:00:00:02', destination: '02:00:00:00:00:01', sourceIp: '192.0.2.2', destinationIp: '192.0.2.1' };
/** Flows of the senders below. */
const MANY = 20_000;
/** Sends a frame of each flow, when it is told to, from a processor of its own where there are several; every other sender is the other end. */
const SEND_MANY = `
import os, socket, struct, sys
name, flows, number = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
places = sorted(os.sched_getaffinity(0))
os.sched_setaffinity(0, {places[number // 2 % len(places)]})
ends = [(b'\\2\\0\\0\\0\\0\\1', b'\\xc0\\0\\2\\1'), (b'\\2\\0\\0\\0\\0\\2', b'\\xc0\\0\\2\\2')]
source, target = ends if number % 2 == 0 else ends[::-1]
def frame(flow):
    ports = (1024 + flow, 9) if number % 2 == 0 else (9, 1024 + flow)
    return target[0] + source[0] + struct.pack('>HBBHHHBBH', 0x0800, 0x45, 0, 28, 0, 0, 64, 17, 0) + source[1] + target[1] + struct.pack('>HHHH', *ports, 8, 0)
frames = [frame(flow) for flow in range(flows)]
out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
out.bind((name, 0))
print('ready', flush=True)
sys.stdin.readline()
for one in frames: out.send(one)
`;

describeWith([program('clang'), program('gcc')], 'the program for the kernel', () => {
  it('is what its source says', () => {
    const compiled = compileProgram();
    expect(compiled.maps).toEqual(FLOW_PROGRAM.maps);
    // Another compiler makes other instructions of the same source.
    if (compilerVersion() === FLOW_PROGRAM.compiler) expect(compiled).toEqual(FLOW_PROGRAM);
  });
});

describeWith(
  [root, program('ip'), program('unshare'), program('nsenter'), program('iperf3'), program('python3')],
  'flows counted in the kernel',
  () => {
    let lab: Lab;
    let pump: Pump;

    beforeEach(async () => {
      await prepareNamespaces();
      lab = new Lab();
      for (const name of ['left', 'right']) lab.addNamespace(name);
      await lab.addQuietPair('ebl', 'ebr');
      lab.ipIn('left', 'addr add 198.51.100.1/24 dev ebl');
      lab.ipIn('right', 'addr add 198.51.100.2/24 dev ebr');
      pump = open();
    });

    const open = (spec: Partial<CaptureSpec> = {}, link = 'ebr', namespace = 'right'): Pump =>
      new Pump(link, lab.path(namespace), spec, { open: openEbpf });
    const reopen = (...of: Parameters<typeof open>): void => {
      pump.close();
      pump = open(...of);
    };

    afterEach(async () => {
      pump.close();
      await lab.close();
    });

    /** The last that was said of each conversation. */
    const latest = (): ExternalFlow[] => {
      const byEnds = new Map<string, ExternalFlow>();
      for (const flow of pump.flows) byEnds.set(JSON.stringify([flow.link, flow.network, flow.transport]), flow);
      return [...byEnds.values()];
    };

    it('have each frame once, with both directions in one flow', () => {
      const there = udpFrame({ destinationPort: 5_000, payload: Buffer.alloc(58) });
      const back = udpFrame({ ...SWAPPED, sourcePort: 5_000, destinationPort: 40_000, payload: Buffer.alloc(8) });
      const tagged = udpFrame({ destinationPort: 5_000, vlans: [10] });
      sendFrames(lab.path('left'), 'ebl', [there, there, back, tagged]);
      pump.run(ARRIVES, () => pump.source.counts().received >= 4 && latest()[0]?.abPackets === 3);
      const flows = latest();
      // A tag makes no other flow: the table does not tell them apart either.
      expect(flows).toHaveLength(1);
      expect(flows[0]).toMatchObject({
        layersPath: 'Ethernet/IPv4/UDP',
        application: 'UDP',
        link: { a: '02:00:00:00:00:01', b: '02:00:00:00:00:02', id: 0 },
        network: { protocol: 'IPV4', a: '192.0.2.1', b: '192.0.2.2' },
        transport: { protocol: 'UDP', a: 40_000, b: 5_000 },
        abPackets: 3,
        abBytes: 251,
        baPackets: 1,
        baBytes: 50,
      });
      for (const { start, last } of flows) {
        expect(last).toBeGreaterThanOrEqual(start);
        expect(Math.abs(last - Date.now())).toBeLessThan(60_000);
      }
      expect(pump.source.counts()).toEqual({ received: 4, dropped: 0, ifDropped: 0, drops: {} });
    });

    it('are told apart wherever their headers lie', () => {
      const sides = (bytes: string): Buffer => Buffer.from(bytes.replaceAll(' ', ''), 'hex');
      const one = '02 00 00 00 00 01';
      const two = '02 00 00 00 00 02';
      const ip6 = (last: string): string => `2001 0db8 0000 0000 0000 0000 0000 000${last}`;
      const udp6 = (there: boolean): Buffer =>
        sides(
          `${there ? two + one : one + two} 86dd 60000000 0009 11 40 ${there ? ip6('1') + ip6('2') : ip6('2') + ip6('1')}` +
            `${there ? '9c40 1388' : '1388 9c40'} 0009 0000 61`,
        );
      const options = sides(`${two}${one} 0800 46000020 0000 0000 40 11 0000 c0000201 c0000202 01010101 9c40 1389 0008 0000`);
      const piece = sides(`${two}${one} 0800 45000018 0000 00b9 40 11 0000 c0000201 c0000202 9c40138a`);
      const echo = (there: boolean): Buffer =>
        sides(
          `${there ? two + one : one + two} 0800 4500001c 0000 0000 40 01 0000 ${there ? 'c0000201 c0000202 08' : 'c0000202 c0000201 00'}00 0000 0007 0001`,
        );
      const inTag = sides(`${two}${one} 88a8 0014 8100 0015 0800 4500001c 0000 0000 40 11 0000 c0000201 c0000202 9c40 138b 0008 0000`);
      const spanning = sides(`0180c2000000 ${one} 0027 424203 000000000000000000000000`);
      const neighbour = (there: boolean): Buffer =>
        sides(
          `${there ? two + one : one + two} 86dd 60000000 0018 3a ff ${there ? ip6('1') + ip6('2') : ip6('2') + ip6('1')}` +
            `${there ? '87' : '88'}00 0000 00000000 ${ip6('2')}`,
        );
      // Two kinds of Ethernet, and two protocols without ports: the table does not tell them apart.
      const discovery = sides(`0180c2000000 ${one} 88cc 0207 04 020000000001 0000`);
      const portless = (protocol: string): Buffer =>
        sides(`${two}${one} 0800 45000018 0000 0000 40 ${protocol} 0000 c0000201 c0000203 00000000`);
      const frames = [udp6(true), udp6(false), options, piece, echo(true), echo(false), inTag, spanning];
      frames.push(neighbour(true), neighbour(false), discovery, portless('02'), portless('59'));
      sendFrames(lab.path('left'), 'ebl', frames);
      const counted = (): number => latest().reduce((sum, { abPackets, baPackets }) => sum + abPackets + baPackets, 0);
      pump.run(ARRIVES, () => pump.source.counts().received >= frames.length && counted() === frames.length);
      const shown = latest().map(({ layersPath, transport, icmp, link, network, abPackets, baPackets }) => [
        layersPath,
        transport === undefined ? (icmp?.id ?? 0) : `${transport.a} ${transport.b}`,
        network?.a ?? '',
        link!.id,
        abPackets,
        baPackets,
      ]);
      expect(shown.sort()).toEqual([
        ['Ethernet', 0, '', 0, 2, 0],
        ['Ethernet/Dot1Q/IPv4/UDP', '40000 5003', '192.0.2.1', 20, 1, 0],
        ['Ethernet/IPv4', 0, '192.0.2.1', 0, 2, 0],
        ['Ethernet/IPv4/ICMPv4', 7, '192.0.2.1', 0, 1, 1],
        ['Ethernet/IPv4/UDP', '0 0', '192.0.2.1', 0, 1, 0],
        ['Ethernet/IPv4/UDP', '40000 5001', '192.0.2.1', 0, 1, 0],
        ['Ethernet/IPv6/ICMPv6', 0, '2001:db8::1', 0, 1, 1],
        ['Ethernet/IPv6/UDP', '40000 5000', '2001:db8::1', 0, 1, 1],
      ]);
    });

    it('have the beginning and the end of TCP connections', async () => {
      const within = (namespace: string, ...command: string[]) => ['nsenter', [`--net=${lab.path(namespace)}`, ...command]] as const;
      const server = spawn(...within('right', 'iperf3', '-s', '-1'), { stdio: 'ignore' });
      pump.run(500);
      const client = spawn(...within('left', 'iperf3', '-c', '198.51.100.2', '-n', '5M'), { stdio: 'ignore' });
      await new Promise((resolve) => client.once('exit', resolve));
      server.kill();
      const isData = ({ transport, abBytes, baBytes }: ExternalFlow): boolean =>
        transport?.protocol === 'TCP' && abBytes + baBytes > 1_000_000;
      pump.run(ARRIVES, () => latest().some(isData));
      const data = latest().find(isData)!;
      expect(data).toMatchObject({ layersPath: 'Ethernet/IPv4/TCP', transport: { b: 5_201 }, network: { a: '198.51.100.1' } });
      expect(data.tcp!.abSyn).toBeGreaterThan(0);
      expect(data.tcp!.baSyn).toBeGreaterThanOrEqual(data.tcp!.abSyn);
    });

    it.each([
      { filter: 'udp port 5000', seen: [[5_000, 0]], packets: 2 },
      { filter: 'vlan 10', seen: [[5_000, 10]], packets: 1 },
      {
        filter: 'udp and not (host 192.0.2.2 and port 5000)',
        seen: [
          [5_001, 0],
          [5_003, 0],
        ],
        packets: 2,
      },
    ])('are those that the filter "$filter" lets through', ({ filter, seen, packets }) => {
      reopen({ bpf: filter });
      const to = (destinationPort: number, ...vlans: number[]): Buffer => udpFrame({ destinationPort, vlans });
      const last = udpFrame({ destinationPort: 5_003, destinationIp: '192.0.2.3' });
      sendFrames(lab.path('left'), 'ebl', [to(5_000), to(5_000, 10), to(5_001), last]);
      pump.run(ARRIVES, () => latest().length >= seen.length);
      pump.run(1_100);
      expect(
        latest()
          .map(({ transport, link }) => [transport!.b, link!.id])
          .sort(),
      ).toEqual(seen);
      expect(pump.source.counts().received).toBe(packets);
    });

    it('say of a bad filter what libpcap says', () => {
      expect(() => open({ bpf: 'udp prt 80' })).toThrow(/syntax error/);
    });

    it('hand over the packets of layers that were asked for, instead of counting them', () => {
      reopen({ extraLayers: ['DNS'], headerSize: 100 });
      const [question, answer] = [{ destinationPort: 53 }, { sourcePort: 53, destinationPort: 40_000 }].map((ports) =>
        udpFrame({ ...ports, payload: Buffer.alloc(200, 7) }),
      );
      const others = [udpFrame({ destinationPort: 54 }), udpFrame({ destinationPort: 67 })];
      sendFrames(lab.path('left'), 'ebl', [question!, ...others, answer!]);
      pump.run(ARRIVES, () => pump.packets.length >= 2 && latest().length >= 2);
      expect(pump.packets.map(({ bytes }) => bytes)).toEqual([question!.subarray(0, 100), answer!.subarray(0, 100)]);
      expect(pump.packets).toMatchObject([{ wireLength: 242 }, { wireLength: 242 }]);
      expect(
        latest()
          .map(({ transport }) => transport!.b)
          .sort(),
      ).toEqual([54, 67]);
      expect(pump.source.counts()).toEqual({ received: 4, dropped: 0, ifDropped: 0, drops: {} });
      expect(pump.rings.taken).toBeGreaterThan(0);
      pump.close();
      expect(pump.rings.taken).toBe(0);
      pump = open();
    });

    it('have what goes over the loopback once', () => {
      lab.ipIn('left', 'link set lo up');
      reopen({ bpf: 'udp port 9' }, 'lo', 'left');
      lab.ping('left', 20);
      pump.run(ARRIVES, () => pump.source.counts().received >= 20);
      pump.run(1_100);
      expect(pump.source.counts().received).toBe(20);
    });

    it('are each counted once when several processors send the same flows for the first time', async () => {
      const SENDERS = 4;
      const senders = Array.from({ length: SENDERS }, (_, number) =>
        spawn('nsenter', [`--net=${lab.path('left')}`, 'python3', '-c', SEND_MANY, 'ebl', String(MANY), String(number)], {
          stdio: ['pipe', 'pipe', 'inherit'],
        }),
      );
      await Promise.all(senders.map(({ stdout }) => once(stdout, 'data')));
      for (const { stdin } of senders) stdin.end('now\n');
      await Promise.all(senders.map((sender) => once(sender, 'exit')));
      pump.run(ARRIVES, () => pump.source.counts().received >= MANY * SENDERS);
      pump.run(1_100);
      expect(pump.source.counts()).toEqual({ received: MANY * SENDERS, dropped: 0, ifDropped: 0, drops: {} });
      expect(pump.source.facts().facts.kernelFlows).toBe(MANY);
      // Every other sender is the other end.
      const half = SENDERS / 2;
      expect(new Set(latest().map(({ abPackets, baPackets }) => `${abPackets} ${baPackets}`))).toEqual(new Set([`${half} ${half}`]));
    });

    it('leave the kernel when nothing is said any more, and go on where they were when they come back', () => {
      const there = udpFrame({ destinationPort: 5_000 });
      const back = udpFrame({ ...SWAPPED, sourcePort: 5_000, destinationPort: 40_000 });
      const kernelFlows = (): unknown => pump.source.facts().facts.kernelFlows;
      sendFrames(lab.path('left'), 'ebl', [there, back, there]);
      pump.run(ARRIVES, () => latest().some(({ abPackets }) => abPackets === 2));
      const [before] = latest();
      expect(kernelFlows()).toBe(1);
      const [now, monotonic] = [Date.now, process.hrtime.bigint];
      const later = [
        vi.spyOn(Date, 'now').mockImplementation(() => now() + 20_000),
        vi.spyOn(process.hrtime, 'bigint').mockImplementation(() => monotonic() + 20_000_000_000n),
      ];
      pump.run(ARRIVES, () => kernelFlows() === 0);
      for (const clock of later) clock.mockRestore();
      pump.run(1_100);
      expect(kernelFlows()).toBe(0);
      expect(pump.source.counts().received).toBe(3);
      // The other end begins this time.
      sendFrames(lab.path('left'), 'ebl', [back, there]);
      pump.run(ARRIVES, () => latest().some(({ abPackets, baPackets }) => abPackets + baPackets === 5));
      const after = latest().find(({ transport }) => transport!.a === 5_000)!;
      expect(after).toMatchObject({ abPackets: 2, baPackets: 3 });
      // Each reading compares the clocks anew.
      expect(Math.abs(after.start - before!.start)).toBeLessThan(1_000);
      expect(pump.source.counts()).toEqual({ received: 5, dropped: 0, ifDropped: 0, drops: {} });
    });

    it('have no link layer where the interface has none', () => {
      const tunnel = openTunnel(lab.path('right'), 'ebt', { mode: 'tun' });
      try {
        lab.ipIn('right', 'link set ebt up');
        reopen({}, 'ebt');
        const packet = udpFrame({ destinationPort: 5_000 }).subarray(14);
        const answer = udpFrame({ ...SWAPPED, sourcePort: 5_000, destinationPort: 40_000 }).subarray(14);
        for (const one of [packet, answer, packet]) writeSync(tunnel, one);
        const flow = (): ExternalFlow | undefined => latest().find(({ transport }) => transport?.b === 5_000);
        pump.run(ARRIVES, () => flow()?.abPackets === 2);
        expect(flow()).toMatchObject({ layersPath: 'IPv4/UDP', abPackets: 2, baPackets: 1, abBytes: 66, network: { a: '192.0.2.1' } });
        expect(flow()!.link).toBeUndefined();
      } finally {
        pump.close();
        closeSync(tunnel);
        pump = open();
      }
    });

    it('say when the interface goes down', () => {
      lab.ipIn('right', 'link set ebr down');
      pump.run(ARRIVES, () => pump.failure !== undefined);
      expect(String(pump.failure)).toMatch(/ebr went down/);
    });
  },
);
