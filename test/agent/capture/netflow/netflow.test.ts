import { execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { openNetflow } from '../../../../agent/capture/netflow/open.js';
import type { FlowRecord } from '../../../../agent/capture/netflow/record.js';
import { readIpfix, readVersion9 } from '../../../../agent/capture/netflow/sets.js';
import { Templates } from '../../../../agent/capture/netflow/templates.js';
import { toFlow } from '../../../../agent/capture/netflow/toFlow.js';
import { readVersion5 } from '../../../../agent/capture/netflow/version5.js';
import { describeWith, program } from '../../../needs.js';
import { udpFrame } from '../frames.js';
import { damaged } from '../damage.js';
import { Pump } from '../pump.js';
import { pcapFile } from '../pcapFile.js';

const words = (...values: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => bytes.writeUInt32BE(value >>> 0, index * 4));
  return bytes;
};
const halves = (...values: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(values.length * 2);
  values.forEach((value, index) => bytes.writeUInt16BE(value, index * 2));
  return bytes;
};
const set = (id: number, ...parts: readonly Buffer[]): Buffer => {
  const body = Buffer.concat(parts);
  return Buffer.concat([halves(id, body.length + 4), body]);
};
const ipfix = (...sets: readonly Buffer[]): Buffer => {
  const body = Buffer.concat(sets);
  return Buffer.concat([halves(10, 16 + body.length), words(1_700_000_000, 1, 42), body]);
};
const version9 = (...sets: readonly Buffer[]): Buffer =>
  Buffer.concat([halves(9, sets.length), words(60_000, 1_700_000_000, 1, 42), ...sets]);

const read = (datagrams: readonly Buffer[], reader = readIpfix) => {
  const records: FlowRecord[] = [];
  let unknown = 0;
  const templates = new Templates();
  const answers = datagrams.map((datagram) =>
    reader(datagram, { templates, exporter: '192.0.2.9', take: (record) => void records.push(record), unknown: () => void unknown++ }),
  );
  return { records, unknown, answers, templates };
};

/** source, destination, source port, destination port, protocol, bytes (4), packets (4). */
const TEMPLATE = [8, 4, 12, 4, 7, 2, 11, 2, 4, 1, 1, 4, 2, 4];
const RECORD = Buffer.concat([words(0xc0000201, 0xc0000202), halves(1_234, 443), Buffer.from([6]), words(1_500, 10)]);

describe('IPFIX and NetFlow 9', () => {
  it('give records a form by templates', () => {
    const { records, answers } = read([ipfix(set(2, halves(256, 7, ...TEMPLATE)), set(256, RECORD, RECORD))]);
    expect(answers).toEqual([true]);
    expect(records).toHaveLength(2);
    expect(records[0]).toMatchObject({
      source: '192.0.2.1',
      destination: '192.0.2.2',
      sourcePort: 1_234,
      destinationPort: 443,
      protocol: 6,
      bytes: 1_500,
      packets: 10,
      last: 1_700_000_000_000,
    });
  });

  it("count times of version 9 from the exporter's start", () => {
    const template = set(0, halves(300, 8, ...TEMPLATE, 21, 4));
    const { records } = read([version9(template, set(300, RECORD, words(30_000), Buffer.alloc(3)))], readVersion9);
    expect(records.map(({ last }) => last)).toEqual([1_700_000_000_000 - 30_000]);
  });

  it('say when a template is not there yet, and forget what was taken back', () => {
    const { records, unknown } = read([
      ipfix(set(256, RECORD)),
      ipfix(set(2, halves(256, 7, ...TEMPLATE)), set(256, RECORD)),
      ipfix(set(2, halves(256, 0)), set(256, RECORD)),
    ]);
    expect(records).toHaveLength(1);
    expect(unknown).toBe(2);
  });

  it('read enterprise elements, the reverse direction and fields that say their own length', () => {
    const fields = Buffer.concat([halves(256, 9, ...TEMPLATE), halves(0x8000 | 1, 8), words(29_305), halves(82, 0xffff)]);
    const record = Buffer.concat([RECORD, words(0, 700), Buffer.from([4]), Buffer.from('eth0')]);
    const { records, answers } = read([ipfix(set(2, fields), set(256, record, record))]);
    expect(answers).toEqual([true]);
    expect(records.map(({ reverseBytes }) => reverseBytes)).toEqual([700, 700]);
  });

  it('make flows of frames that have no address but a MAC', () => {
    const macs = set(2, halves(256, 4, 56, 6, 80, 6, 243, 2, 2, 4));
    const record = set(256, Buffer.concat([Buffer.from('020000000001020000000002', 'hex'), halves(42), words(3)]));
    const [told] = read([ipfix(macs, record)]).records;
    expect(toFlow(told!)).toMatchObject({
      layersPath: 'Ethernet',
      link: { a: '02:00:00:00:00:01', b: '02:00:00:00:00:02', id: 42 },
      abPackets: 3,
    });
    expect(toFlow({ ...told!, sourceMac: '' })).toBeUndefined();
  });

  it('keep no more templates than fit', () => {
    const { templates } = read(
      Array.from({ length: 100 }, (_, domain) => {
        const sets = Array.from({ length: 100 }, (_unused, id) => set(2, halves(256 + id, 7, ...TEMPLATE)));
        const message = ipfix(...sets);
        message.writeUInt32BE(domain, 12);
        return message;
      }),
    );
    expect(templates.size).toBe(4_096);
  });

  it('survive any bytes', () => {
    const good = [
      ipfix(set(2, halves(256, 7, ...TEMPLATE)), set(3, halves(257, 2, 1, 144, 4, 41, 8)), set(256, RECORD)),
      version9(set(0, halves(300, 7, ...TEMPLATE)), set(300, RECORD)),
    ];
    const templates = new Templates();
    const context = { templates, exporter: 'a', take: (record: FlowRecord) => void toFlow(record), unknown: () => undefined };
    for (const datagram of damaged(good)) {
      readIpfix(datagram, context);
      readVersion9(datagram, context);
      readVersion5(datagram, context.take);
    }
    expect(templates.size).toBeLessThanOrEqual(4_096);
  });
});

