import { createSocket } from 'node:dgram';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SampledCounters } from '../../../../agent/capture/sflow/counters.js';
import { readSflow, type SampleListener } from '../../../../agent/capture/sflow/decode.js';
import { openSflow } from '../../../../agent/capture/sflow/open.js';
import { prepareNamespaces } from '../../../../agent/linux/namespace.js';
import { describeWith, program, root } from '../../../needs.js';
import { eventually, Lab } from '../../lab.js';
import { damaged } from '../damage.js';
import { udpFrame } from '../frames.js';
import { OpenVSwitch } from '../ovs/openVSwitch.js';
import { Pump, sendFrames } from '../pump.js';

const words = (...values: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => bytes.writeUInt32BE(value >>> 0, index * 4));
  return bytes;
};
const part = (format: number, ...parts: readonly Buffer[]): Buffer => {
  const body = Buffer.concat(parts);
  return Buffer.concat([words(format, body.length), body]);
};
const datagram = (...samples: readonly Buffer[]): Buffer =>
  Buffer.concat([words(5, 1, 0x7f000001, 0, 1, 1_000, samples.length), ...samples]);
const FRAME = udpFrame({ payload: Buffer.alloc(22) });
const header = part(1, words(1, 1_518, 4, FRAME.length), FRAME);
const interfaceCounters = part(1, words(7, 6, 0, 1_000, 1, 3, 0, 5_000, 10, 0xffffffff, 0, 0, 0, 0, 1, 2, 20, 0, 0, 0, 0, 0));
const GOOD = [
  datagram(part(1, words(1, 7, 64, 640, 0, 1, 2, 1), header)),
  datagram(part(3, words(1, 0, 7, 64, 640, 0, 0, 1, 0, 2, 1), header)),
  datagram(part(2, words(1, 7, 2), interfaceCounters, part(2207, words(5, 6, 7, 8, 9, 10)))),
  datagram(part(4, words(1, 0, 7, 1), interfaceCounters)),
];

const heardOf = (bytes: Buffer) => {
  const heard = { headers: [] as number[][], interfaces: [] as [number, object][], counters: [] as object[] };
  const listener: SampleListener = {
    header: (protocol, at, captured, length) => void heard.headers.push([protocol, at, captured, length]),
    interfaceCounters: (index, counters) => void heard.interfaces.push([index, counters]),
    counters: (counters) => void heard.counters.push(counters),
  };
  return { isGood: readSflow(bytes, listener), ...heard };
};

describe('sFlow', () => {
  it.each([0, 1])('samples give the beginning of a packet (%i)', (index) => {
    const { isGood, headers } = heardOf(GOOD[index]!);
    expect(isGood).toBe(true);
    expect(headers).toHaveLength(1);
    const [protocol, at, captured, length] = headers[0]!;
    expect([protocol, length]).toEqual([1, 1_514]);
    expect(GOOD[index]!.subarray(at, at! + captured!)).toEqual(FRAME);
  });

  it('counters are named, and unknown ones left out', () => {
    const { isGood, interfaces, counters } = heardOf(GOOD[2]!);
    expect(isGood).toBe(true);
    expect(interfaces[0]).toMatchObject([7, { IfInOctets: 5_000, IfInUcastPkts: 10, IfOutOctets: 2 ** 32 + 2, IfOutUcastPkts: 20 }]);
    expect(interfaces[0]![1]).not.toHaveProperty('IfInMulticastPkts');
    expect(counters).toEqual([{ OvsDpNHit: 5, OvsDpNMissed: 6, OvsDpNLost: 7, OvsDpNMaskHit: 8, OvsDpNFlows: 9, OvsDpNMasks: 10 }]);
    expect(heardOf(GOOD[3]!).interfaces).toHaveLength(1);
  });

  it('counters are kept when an agent sends 0 once, summed, and bounded', () => {
    const counters = new SampledCounters(1);
    counters.interface(1, { IfInOctets: 10 });
    counters.interface(2, { IfInOctets: 5 });
    counters.interface(1, { IfInOctets: 0 });
    expect(Object.fromEntries(counters.take(9))).toEqual({
      'SFlow.IfMetrics.1.IfInOctets': 10,
      'SFlow.IfMetrics.2.IfInOctets': 5,
      'SFlow.Metric.IfInOctets': 15,
      'SFlow.Metric.Start': 1,
      'SFlow.Metric.Last': 9,
    });
    expect(counters.take(10)).toEqual([]);
    // What was added since: of an interface that counts from zero again all of it, of a new one and of levels nothing.
    counters.interface(1, { IfInOctets: 17 });
    counters.interface(2, { IfInOctets: 2 });
    counters.interface(3, { IfInOctets: 1_000 });
    counters.add({ OvsDpNHit: 40, OvsDpNFlows: 3 });
    expect(Object.fromEntries(counters.take(20))).toMatchObject({
      'SFlow.Metric.IfInOctets': 1_019,
      'SFlow.LastUpdateMetric.IfInOctets': 9,
      'SFlow.LastUpdateMetric.Start': 9,
      'SFlow.LastUpdateMetric.Last': 20,
    });
    counters.add({ OvsDpNHit: 42, OvsDpNFlows: 2 });
    const { 'SFlow.Metric.Last': last, ...later } = Object.fromEntries(counters.take(30));
    expect(last).toBe(30);
    expect(later).toEqual({
      'SFlow.Metric.IfInOctets': 1_019,
      'SFlow.Metric.OvsDpNHit': 42,
      'SFlow.Metric.OvsDpNFlows': 2,
      'SFlow.Metric.Start': 1,
      'SFlow.LastUpdateMetric.IfInOctets': 0,
      'SFlow.LastUpdateMetric.OvsDpNHit': 2,
      'SFlow.LastUpdateMetric.Start': 20,
      'SFlow.LastUpdateMetric.Last': 30,
    });
    for (let index = 0; index < 2_000; index++) counters.interface(index, { IfInOctets: 1 });
    expect(counters.dropped).toBe(2_000 - 1_024);
  });

  it('survives any bytes', () => {
    for (const bytes of damaged(GOOD))
      for (const [, at, captured] of heardOf(bytes).headers) expect(at! + captured!).toBeLessThanOrEqual(bytes.length);
    expect(heardOf(Buffer.alloc(0)).isGood).toBe(false);
  });
});

