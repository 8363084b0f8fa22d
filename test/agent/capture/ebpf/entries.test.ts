import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { entryToFlow, KEY_BYTES, lastSeen, packetsOf, recountEntry, VALUE_BYTES } from '../../../../agent/capture/ebpf/entries.js';
import { LeftFlows } from '../../../../agent/capture/ebpf/leftFlows.js';
import { Recount } from '../../../../src/flow/table/external.js';
import type { FlowTable } from '../../../../src/flow/table/flowTable.js';
import { collect, table } from '../../../flow/tables.js';

const NOW = 1_700_000_000_000;
const OFFSET = NOW - 1_000_000;
const toMs = (nanoseconds: number): number => Math.floor(nanoseconds / 1e6 + OFFSET);
const viewOf = (bytes: Buffer): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

/** An entry as the kernel's program writes it. */
const key = fc
  .record({
    macs: fc.uint8Array({ minLength: 12, maxLength: 12 }),
    addresses: fc.uint8Array({ minLength: 32, maxLength: 32 }),
    ports: fc.tuple(fc.nat(0xffff), fc.nat(0xffff)),
    network: fc.constantFrom(0x0800, 0x86dd, 0),
    protocol: fc.constantFrom(1, 6, 17, 58, 132, 0),
    icmpId: fc.nat(0xffff),
  })
  .map(({ macs, addresses, ports, network, protocol, icmpId }) => {
    const isV4 = network === 0x0800;
    const bytes = Buffer.alloc(network === 0x86dd ? KEY_BYTES.flows6 : KEY_BYTES.flows4);
    bytes.set(macs.subarray(0, 6));
    bytes.set(macs.subarray(6), 8);
    if (network !== 0) {
      const width = isV4 ? 4 : 16;
      bytes.set(addresses.subarray(0, width), 24);
      bytes.set(addresses.subarray(16, 16 + width), 24 + width);
      bytes[20] = protocol;
      bytes.writeUInt16BE(ports[0], 6);
      bytes.writeUInt16BE(protocol === 1 || protocol === 58 ? ports[0] : ports[1], 14);
      bytes.writeUInt16BE(icmpId, 21);
    }
    bytes.writeUInt16LE(network, 16);
    return bytes;
  });
const time = fc.bigInt({ min: 1n, max: 900_000_000_000n });
const value = fc
  .record({
    counts: fc.array(fc.bigInt({ min: 0n, max: 2n ** 50n }), { minLength: 4, maxLength: 4 }),
    start: time,
    last: time,
    tcp: fc.array(fc.option(time, { nil: 0n }), { minLength: 6, maxLength: 6 }),
    isLowFirst: fc.boolean(),
    etherType: fc.constantFrom(0x0806, 0x88cc),
    vlan: fc.constantFrom(0, 5),
  })
  .map(({ counts, start, last, tcp, isLowFirst, etherType, vlan }) => {
    const bytes = Buffer.alloc(VALUE_BYTES);
    [last, ...counts, start, ...tcp].forEach((word, index) => bytes.writeBigUInt64LE(word, index * 8));
    bytes.writeUInt32LE(isLowFirst ? 1 : 0, 96);
    bytes.writeUInt16LE(etherType, 100);
    bytes.writeUInt16LE(vlan, 102);
    return bytes;
  });

describe('entries of the kernel’s map', () => {
  it('say by their numbers what they say as flows', () => {
    fc.assert(
      fc.property(key, fc.array(value, { minLength: 2, maxLength: 4 }), (key, values) => {
        const told = table();
        const recounted = table();
        const counted = new Recount();
        const flowOf = (value: Buffer) => entryToFlow(key, 0, value, 0, toMs);
        const recount = (into: FlowTable, value: Buffer): boolean => {
          recountEntry(counted, viewOf(key), 0, viewOf(value), 0, OFFSET);
          return into.recount(counted, NOW);
        };
        for (const [index, value] of values.entries()) {
          told.external(flowOf(value), NOW);
          const isKnown = recount(recounted, value);
          expect(isKnown).toBe(index > 0);
          if (!isKnown) recounted.external(flowOf(value), NOW);
        }
        expect(collect((sink) => recounted.flush(sink))).toEqual(collect((sink) => told.flush(sink)));
      }),
    );
  });

  it('count the packets of both directions, and say when the last one came', () => {
    const value = Buffer.alloc(VALUE_BYTES);
    value.writeBigUInt64LE(5_000_000_000n, 0);
    value.writeBigUInt64LE(2n ** 33n, 8);
    value.writeBigUInt64LE(7n, 24);
    expect([lastSeen(viewOf(value), 0), packetsOf(viewOf(value), 0)]).toEqual([5_000_000_000, 2 ** 33 + 7]);
  });
});

describe('flows that left the kernel', () => {
  const keyOf = (number: number): Buffer => {
    const bytes = Buffer.alloc(KEY_BYTES.flows4);
    bytes.writeUInt32LE(number, 24);
    return bytes;
  };
  const counters = { abPackets: 1, abBytes: 1, baPackets: 0, baBytes: 0, start: 1 };

  it('are found again, as long as they are among the latest', () => {
    const left = new LeftFlows(100);
    expect(left.mayHave(viewOf(keyOf(1)), 0, KEY_BYTES.flows4)).toBe(false);
    for (let number = 0; number < 1_000; number++) left.set(keyOf(number), { ...counters, abPackets: number });
    for (let number = 900; number < 1_000; number++) {
      expect(left.mayHave(viewOf(keyOf(number)), 0, KEY_BYTES.flows4)).toBe(true);
      expect(left.get(keyOf(number))).toMatchObject({ abPackets: number });
    }
    expect(left.get(keyOf(899))).toBeUndefined();
    // Those that are long forgotten are not asked for any more; a few marks may meet.
    const asked = Array.from({ length: 700 }, (_, number) => left.mayHave(viewOf(keyOf(number)), 0, KEY_BYTES.flows4)).filter(Boolean);
    expect(asked.length).toBeLessThan(100);
  });
});