describeWith([program('softflowd')], 'a collector of NetFlow', () => {
  let pump: Pump | undefined;
  let folder: string | undefined;

  afterEach(() => {
    pump?.close();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  it.each([5, 9, 10])('hears what softflowd exports in version %i', (version) => {
    folder = mkdtempSync(join(tmpdir(), 'canopy-netflow-'));
    const file = join(folder, 'traffic.pcap');
    const there = { sourcePort: 4_000, destinationPort: 5_000, payload: Buffer.alloc(100) };
    const back = {
      sourceIp: '192.0.2.2',
      destinationIp: '192.0.2.1',
      sourcePort: 5_000,
      destinationPort: 4_000,
      payload: Buffer.alloc(20),
    };
    writeFileSync(file, pcapFile([udpFrame(there), udpFrame(there), udpFrame(back)]));
    pump = new Pump('lo', undefined, { port: 0 }, { open: openNetflow });
    const { netflowSocket } = pump.source.facts().facts;
    const target = String(netflowSocket).replace('0.0.0.0', '127.0.0.1');
    execFileSync('softflowd', ['-r', file, '-n', target, '-v', String(version), '-d', '-p', join(folder, 'pid'), '-c', 'none'], {
      stdio: 'ignore',
    });
    pump.run(10_000, () => pump!.flows.length >= 2);
    const sum = pump.flows.reduce((total, { abPackets, baPackets }) => total + abPackets + baPackets, 0);
    expect(sum).toBe(3);
    expect(pump.flows[0]).toMatchObject({
      layersPath: 'IPv4/UDP',
      application: 'UDP',
      network: { protocol: 'IPV4' },
      transport: { protocol: 'UDP' },
    });
    expect(pump.flows.map(({ transport }) => [transport!.a, transport!.b]).sort()).toEqual([
      [4_000, 5_000],
      [5_000, 4_000],
    ]);
    // The file's times are those of now.
    for (const { last } of pump.flows) expect(Math.abs(last - Date.now())).toBeLessThan(60_000);
  });

  it('counts what the kernel had no room for', async () => {
    pump = new Pump('lo', undefined, { port: 0 }, { open: openNetflow });
    const port = Number(String(pump.source.facts().facts.netflowSocket).split(':')[1]);
    const sender = createSocket('udp4');
    const large = Buffer.alloc(60_000);
    const sent = 300;
    for (let turn = 0; turn < sent; turn++) await new Promise((resolve) => sender.send(large, port, '127.0.0.1', resolve));
    sender.close();
    const counts = (): number => pump!.source.counts().received + pump!.source.counts().dropped;
    pump.run(5_000, () => counts() >= sent);
    expect(counts()).toBe(sent);
    expect(pump.source.counts().dropped).toBeGreaterThan(0);
  });

  it('counts what it does not understand', async () => {
    pump = new Pump('lo', undefined, { port: 0 }, { open: openNetflow });
    const port = Number(String(pump.source.facts().facts.netflowSocket).split(':')[1]);
    const sender = createSocket('udp4');
    for (const datagram of [Buffer.from('nonsense'), halves(5, 30), Buffer.alloc(0)]) sender.send(datagram, port, '127.0.0.1');
    await new Promise((resolve) => setTimeout(resolve, 50));
    sender.close();
    await once(sender, 'close');
    pump.run(5_000, () => pump!.source.counts().received >= 3);
    expect(pump.source.counts()).toMatchObject({ received: 3, drops: { unknownVersion: 2, malformed: 1 } });
    expect(pump.flows).toEqual([]);
  });
});
