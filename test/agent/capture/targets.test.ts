import { mkdirSync, readdirSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { openMirror } from '../../../agent/capture/targets/erspanv1.js';
import { openNetflowExporter } from '../../../agent/capture/targets/netflowv5.js';
import { inNamespace, prepareNamespaces, withNamespace } from '../../../agent/linux/namespace.js';
import { describeWith, program, root } from '../../needs.js';
import { put, table } from '../../flow/tables.js';
import { dot1q, ethernet, icmp, ipv4, ipv6, payload, tcp, udp } from '../../flow/frames.js';
import { eventually, Lab } from '../lab.js';
import { Wire, Witness } from './wire.js';

vi.setConfig({ testTimeout: 60_000 });

const PORT = 9_995;

describeWith([root, ...['ip', 'nfcapd', 'nfdump', 'tshark', 'tcpdump'].map(program)], 'what is sent to other programs', () => {
  let wire: Wire;

  beforeEach(async () => {
    await prepareNamespaces();
    wire = await Wire.open(new Lab());
  });

  afterEach(() => wire.close());

  const within = <Result>(open: () => Result): Result => withNamespace(wire.lab.path('left'), ({ fd }) => inNamespace(fd, open));

  it('is refused where no route leads to whom it is for', () => {
    const noRoute = /^no route leads to 203\.0\.113\.9 from the network namespace of the agent$/;
    expect(() => within(() => openNetflowExporter(`203.0.113.9:${PORT}`, 0))).toThrow(noRoute);
    expect(() => within(() => openMirror('203.0.113.9', 1))).toThrow(noRoute);
  });

  it('is understood as NetFlow 5 by nfcapd', async () => {
    const folder = join(wire.lab.folder, 'nfcapd');
    mkdirSync(folder);
    const collector = wire.start('left', 'nfcapd', '-b', '127.0.0.1', '-p', String(PORT), '-w', folder);
    await wire.listens('left', 'udp', PORT);

    const now = Date.now();
    const counted = table();
    const frames = [
      ethernet(0x0800, ipv4(17, udp(1_000, 53, payload(72)), '10.0.0.1', '10.0.0.2')),
      ethernet(0x0800, ipv4(17, udp(53, 1_000, payload(172)), '10.0.0.2', '10.0.0.1'), '02:00:00:00:00:02', '02:00:00:00:00:01'),
      ethernet(0x0800, ipv4(6, tcp(2_000, 443, 0x10, 0, payload(60)), '10.0.0.1', '10.0.0.3')),
      ethernet(0x8100, dot1q(5, 0x0800, ipv4(1, icmp(8, 0, 7, payload(12)), '10.0.0.1', '10.0.0.4'))),
      // Version 5 has no place for it.
      ethernet(0x86dd, ipv6(17, udp(1, 2))),
      // More than fit into one datagram.
      ...Array.from({ length: 50 }, (_, index) => ethernet(0x0800, ipv4(17, udp(3_000 + index, 80), '10.0.0.1', '10.0.0.5'))),
    ];
    put(counted, ...frames.map((frame, index) => ({ frame, ms: now + index })));
    const exporter = within(() => openNetflowExporter(`127.0.0.1:${PORT}`, now - 10_000));
    counted.flush(exporter);
    exporter.end();
    expect(exporter.unsent).toBe(0);
    exporter.close();

    const read = (file: string): string => wire.run('left', 'nfdump', '-q', '-r', file, '-o', 'fmt:%sa,%da,%sp,%dp,%pr,%pkt,%byt');
    // It writes its file at its end, and nothing says that it has everything but the queue of its socket.
    await eventually(() => {
      const queued = wire
        .run('left', 'cat', '/proc/net/udp')
        .split('\n')
        .find((line) => line.includes(`:${PORT.toString(16).toUpperCase()} `));
      return queued?.includes(' 00000000:00000000 ') === true ? true : undefined;
    });
    const gone = once(collector, 'exit');
    collector.kill('SIGTERM');
    await gone;
    const file = readdirSync(folder).find((name) => /^nfcapd\.\d+$/.test(name))!;
    const records = read(join(folder, file))
      .split('\n')
      .filter((line) => line.includes(','))
      .map((line) => line.split(',').map((field) => field.trim()));
    expect(records).toHaveLength(53);
    expect(records).toEqual(
      expect.arrayContaining([
        ['10.0.0.1', '10.0.0.2', '1000', '53', 'UDP', '2', '300'],
        ['10.0.0.1', '10.0.0.3', '2000', '443', 'TCP', '1', '100'],
        ['10.0.0.1', '10.0.0.5', '3049', '80', 'UDP', '1', '38'],
      ]),
    );
    const ping = records.find(([, to]) => to === '10.0.0.4')!;
    expect(ping.slice(4)).toEqual(['ICMP', '1', '44']);
  });

  it('is understood as ERSPAN by tshark', async () => {
    const witness = await Witness.open(wire, 'left', 'lo', 4_096, 'proto 47');
    const mirror = within(() => openMirror('127.0.0.7', 0x12345));
    const frame = ethernet(0x0800, ipv4(17, udp(1_000, 53, payload(72)), '10.0.0.1', '10.0.0.2'));
    const large = ethernet(0x0800, ipv4(17, udp(1_001, 53, payload(1_400)), '10.0.0.1', '10.0.0.2'));
    mirror.packet(frame, 0, frame.length, frame.length, 0, 0, 1, 0, 1);
    mirror.packet(frame, 0, frame.length, frame.length, 0, 0, 1, 0x8100_000a, 1);
    // Cut by the capture.
    mirror.packet(large, 0, 100, large.length, 0, 0, 1, 0, 1);
    expect([mirror.sent, mirror.unsent]).toEqual([3, 0]);
    mirror.close();
    await eventually(() => (witness.frames() === 3 ? true : undefined));
    const fields = [
      'gre.proto',
      'gre.sequence_number',
      'erspan.version',
      'erspan.vlan',
      'erspan.spanid',
      'erspan.index',
      'vlan.id',
      'udp.srcport',
    ];
    const said = wire.run(
      'left',
      'tshark',
      '-r',
      witness.file,
      '-T',
      'fields',
      '-E',
      'separator=,',
      ...fields.flatMap((field) => ['-e', field]),
    );
    expect(said.trim().split('\n')).toEqual(['0x88be,0,1,0,1,74565,,1000', '0x88be,1,1,10,1,74565,10,1000', '0x88be,2,1,0,1,74565,,1001']);
  });
});
