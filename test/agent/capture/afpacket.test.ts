import { afterEach, beforeEach, expect, it } from 'vitest';
import { openPcap } from '../../../agent/capture/pcap/open.js';
import { keepEverything } from '../../../agent/linux/classicBpf.js';
import { prepareNamespaces } from '../../../agent/linux/namespace.js';
import type { CaptureSpec } from '../../../src/protocol/capture.js';
import { describeWith, program, root } from '../../needs.js';
import { Lab } from '../lab.js';
import { udpFrame } from './frames.js';
import { Pump, sendFrames, type HeardPacket } from './pump.js';

/** Milliseconds in which everything that is on its way arrives. */
const ARRIVES = 10_000;
/** Milliseconds in which what must not come would have come: a ring hands over a block after 100 ms. */
const QUIET = 350;

describeWith([root, program('ip'), program('unshare'), program('nsenter')], 'captures through a ring', () => {
  let lab: Lab;
  const pumps: Pump[] = [];

  beforeEach(async () => {
    await prepareNamespaces();
    lab = new Lab();
    for (const name of ['left', 'right']) lab.addNamespace(name);
    for (const name of ['left', 'right']) lab.ipIn(name, 'link set lo up');
    await lab.addQuietPair('capl', 'capr');
  });

  afterEach(async () => {
    for (const pump of pumps.splice(0)) pump.close();
    await lab.close();
  });

  const capture = (namespace: string, link: string, spec: Partial<CaptureSpec> = {}, ringBytes?: number): Pump => {
    const pump = new Pump(link, lab.path(namespace), spec, { ringBytes });
    pumps.push(pump);
    return pump;
  };
  const send = (frames: readonly Buffer[]): void => sendFrames(lab.path('left'), 'capl', frames);
  const ports = (pump: Pump): number[] => {
    pump.run(QUIET);
    return pump.packets.map(({ bytes, wireLength }) => {
      const offset = 14 + (bytes.readUInt16BE(12) === 0x8100 ? 4 : 0);
      expect(bytes).toHaveLength(wireLength);
      return bytes.readUInt16BE(offset + 22);
    });
  };

  it('sees each frame once at each end, whole and in order', () => {
    const sent = Array.from({ length: 500 }, (_, index) => udpFrame({ destinationPort: 1_000 + index }));
    const ends = [capture('left', 'capl'), capture('right', 'capr')];
    send(sent);
    for (const end of ends) {
      end.run(ARRIVES, () => end.packets.length >= sent.length);
      end.run(QUIET);
      expect(end.packets.map(({ bytes }) => bytes.toString('hex'))).toEqual(sent.map((frame) => frame.toString('hex')));
      expect(end.source.counts()).toEqual({ received: sent.length, dropped: 0, ifDropped: 0, drops: {} });
    }
  });

  it('looks at no more bytes than it was asked to, and knows how long a frame was', () => {
    const pump = capture('right', 'capr', { headerSize: 60 });
    send([udpFrame({ payload: Buffer.alloc(1_000) })]);
    pump.run(ARRIVES, () => pump.packets.length > 0);
    expect(pump.packets).toMatchObject([{ wireLength: 1_042 }]);
    expect(pump.packets[0]!.bytes).toHaveLength(60);
  });

  it.each([14, 60, 100, 1_500, 4_096])('takes a header size of %i', (headerSize) => {
    const pump = capture('right', 'capr', { headerSize });
    send([udpFrame({ payload: Buffer.alloc(1_400) })]);
    pump.run(ARRIVES, () => pump.packets.length > 0);
    expect(pump.packets[0]!.bytes).toHaveLength(Math.min(headerSize, 1_442));
  });

  const tagged = [
    udpFrame({ destinationPort: 80 }),
    udpFrame({ destinationPort: 81 }),
    udpFrame({ destinationPort: 80, vlans: [10] }),
    udpFrame({ destinationPort: 82, vlans: [10] }),
    udpFrame({ destinationPort: 80, vlans: [20] }),
  ];

  it.each([
    {
      filter: 'vlan 10',
      seen: [
        [80, 10],
        [82, 10],
      ],
    },
    { filter: 'vlan 10 and udp port 80', seen: [[80, 10]] },
    { filter: 'udp port 80', seen: [[80, 0]], plain: true },
    { filter: 'udp port 81', seen: [[81, 0]] },
    // A word `vlan` moves all that follows it behind a tag (pcap-filter(7)), so untagged frames are not meant.
    { filter: 'not vlan 10 and udp port 80', seen: [[80, 20]] },
    {
      filter: 'udp port 80 and not vlan 10',
      seen: [
        [80, 0],
        [80, 20],
      ],
    },
  ])('sees of live tagged frames with the filter "$filter" what it says', ({ filter, seen, plain }) => {
    const pump = capture('right', 'capr', { bpf: filter });
    send(tagged);
    pump.run(ARRIVES, () => pump.packets.length >= seen.length);
    pump.run(QUIET);
    const heard = pump.packets.map(({ bytes, vlanTag }) => [bytes.readUInt16BE(36), vlanTag & 0xfff]);
    // libpcap's own meaning: a plain filter sees tagged frames too where the kernel has taken the tag out.
    expect(plain === true ? heard.filter(([, vlan]) => vlan === 0) : heard).toEqual(seen);
    for (const { vlanTag } of pump.packets) if (vlanTag !== 0) expect(vlanTag >>> 16).toBe(0x8100);
  });

  it('says of a bad filter what libpcap says', () => {
    expect(() => capture('right', 'capr', { bpf: 'udp prt 80' })).toThrow(/udp prt 80.*syntax error/);
  });

  it('says when there is no such interface, or it is down', () => {
    expect(() => capture('right', 'nothere')).toThrow(/there is no interface nothere/);
    lab.ipIn('right', 'link set capr down');
    expect(() => capture('right', 'capr')).toThrow(/the interface capr is down/);
  });

  it('says when its interface goes down', () => {
    const pump = capture('right', 'capr');
    lab.ipIn('right', 'link set capr down');
    pump.run(ARRIVES, () => pump.failure !== undefined);
    expect(String(pump.failure)).toMatch(/capr went down/);
  });

  it('counts each packet of the loopback once', () => {
    const pump = capture('left', 'lo', { bpf: 'udp port 9' });
    lab.ping('left', 20);
    pump.run(ARRIVES, () => pump.packets.length >= 20);
    pump.run(QUIET);
    expect(pump.packets).toHaveLength(20);
  });

  it('takes memory for its ring out of the budget, and says when there is none', () => {
    const pump = capture('right', 'capr', {}, 3 * 1024 * 1024);
    expect(pump.rings.taken).toBe(2 * 1024 * 1024);
    pump.close();
    pumps.splice(0);
    expect(pump.rings.taken).toBe(0);
    expect(() => capture('right', 'capr', {}, 1024 * 1024)).toThrow(/2097152 more bytes are needed, 0 of 1048576/);
  });

  it('keeps everything with a filter of one instruction', () => {
    expect(keepEverything(256).toString('hex')).toBe('0600000000010000');
  });

  it('sees through libpcap what it sees through a ring', () => {
    const pump = new Pump('capr', lab.path('right'), { bpf: 'udp port 82', headerSize: 100 }, { open: openPcap });
    pumps.push(pump);
    send([...tagged, udpFrame({ destinationPort: 82, payload: Buffer.alloc(500) })]);
    // Tagged ones with this port come too, before it and in a block of their own.
    const untagged = (): HeardPacket[] => pump.packets.filter(({ bytes }) => bytes.readUInt16BE(12) === 0x0800);
    pump.run(ARRIVES, () => untagged().length >= 1);
    pump.run(QUIET);
    const plain = untagged();
    expect(plain).toMatchObject([{ wireLength: 542, linkType: 1 }]);
    expect(plain[0]!.bytes).toHaveLength(100);
    expect(Math.abs(plain[0]!.timeMs - Date.now())).toBeLessThan(60_000);
    expect(pump.source.counts()).toMatchObject({ received: pump.packets.length, dropped: 0 });
    expect(() => new Pump('capr', lab.path('right'), { bpf: 'udp prt 80' }, { open: openPcap })).toThrow(/syntax error/);
  });

  it('opens the next ring where a closed one was', () => {
    for (let round = 0; round < 5; round++) {
      const pump = capture('right', 'capr');
      send([udpFrame({ destinationPort: 5_000 + round })]);
      pump.run(ARRIVES, () => pump.packets.length > 0);
      expect(ports(pump)).toEqual([5_000 + round]);
      pump.close();
      pumps.splice(0);
    }
  });
});
