import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LeftFlows } from '../../../../agent/capture/ebpf/leftFlows.js';
import {
  elapsed,
  idleTime,
  KEY_WORDS,
  packetsOf,
  recountRow,
  ROW_BYTES,
  rowToFlow,
  type Moment,
} from '../../../../agent/capture/ebpf/rows.js';
import { isOlder } from '../../../../agent/capture/ebpf/source.js';
import { Recount } from '../../../../src/flow/table/external.js';
import type { FlowTable } from '../../../../src/flow/table/flowTable.js';
import { collect, table } from '../../../flow/tables.js';

const NOW = 1_700_000_000_000;
const MOMENT: Moment = { monotonic: 900e9, offset: NOW - 900_000 };
const FAMILIES = { 0x0800: 4, 0x86dd: 6, 0x0806: 1, 0x88cc: 1 } as const;

const rowAt = (bytes: Buffer): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
const stateOf = (bytes: Buffer): number => bytes.readUInt32LE(0);

const key = fc.record({
  macs: fc.uint8Array({ minLength: 12, maxLength: 12 }),
  addresses: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  ports: fc.tuple(fc.nat(0xffff), fc.nat(0xffff)),
  etherType: fc.constantFrom(0x0800 as const, 0x86dd as const, 0x0806 as const, 0x88cc as const),
  protocol: fc.constantFrom(1, 6, 17, 58, 132, 89),
  vlan: fc.constantFrom(0, 5),
});
const time = fc.bigInt({ min: 1n, max: 900_000_000_000n });
const counters = fc.record({
  counts: fc.array(fc.bigInt({ min: 0n, max: 2n ** 50n }), { minLength: 4, maxLength: 4 }),
  start: time,
  last: time,
  tcp: fc.array(fc.option(time, { nil: 0n }), { minLength: 6, maxLength: 6 }),
  isLowFirst: fc.boolean(),
});
type ValueOf<T> = T extends fc.Arbitrary<infer V> ? V : never;

/** A row as the kernel's program writes it. */
function rowOf({ macs, addresses, ports, etherType, protocol, vlan }: ValueOf<typeof key>, values: ValueOf<typeof counters>): Buffer {
  const family = FAMILIES[etherType];
  const bytes = Buffer.alloc(ROW_BYTES[family === 6 ? 6 : 4]);
  const isIp = family !== 1;
  bytes.writeUInt32LE(((family << 24) | ((isIp ? protocol : 0) << 16)) >>> 0, 0);
  bytes.set(macs.subarray(0, 6), 8);
  bytes.set(macs.subarray(6), 16);
  if (isIp) {
    const [width, at] = family === 4 ? [4, 24] : [16, 128];
    bytes.set(addresses.subarray(0, width), at);
    bytes.set(addresses.subarray(16, 16 + width), at + width);
    bytes.writeUInt16BE(ports[0], 14);
    bytes.writeUInt16BE(ports[1], 22);
  }
  bytes.writeUInt32LE(Number((values.last + 0xffffn) >> 16n), 4);
  values.counts.forEach((count, index) => bytes.writeBigUInt64LE(count, 32 + index * 8));
  [values.start, ...values.tcp].forEach((word, index) => bytes.writeBigUInt64LE(word, 64 + index * 8));
  bytes.writeUInt16LE((values.isLowFirst ? 0x8000 : 0) | vlan, 120);
  bytes.writeUInt16LE(etherType, 122);
  return bytes;
}

describe('rows of the kernel’s program', () => {
  it('say by their numbers what they say as flows', () => {
    fc.assert(
      fc.property(key, fc.array(counters, { minLength: 2, maxLength: 4 }), fc.boolean(), (key, values, isEthernet) => {
        const hasMac = isEthernet || FAMILIES[key.etherType] === 1;
        const told = table();
        const recounted = table();
        const counted = new Recount();
        const flowOf = (row: Buffer) => rowToFlow(rowAt(row), 0, stateOf(row), hasMac, MOMENT);
        const recount = (into: FlowTable, row: Buffer): boolean => {
          recountRow(counted, rowAt(row), 0, stateOf(row), hasMac, MOMENT);
          return into.recount(counted, NOW);
        };
        for (const [index, value] of values.entries()) {
          const row = rowOf(key, value);
          told.external(flowOf(row), NOW);
          const isKnown = recount(recounted, row);
          expect(isKnown).toBe(index > 0);
          if (!isKnown) recounted.external(flowOf(row), NOW);
        }
        expect(collect((sink) => recounted.flush(sink))).toEqual(collect((sink) => told.flush(sink)));
      }),
    );
  });

  it('count the packets of both directions, and say how long ago the last one came', () => {
    const row = Buffer.alloc(ROW_BYTES[4]);
    row.writeBigUInt64LE(2n ** 33n, 32);
    row.writeBigUInt64LE(7n, 48);
    expect(packetsOf(rowAt(row), 0)).toBe(2 ** 33 + 7);
    // The clock of 16 bits less goes round after three days.
    const tick = 65_536;
    const monotonic = (2 ** 32 + 3) * tick;
    row.writeUInt32LE(2 ** 32 - 2, 4);
    expect(idleTime(rowAt(row), 0, { monotonic, offset: 0 })).toBe(5 * tick);
    row.writeUInt32LE(4, 4);
    expect(idleTime(rowAt(row), 0, { monotonic, offset: 0 })).toBe(-tick);
    expect(elapsed({ monotonic: monotonic - 1, offset: 0 }, { monotonic, offset: 0 })).toBe(tick);
  });
});

describe('flows counted in the kernel', () => {
  it('need Linux 5.12', () => {
    const versions = ['4.19.0-27-amd64', '5.4.0', '5.11.22', '5.12.0-rc1', '5.15.0-91-generic', '6.1.0-18-amd64', '10.0'];
    expect(versions.filter((version) => isOlder(version, [5, 12]))).toEqual(['4.19.0-27-amd64', '5.4.0', '5.11.22']);
  });
});

describe('flows that left the kernel', () => {
  const rowOfNumber = (number: number): DataView => {
    const bytes = Buffer.alloc(ROW_BYTES[4]);
    bytes.writeUInt32LE(number, KEY_WORDS[4].at(-1)!);
    return rowAt(bytes);
  };
  const counters = { abPackets: 1, abBytes: 1, baPackets: 0, baBytes: 0, start: 1 };
  const STATE = 4 << 24;

  it('are found again, as long as they are among the latest', () => {
    const left = new LeftFlows(100);
    const leftOf = (number: number) => left.get(4, rowOfNumber(number), 0, STATE);
    expect(leftOf(1)).toBeUndefined();
    for (let number = 0; number < 1_000; number++) left.set(4, rowOfNumber(number), 0, STATE, { ...counters, abPackets: number });
    for (let number = 900; number < 1_000; number++) expect(leftOf(number)).toMatchObject({ abPackets: number });
    expect(leftOf(899)).toBeUndefined();
    expect(left.get(4, rowOfNumber(950), 0, STATE | 1)).toBeUndefined();
  });
});