describeWith([root], 'a filter of sFlow', () => {
  const frame = udpFrame({ destinationPort: 7_777 });
  const sampled = (protocol: number, bytes: Buffer): Buffer =>
    datagram(part(1, words(1, 7, 64, 640, 0, 1, 2, 1), part(1, words(protocol, 1_518, 4, bytes.length), bytes)));
  let pump: Pump | undefined;
  afterEach(() => pump?.close());

  const send = async (bpf: string, isDone: (pump: Pump) => boolean): Promise<Pump> => {
    const heard = (pump = new Pump('lo', undefined, { bpf }, { open: openSflow }));
    const sender = createSocket('udp4');
    const port = Number(heard.source.facts().sflowSocket!.split(':').at(-1));
    for (const bytes of [sampled(1, frame), sampled(11, frame.subarray(14))])
      await new Promise<void>((resolve) => sender.send(bytes, port, '127.0.0.1', () => resolve()));
    sender.close();
    heard.run(10_000, () => isDone(heard));
    return heard;
  };

  it('reads headers that begin with IP as such', async () => {
    const { packets } = await send('udp port 7777', (heard) => heard.packets.length >= 2);
    expect(packets.map(({ linkType }) => linkType)).toEqual([1, 228]);
  });

  it('counts headers that it cannot be for', async () => {
    const { packets, source } = await send('udp port 7777 or vlan', (heard) => heard.source.counts().drops.unfitHeader === 1);
    expect(packets.map(({ linkType }) => linkType)).toEqual([1]);
    expect(source.counts().drops).toEqual({ unfitHeader: 1 });
  });
});

describeWith([root, program('ovs-vswitchd'), program('ovsdb-tool'), program('ip')], 'a collector of sFlow', () => {
  let lab: Lab;
  let vswitch: OpenVSwitch;
  let pump: Pump;

  beforeEach(async () => {
    await prepareNamespaces();
    lab = new Lab();
    lab.addNamespace('switch');
    vswitch = await OpenVSwitch.start(lab, 'switch');
  });

  afterEach(async () => {
    pump.close();
    await vswitch.close();
    await lab.close();
  });

  it('hears of packets and counters of Open vSwitch', async () => {
    lab.ipIn('switch', 'link set lo up');
    for (const name of ['a', 'b']) {
      lab.ipIn('switch', `link add sfl${name} type veth peer name sfp${name}`);
      lab.ipIn('switch', `link set sfl${name} up`);
      lab.ipIn('switch', `link set sfp${name} up`);
    }
    pump = new Pump('lo', lab.path('switch'), { bpf: 'udp port 7777' }, { open: openSflow });
    vswitch.addBridge('sfbr', ['sfla', 'sflb']);
    const target = pump.source.facts().sflowSocket!.replace('0.0.0.0', '127.0.0.1');
    const row = ['agent=lo', `target="${target}"`, 'header=128', 'sampling=1', 'polling=1'];
    vswitch.control('--id=@s', 'create', 'sflow', ...row, '--', 'set', 'bridge', 'sfbr', 'sflow=@s');
    const frames = Array.from({ length: 20 }, () => udpFrame({ destinationPort: 7_777 }));
    await eventually(
      () => {
        sendFrames(lab.path('switch'), 'sfpa', frames);
        pump.run(300);
        return pump;
      },
      ({ packets, measured }) => packets.length > 0 && measured.length > 1,
    );
    expect(pump.packets[0]!.bytes.subarray(0, frames[0]!.length)).toEqual(frames[0]);
    expect(pump.packets[0]).toMatchObject({ linkType: 1 });
    const names = new Set(pump.measured.flatMap((values) => values.map(([path]) => path.replace(/\.\d+\./, '.*.'))));
    expect([...names]).toEqual(
      expect.arrayContaining([
        'SFlow.IfMetrics.*.IfInOctets',
        'SFlow.Metric.IfInOctets',
        'SFlow.Metric.Last',
        'SFlow.LastUpdateMetric.IfInOctets',
      ]),
    );
    expect(pump.source.counts().drops).toEqual({});
  });
});
