import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { PcapParser } from '../../src/flow/pcap/pcapParser.js';
import { readPcap } from '../../src/flow/pcap/readPcap.js';
import { writePcap, writePcapng } from '../../src/flow/pcap/writePcap.js';
import { describeWith, program } from '../needs.js';
import { ethernet, ipv4, pcapOf, tcp } from './frames.js';

const frame = ethernet(0x0800, ipv4(6, tcp(1, 2)));
const longer = ethernet(0x0800, ipv4(6, tcp(3, 4)));

interface Read {
  readonly data: string;
  readonly wireLength: number;
  readonly time: readonly [ms: number, nanos: number];
  readonly linkType: number;
}
const read = (file: Uint8Array): { packets: Read[]; summary: ReturnType<typeof readPcap> } => {
  const packets: Read[] = [];
  const summary = readPcap(file, {
    packet: (bytes, offset, captured, wireLength, ms, nanos, linkType) => {
      const data = Buffer.from(bytes.subarray(offset, offset + captured)).toString('hex');
      packets.push({ data, wireLength, time: [ms, nanos], linkType });
    },
  });
  return { packets, summary };
};

/** A file with one packet, in each form of the classic format. */
function classic(magic: number, little: boolean, ticks: number): Buffer {
  const file = Buffer.alloc(40);
  const view = new DataView(file.buffer, file.byteOffset);
  view.setUint32(0, magic, little);
  view.setUint32(20, 1, little);
  view.setUint32(24, 1_700_000_000, little);
  view.setUint32(28, ticks, little);
  view.setUint32(32, frame.length, little);
  view.setUint32(36, 1500, little);
  return Buffer.concat([file, frame]);
}

