import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { openAfpacket } from '../../../agent/capture/afpacket/open.js';
import { openEbpf } from '../../../agent/capture/ebpf/open.js';
import { prepareNamespaces } from '../../../agent/linux/namespace.js';
import type { CaptureSpec } from '../../../src/protocol/capture.js';
import { describeWith, program, root } from '../../needs.js';
import { flush, table } from '../../flow/tables.js';
import { Lab } from '../lab.js';
import { tcpFrame, udpFrame } from './frames.js';
import { Pump, sendFrames, type HeardPacket } from './pump.js';
import { conversations, flowsOfPackets, Wire, Witness } from './wire.js';

/** Milliseconds in which everything that is on its way arrives. */
const ARRIVES = 20_000;
/** Milliseconds in which what must not come would have come: a ring hands over a block after 100 ms. */
const QUIET = 350;
// Two ends may take so long one after the other.
vi.setConfig({ testTimeout: 60_000 });

const PROGRAMS = ['ip', 'unshare', 'nsenter', 'tcpdump', 'ethtool', 'ping', 'curl', 'iperf3', 'dig', 'named', 'python3'];

/** What tests send fits into a first ring, so that a busy machine loses nothing. */
describeWith([root, ...PROGRAMS.map(program)], 'captures of what real programs send', () => {
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

  const capture = (side: 'left' | 'right', link: string, spec: Partial<CaptureSpec> = {}, open = openAfpacket): Pump => {
    const pump = new Pump(link, wire.lab.path(side), spec, { open });
    pumps.push(pump);
    return pump;
  };

  interface Place {
    readonly pump: Pump;
    readonly witness: Witness;
    /** Frames that the interface's driver has counted since we listen. */
    readonly counted: () => number;
  }

  /** Listens on an interface with our ring and with tcpdump. */
  const listen = async (side: 'left' | 'right', link: string, headerSize = 256): Promise<Place> => {
    const witness = await Witness.open(wire, side, link, headerSize);
    const pump = capture(side, link, { headerSize });
    const before = wire.frames(side, link);
    const counted = (): number => {
      const { in: taken, out } = wire.frames(side, link);
      // What loops back goes out and comes in.
      return taken - before.in + (link === 'lo' ? 0 : out - before.out);
    };
    return { pump, witness, counted };
  };

  /** All that was sent has arrived: at us, at tcpdump, and at the driver, each frame once. `count` says what a frame is to the driver. */
  const settle = (place: Place, count: (packets: readonly HeardPacket[]) => number = ({ length }) => length): void => {
    const { pump, witness, counted } = place;
    const isSettled = (): boolean =>
      pump.packets.length > 0 && pump.packets.length === witness.frames() && count(pump.packets) === counted();
    const until = Date.now() + ARRIVES;
    while (!isSettled() && Date.now() < until) pump.run(100);
    const { received, dropped } = pump.source.counts();
    expect({ ours: pump.packets.length, segments: count(pump.packets), dropped }).toEqual({
      ours: witness.frames(),
      segments: counted(),
      dropped: 0,
    });
    expect(received).toBe(pump.packets.length);
    expect(conversations(flowsOfPackets(pump.packets))).toEqual(conversations(witness.flows()));
  };

  const both = async (headerSize?: number): Promise<[Place, Place]> => [
    await listen('left', wire.ends.left, headerSize),
    await listen('right', wire.ends.right, headerSize),
  ];
  const flowsOver = (place: Place, path: string) => flowsOfPackets(place.pump.packets).filter(({ LayersPath }) => LayersPath === path);

  it('have each ping and each answer once, at both ends', async () => {
    const places = await both();
    wire.run('left', 'ping', '-q', '-c', '10', '-i', '0.01', wire.addresses.right);
    for (const place of places) {
      settle(place);
      const [echo, ...others] = flowsOver(place, 'Ethernet/IPv4/ICMPv4');
      expect(others).toEqual([]);
      expect(echo).toMatchObject({
        Network: { A: wire.addresses.left, B: wire.addresses.right },
        ICMP: { Type: 'ECHO' },
        Metric: { ABPackets: 10, BAPackets: 10, ABBytes: 980, BABytes: 980 },
      });
      expect(echo!.Metric!.RTT).toBeGreaterThan(0);
    }
  });

  it('have what goes over the loopback once', async () => {
    const place = await listen('left', 'lo');
    wire.run('left', 'ping', '-q', '-c', '10', '-i', '0.01', '127.0.0.1');
    settle(place);
    expect(place.pump.packets).toHaveLength(20);
    // Both ends have the same address: who sent a frame cannot be told from it.
    expect(flowsOver(place, 'Ethernet/IPv4/ICMPv4')).toMatchObject([{ Network: { A: '127.0.0.1', B: '127.0.0.1' } }]);
  });

  it('have the questions and answers of a name server', async () => {
    const folder = wire.lab.folder;
    writeFileSync(
      join(folder, 'zone'),
      '$TTL 60\n@ IN SOA ns.example.test. root.example.test. 1 60 60 60 60\n@ IN NS ns\nns IN A 198.51.100.2\nwww IN A 198.51.100.80\n',
    );
    writeFileSync(
      join(folder, 'named.conf'),
      `options { directory "${folder}"; pid-file none; session-keyfile none; listen-on { ${wire.addresses.right}; }; listen-on-v6 { none; };
         recursion no; dnssec-validation no; notify no; managed-keys-directory "${folder}"; };
       controls { };
       zone "example.test" { type primary; file "${join(folder, 'zone')}"; };\n`,
    );
    wire.start('right', 'named', '-g', '-n', '1', '-c', join(folder, 'named.conf'));
    await wire.listens('right', 'udp', 53);
    const places = await both();
    const counted = capture('right', wire.ends.right, { extraLayers: ['DNS'] }, openEbpf);
    const dig = (name: string): string => wire.run('left', 'dig', '+short', '+tries=1', '+time=10', `@${wire.addresses.right}`, name, 'A');
    expect(dig('www.example.test').trim()).toBe('198.51.100.80');
    dig('nothere.example.test');
    const messages = ({ packets }: Pump) => {
      const layered = table({ extraLayers: 255 });
      for (const { bytes, wireLength, timeMs } of packets) layered.packet(bytes, 0, bytes.length, wireLength, timeMs, 0, 1);
      return flush(layered).filter(({ LayersPath }) => LayersPath === 'Ethernet/IPv4/UDP/DNS');
    };
    // The kernel counts everything else itself.
    counted.run(ARRIVES, () => counted.packets.length >= 4);
    for (const place of places) settle(place);
    for (const pump of [...places.map((place) => place.pump), counted]) {
      const asked = messages(pump);
      expect(asked).toHaveLength(2);
      for (const { Metric, Transport } of asked) {
        expect(Metric).toMatchObject({ ABPackets: 1, BAPackets: 1 });
        expect(Transport).toMatchObject({ Protocol: 'UDP', B: 53 });
      }
      // The answer is the latest message.
      const answers = asked.map(({ DNS }) => [DNS!.questions![0]!.name, DNS!.response_code, DNS!.answers?.[0]?.IP]);
      expect(answers).toEqual(
        expect.arrayContaining([
          ['www.example.test', 'No Error', '198.51.100.80'],
          ['nothere.example.test', 'Non-Existent Domain', undefined],
        ]),
      );
    }
    expect(counted.packets).toHaveLength(4);
  });

  it('have a download from its first SYN to its last FIN', async () => {
    const folder = wire.lab.folder;
    writeFileSync(join(folder, 'file'), Buffer.alloc(200_000, 'canopy'));
    wire.start('right', 'python3', '-m', 'http.server', '8080', '--bind', wire.addresses.right, '--directory', folder);
    await wire.listens('right', 'tcp', 8_080);
    const places = await both();
    const size = wire.run('left', 'curl', '-s', '-o', '/dev/null', '-w', '%{size_download}', `http://${wire.addresses.right}:8080/file`);
    expect(size).toBe('200000');
    for (const place of places) {
      settle(place);
      const [download, ...others] = flowsOver(place, 'Ethernet/IPv4/TCP');
      expect(others).toEqual([]);
      expect(download).toMatchObject({ Network: { A: wire.addresses.left }, Transport: { B: 8_080 }, FinishType: 2 });
      expect(download!.Metric!.RTT).toBeGreaterThan(0);
      expect(download!.Metric!.BABytes).toBeGreaterThan(200_000);
    }
  });

  it.each([
    { title: 'nothing is joined or split', left: { joins: false, splits: false }, right: { joins: false, splits: false } },
    { title: 'what goes out is split late', left: { joins: false, splits: true }, right: { joins: false, splits: true } },
    { title: 'what comes in is joined (GRO)', left: { joins: true, splits: false }, right: { joins: true, splits: false } },
  ])('have each frame of a fast stream once, and its wire segments beside it, where $title', async ({ left, right }) => {
    wire.offloads('left', left);
    wire.offloads('right', right);
    wire.start('right', 'iperf3', '-s', '-1');
    await wire.listens('right', 'tcp', 5_201);
    const places = await both(128);
    wire.run('left', 'iperf3', '-c', wire.addresses.right, '-n', '3M', '-J');
    const segmentsOf = (packets: readonly HeardPacket[]): number => packets.reduce((sum, { segments }) => sum + segments, 0);
    for (const place of places) {
      // A driver counts what it is given: joined frames after they were split, split ones before.
      settle(place, left.joins ? segmentsOf : undefined);
      const { packets } = place.pump;
      const isData = ({ bytes, wireLength }: HeardPacket): boolean => bytes.readUInt16BE(12) === 0x0800 && wireLength > 66;
      for (const { wireLength, segments } of packets.filter(isData))
        expect(segments).toBe(Math.max(1, Math.ceil((wireLength - 66) / 1_448)));
      const isLarge = packets.some(({ wireLength }) => wireLength > 1_514);
      expect(isLarge).toBe(left.splits || (left.joins && place === places[1]));
    }
    const [sent, taken] = places.map(({ pump }) => segmentsOf(pump.packets));
    expect(taken).toBe(sent);
  });

  it('count the wire segments of joined frames that lie in one piece of memory', () => {
    for (const side of ['left', 'right'] as const) wire.offloads(side, { joins: true, splits: false });
    // The driver holds back for so long what it may join: otherwise nothing is, with one frame at a time.
    wire.run(
      'right',
      'unshare',
      '-m',
      'sh',
      '-c',
      `mount -t sysfs none /sys && echo 50000000 > /sys/class/net/${wire.ends.right}/gro_flush_timeout`,
    );
    const pump = capture('right', wire.ends.right, { bpf: 'tcp port 80' });
    const mac = JSON.parse(wire.run('right', 'ip', '-j', 'link', 'show', 'dev', wire.ends.right)) as [{ address: string }];
    const isJoined = ({ segments }: HeardPacket): boolean => segments > 1;
    let sent = 0;
    const until = Date.now() + ARRIVES;
    while (!pump.packets.some(isJoined) && Date.now() < until) {
      const payload = Buffer.alloc(1_000);
      const pieces = Array.from({ length: 8 }, (_, index) =>
        tcpFrame(1 + (sent + index) * 1_000, payload, { destination: mac[0].address }),
      );
      sendFrames(wire.lab.path('left'), wire.ends.left, pieces);
      sent += pieces.length;
      pump.run(400);
    }
    expect(pump.packets.some(isJoined)).toBe(true);
    for (const { segments, wireLength } of pump.packets) expect(wireLength).toBe(54 + segments * 1_000);
    expect(pump.packets.reduce((sum, { segments }) => sum + segments, 0)).toBe(sent);
  });

  it.each([
    { filter: 'vlan 10', seen: [['10/80', '10/81', '10.30/80']] },
    { filter: 'vlan 10 and udp port 80', seen: [['10/80']] },
    // A word `vlan` moves all that follows it behind a tag (pcap-filter(7)): untagged frames are not meant.
    { filter: 'not vlan 10 and udp port 80', seen: [['20/80']] },
    // Where they come in the kernel has taken the tag out; where a program sent whole frames it is still in them.
    { filter: 'udp port 80', seen: [['/80'], ['/80', '10/80', '20/80']] },
  ])('see of tagged traffic with the filter "$filter" what tcpdump sees, at both ends', async ({ filter, seen }) => {
    const places: [Pump, Witness][] = [];
    for (const side of ['left', 'right'] as const) {
      const link = wire.ends[side];
      places.push([capture(side, link, { bpf: filter }), await Witness.open(wire, side, link, 256, filter)]);
    }
    const frames = ['/80', '/81', '10/80', '10/81', '20/80', '10.30/80'];
    const build = (frame: string): Buffer => {
      const [vlans, port] = frame.split('/') as [string, string];
      return udpFrame({ destinationPort: Number(port), vlans: vlans === '' ? [] : vlans.split('.').map(Number) });
    };
    sendFrames(wire.lab.path('left'), wire.ends.left, frames.map(build));
    const withTag = ({ bytes, vlanTag }: HeardPacket): string => {
      const tag = Buffer.alloc(vlanTag === 0 ? 0 : 4);
      if (vlanTag !== 0) tag.writeUInt32BE(vlanTag);
      return Buffer.concat([bytes.subarray(0, 12), tag, bytes.subarray(12)]).toString('hex');
    };
    for (const [index, [pump, witness]] of places.entries()) {
      const expected = (seen[index] ?? seen[0]!).map((frame) => build(frame).toString('hex'));
      const until = Date.now() + ARRIVES;
      while ((pump.packets.length < expected.length || witness.frames() < expected.length) && Date.now() < until) pump.run(50);
      pump.run(QUIET);
      expect(pump.packets.map(withTag)).toEqual(expected);
      expect(witness.bytes().map((bytes) => bytes.toString('hex'))).toEqual(expected);
    }
  });
});
