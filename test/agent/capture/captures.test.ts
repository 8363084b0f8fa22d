import { crc32 } from 'node:zlib';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openNetflow } from '../../../agent/capture/netflow/open.js';
import { describeWith, program, root } from '../../needs.js';
import { eventually } from '../lab.js';
import { ethernet, ipv6, udp } from '../../flow/frames.js';
import { CaptureHost } from './captureHost.js';
import { udpFrame } from './frames.js';
import { Pump } from './pump.js';

describeWith([root, program('ip'), program('unshare'), program('nsenter')], 'the captures of a host', () => {
  let host: CaptureHost;

  beforeEach(async () => {
    host = await CaptureHost.open();
  });

  afterEach(async () => {
    await host.close();
  });

  it('make flows of packets, and ship them', async () => {
    host.start();
    await host.inState('ACTIVE');
    host.send(Array.from({ length: 30 }, () => udpFrame({ destinationPort: 53_000 })));
    await eventually(
      () => host.flows(),
      (list) => list.length > 0,
    );
    host.stop();
    const ended = await host.inState('STOPPED');
    expect(ended).toMatchObject({ packetsReceived: 30, packetsDropped: 0, type: 'afpacket', error: undefined });
    const packets = host.flows().reduce((most, { Metric }) => Math.max(most, Metric?.ABPackets ?? 0), 0);
    expect(packets).toBe(30);
    expect(host.flows()[0]).toMatchObject({
      LayersPath: 'Ethernet/IPv4/UDP',
      NodeTID: 'tid-capr',
      CaptureID: 'capture-1',
      Transport: { A: 40_000, B: 53_000 },
    });
    expect(host.captures.states()).toEqual([]);
  });

  it('answer live questions between two updates', async () => {
    await host.restart(undefined, { flow: { ...host.lab.settings().agent.flow, update: 3_600_000 } });
    host.start();
    await host.inState('ACTIVE');
    host.send([udpFrame(), udpFrame()]);
    await eventually(
      () => host.captures.states()[0],
      ({ packetsReceived }) => packetsReceived === 2,
    );
    host.captures.refresh(7);
    await eventually(() => host.refreshed[0]);
    expect(host.flows('REFRESH')).toMatchObject([{ Metric: { ABPackets: 2 } }]);
    expect(host.flows('UPDATE')).toEqual([]);
  });

  it('count on while an interface is down, and go on when it is back', async () => {
    host.start();
    await host.inState('ACTIVE');
    host.send([udpFrame()]);
    await eventually(
      () => host.captures.states()[0],
      ({ packetsReceived }) => packetsReceived === 1,
    );
    host.lab.ipIn('right', 'link set capr down');
    expect((await host.inState('ERROR')).error).toMatch(/capr (went|is) down/);
    host.lab.ipIn('right', 'link set capr up');
    await host.lab.carries('left', 'capl');
    await host.inState('ACTIVE');
    host.send([udpFrame()]);
    await eventually(
      () => host.captures.states()[0],
      ({ packetsReceived }) => packetsReceived === 2,
    );
  });

  it('say what is wrong with them, and run when it is not any more', async () => {
    host.start({ id: 'bad-filter', bpf: 'udp prt 80' });
    expect((await host.inState('ERROR', 'bad-filter')).error).toMatch(/syntax error/);
    host.start({ id: 'bad-type', type: 'ovsmirror' });
    expect((await host.inState('ERROR', 'bad-type')).error).toMatch(/possible are afpacket/);
    host.start({ id: 'too-much', headerSize: 10_000 });
    expect((await host.inState('ERROR', 'too-much')).error).toMatch(/at most 4096/);
    host.start({ id: 'nowhere' }, 'no-such-node');
    expect((await host.inState('ERROR', 'nowhere')).error).toMatch(/no such node/);
    host.lab.ipIn('right', 'link del capr');
    host.start();
    expect((await host.inState('ERROR')).error).toMatch(/there is no interface capr/);
    await host.addLinks();
    await host.inState('ACTIVE');
  });

  it.each(['afpacket', 'ebpf', 'pcap'] as const)("of the type %s leave out the agent's traffic with the analyzer", async (type) => {
    await host.restart('http://192.0.2.2:8082', { allow: { capture: 'always', inject: 'local' } });
    host.start({ type, bpf: 'udp' });
    await host.inState('ACTIVE');
    const to = (destinationPort: number, destinationIp?: string): Buffer => udpFrame({ destinationPort, destinationIp });
    const back = udpFrame({ sourceIp: '192.0.2.2', sourcePort: 8_082, destinationIp: '192.0.2.1', destinationPort: 40_000 });
    host.send([to(8_082), back, to(8_083), to(8_082, '192.0.2.3')]);
    await eventually(
      () => host.captures.states()[0],
      ({ packetsReceived }) => packetsReceived >= 2,
    );
    host.stop();
    expect(await host.inState('STOPPED')).toMatchObject({ packetsReceived: 2 });
  });

  it.each(['', 'udp', 'udp port 8082 or udp port 2379 or udp port 9000', 'not vlan 11'])(
    'leave out what goes to an analyzer by IPv6 and to etcd, whatever the filter is: "%s"',
    async (bpf) => {
      await host.restart('http://[fd00::2]:8082', { allow: { capture: 'always', inject: 'local' } }, ['http://192.0.2.2:2379']);
      host.start({ bpf });
      await host.inState('ACTIVE');
      const to6 = (port: number): Buffer => ethernet(0x86dd, ipv6(17, udp(40_000, port)));
      const others = [udpFrame({ destinationPort: 9_000 }), to6(9_000), udpFrame({ destinationPort: 8_082 }), to6(2_379)];
      host.send([udpFrame({ destinationPort: 2_379 }), to6(8_082), ...others]);
      await eventually(
        () => host.captures.states()[0],
        ({ packetsReceived }) => packetsReceived >= others.length,
      );
      host.stop();
      expect(await host.inState('STOPPED')).toMatchObject({ packetsReceived: others.length });
    },
  );

  it('are not allowed for an analyzer elsewhere unless the host says so', async () => {
    await host.restart('http://192.0.2.77:8082');
    host.start();
    expect((await host.inState('ERROR')).error).toMatch(/agent.allow.capture is local/);
    expect(host.captures.abilities()).toMatchObject({ allowsCapture: false, allowsInjection: false });
  });

  it('close their sockets when their namespace goes', async () => {
    host.start();
    await host.inState('ACTIVE');
    host.namespaces.remove('right');
    expect((await host.inState('ERROR')).error).toMatch(/namespace is gone|lies in no namespace/);
    host.lab.removeNamespace('right');
    // The other end of the pair goes with the namespace, since nothing holds it any more.
    await eventually(
      () => host.lab.linkNames('left'),
      (names) => !names.includes('capl'),
    );
    host.lab.addNamespace('right');
  });

  it.each(['afpacket', 'ebpf', 'pcap'] as const)('of the type %s wait for their interface and their namespace, and go on', async (type) => {
    const received = (count: number) =>
      eventually(
        () => host.captures.states()[0],
        ({ packetsReceived }) => packetsReceived === count,
      );
    const frame = [udpFrame({ destinationPort: 7_000 })];
    // libpcap is promiscuous; what the kernel says by itself when a link comes up is left out.
    host.start({ type, bpf: 'udp port 7000' });
    await host.inState('ACTIVE');
    host.send(frame);
    await received(1);

    host.lab.ipIn('right', 'link del capr');
    expect((await host.inState('ERROR')).error).toMatch(
      /capr (went down|is down|cannot)|there is no interface capr|disappeared|capr: .*(down|exist)/i,
    );
    await host.addLinks();
    await host.inState('ACTIVE');
    host.send(frame);
    await received(2);

    host.namespaces.remove('right');
    host.lab.removeNamespace('right');
    expect((await host.inState('ERROR')).error).toMatch(/namespace is gone|lies in no namespace|no interface|went down|disappeared/i);
    // The links go with the namespace, at the kernel's leisure.
    await eventually(
      () => host.lab.linkNames('left'),
      (names) => !names.includes('capl'),
    );
    host.lab.addNamespace('right');
    await host.addLinks();
    host.namespaces.put({ key: 'right again', path: host.lab.path('right'), name: 'right', root: 'ns-right', isOwn: false });
    await host.inState('ACTIVE');
    host.send(frame);
    expect(await received(3)).toMatchObject({ packetsDropped: 0, error: undefined });
  });

  it('end when the analyzer does not name them any more', async () => {
    host.start();
    await host.inState('ACTIVE');
    host.captures.apply({ kind: 'captureTasks', isWhole: true, captures: [], start: [], stop: [] });
    await host.inState('STOPPED');
    expect(host.captures.abilities().ringBytesUsed).toBe(0);
  });

  it('wait for their turn where the host lets no more run, and tell what is left of it', async () => {
    await host.restart(undefined, { capture: { ...host.lab.settings().agent.capture, most: 1 } });
    host.start();
    await host.inState('ACTIVE');
    host.start({ id: 'second' });
    expect((await host.inState('ERROR', 'second')).error).toBe('this host allows at most 1 (agent.capture.most), not 2');
    const used = (bytes: number) =>
      eventually(
        () => host.able.at(-1),
        (able) => able?.ringBytesUsed === bytes,
      );
    expect(await used(2 * 1024 * 1024)).toMatchObject({ mostCaptures: 1 });
    host.stop();
    await host.inState('ACTIVE', 'second');
    host.stop('second');
    await used(0);
  });

  it('send flows as NetFlow where they are told to', async () => {
    const collector = new Pump('lo', undefined, {}, { open: openNetflow });
    try {
      const port = String(collector.source.facts().facts.netflowSocket).split(':')[1]!;
      host.start({ targetType: 'netflowv5', target: `127.0.0.1:${port}` });
      await host.inState('ACTIVE');
      host.send([udpFrame({ payload: Buffer.alloc(72) }), udpFrame({ payload: Buffer.alloc(72) })]);
      await eventually(
        () => host.captures.states()[0],
        ({ packetsReceived }) => packetsReceived === 2,
      );
      host.stop();
      await host.inState('STOPPED');
      collector.run(10_000, () => collector.flows.length > 0);
      expect(collector.flows).toMatchObject([
        {
          network: { a: '192.0.2.1', b: '192.0.2.2' },
          transport: { protocol: 'UDP', a: 40_000, b: 80 },
          abPackets: 2,
          abBytes: 200,
        },
      ]);
      expect(host.shipped).toEqual([]);
    } finally {
      collector.close();
    }
  });

  it('mirror packets where they are told to', async () => {
    const collector = new Pump('lo', undefined, { bpf: 'ip proto 47 and dst host 127.0.0.7', headerSize: 1_000 });
    try {
      host.start({ targetType: 'erspanv1', target: '127.0.0.7' });
      await host.inState('ACTIVE');
      const frame = udpFrame({ vlans: [10] });
      host.send([frame]);
      collector.run(10_000, () => collector.packets.length > 0);
      const mirrored = collector.packets[0]!.bytes.subarray(34);
      expect(mirrored.readUInt16BE(0)).toBe(0x1000);
      expect(mirrored.readUInt16BE(2)).toBe(0x88be);
      expect(mirrored.readUInt16BE(8)).toBe(0x1000 | 10);
      expect(mirrored.subarray(16, -4)).toEqual(frame);
      expect(mirrored.readUInt32BE(mirrored.length - 4)).toBe(crc32(frame));
      expect(host.shipped).toEqual([]);
    } finally {
      collector.close();
    }
  });

  it('ship what is in their tables when the agent stops', async () => {
    host.start();
    await host.inState('ACTIVE');
    host.send([udpFrame({ destinationPort: 9_999 })]);
    await eventually(
      () => host.captures.states()[0],
      ({ packetsReceived }) => packetsReceived === 1,
    );
    await host.captures.close();
    expect(host.flows().some(({ Transport }) => Transport?.B === 9_999)).toBe(true);
  });
});