describe('capture files', () => {
  it.each([
    ['microseconds, low byte first', classic(0xa1b2c3d4, true, 123_456), [1_700_000_000_123, 456_000]],
    ['microseconds, high byte first', classic(0xa1b2c3d4, false, 123_456), [1_700_000_000_123, 456_000]],
    ['nanoseconds, low byte first', classic(0xa1b23c4d, true, 123_456_789), [1_700_000_000_123, 456_789]],
    ['nanoseconds, high byte first', classic(0xa1b23c4d, false, 123_456_789), [1_700_000_000_123, 456_789]],
  ])('with %s', (_, file, time) => {
    expect(read(file).packets).toEqual([{ data: frame.toString('hex'), wireLength: 1500, time, linkType: 1 }]);
  });

  it('come in pieces of any size', () => {
    const file = pcapOf([
      [1000, frame],
      [2000, longer],
    ]);
    for (const size of [1, 7, 64]) {
      const times: number[] = [];
      const parser = new PcapParser({ packet: (_bytes, _offset, _captured, _wire, ms) => void times.push(ms) });
      for (let at = 0; at < file.length; at += size) parser.push(file.subarray(at, at + size));
      expect([times, parser.end()]).toEqual([[1000, 2000], { format: 'pcap', packets: 2, bytesRead: file.length }]);
    }
  });

  it('that are cut off are read up to there', () => {
    const file = pcapOf([
      [1000, frame],
      [2000, longer],
    ]);
    const { packets, summary } = read(file.subarray(0, file.length - 5));
    expect(packets).toHaveLength(1);
    expect(summary).toEqual({
      format: 'pcap',
      packets: 1,
      bytesRead: 24 + 16 + frame.length,
      problem: `the file ends within a record, ${16 + longer.length - 5} bytes behind the last whole one`,
    });
  });

  it('with a length that cannot be stop there', () => {
    const file = pcapOf([[1000, frame]]);
    const broken = Buffer.concat([file, Buffer.alloc(8), Buffer.from('ffffff7fffffff7f', 'hex'), Buffer.alloc(100)]);
    expect(read(broken).summary).toMatchObject({ packets: 1, problem: 'record 2 says that it has 2147483647 bytes' });
  });

  describe('of blocks', () => {
    const packets = [1, 2, 3].map((index) => ({
      bytes: frame,
      timeMs: 1_700_000_000_000 + index,
      nanos: 0,
      wireLength: frame.length,
      linkType: 1,
    }));
    const file = Buffer.from(writePcapng(packets));
    /** Where the last packet's block begins. */
    const last = file.length - file.readUInt32LE(file.length - 4);

    it('stop at one whose two lengths differ', () => {
      const length = file.readUInt32LE(last + 4);
      const before = Buffer.from(file);
      // As long as two: the packet behind would be missed.
      before.writeUInt32LE(2 * length, last - length + 4);
      expect(read(before).summary).toMatchObject({ packets: 1, bytesRead: last - length });
      const behind = Buffer.from(file);
      behind.writeUInt32LE(length + 4, file.length - 4);
      expect(read(behind).summary).toEqual({
        format: 'pcapng',
        packets: 2,
        bytesRead: last,
        problem: `the block behind packet 2 says that it has ${length} bytes, and at its end ${length + 4}`,
      });
    });

    it('stop at a time that is none', () => {
      const broken = Buffer.from(file);
      // Nanoseconds become seconds.
      broken[file.indexOf(Buffer.from([9, 0, 1, 0, 9])) + 4] = 0;
      expect(read(broken)).toMatchObject({
        packets: [],
        summary: {
          bytesRead: last - 2 * file.readUInt32LE(last + 4),
          problem: 'packet 1 is of second 1700000000001000000 since 1970, which is no time',
        },
      });
    });
  });

  it('are told from other files', () => {
    expect(() => read(Buffer.from('hello world'))).toThrow('neither pcap nor pcapng: the first bytes are 68656c6c');
    expect(() => read(Buffer.alloc(2))).toThrow('2 bytes are no capture file');
  });

  it('are written as they are read', () => {
    const packets = [
      { bytes: frame, timeMs: 1_700_000_000_123, nanos: 456_789, wireLength: 1500, linkType: 1 },
      { bytes: frame.subarray(14), timeMs: 1_700_000_001_000, nanos: 0, wireLength: 40, linkType: 228 },
    ];
    const expected = packets.map(({ bytes, timeMs, nanos, wireLength, linkType }) => ({
      data: bytes.toString('hex'),
      wireLength,
      time: [timeMs, nanos],
      linkType,
    }));
    expect(read(writePcapng(packets)).packets).toEqual(expected);
    expect(read(writePcap(packets.slice(0, 1), 1)).packets).toEqual(expected.slice(0, 1));
    const coarse = { ...expected[0]!, time: [1_700_000_000_123, 456_000] };
    expect(read(writePcap(packets.slice(0, 1), 1, 'microseconds')).packets).toEqual([coarse]);
  });
});

describeWith([program('tshark'), program('editcap')], 'capture files of others', () => {
  const folder = mkdtempSync(join(tmpdir(), 'canopy-pcap-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const original = pcapOf([
    [1_700_000_000_123, frame],
    [1_700_000_001_456, longer],
  ]);

  it.each(['pcap', 'nsecpcap', 'pcapng', 'modpcap'])('%s', (format) => {
    const [from, to] = [join(folder, 'from.pcap'), join(folder, `to.${format}`)];
    writeFileSync(from, original);
    execFileSync('editcap', ['-F', format, from, to]);
    expect(read(execFileSync('cat', [to])).packets).toEqual(read(original).packets);
  });

  it('are read from what we write', () => {
    const file = join(folder, 'ours.pcapng');
    writeFileSync(file, writePcapng([{ bytes: frame, timeMs: 1_700_000_000_123, nanos: 456_789, wireLength: 1500, linkType: 1 }]));
    const fields = ['frame.time_epoch', 'frame.len', 'frame.cap_len', 'tcp.srcport'].flatMap((field) => ['-e', field]);
    expect(
      execFileSync('tshark', ['-r', file, '-T', 'fields', ...fields], { encoding: 'utf8' })
        .trim()
        .split('\t'),
    ).toEqual(['1700000000.123456789', '1500', '54', '1']);
  });
});
