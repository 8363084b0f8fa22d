import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CanopyError } from '../../src/common/errors.js';
import { readFlowBatch } from '../../src/flow/batch/flowBatch.js';
import { MAX_BATCH_BYTES, openFlowBatchWriter } from '../../src/flow/batch/flowBatchWriter.js';
import { dns, ethernet, icmp, ipv4, ipv6, SYN, tcp, udp, vxlan } from './frames.js';
import { collect, put, table } from './tables.js';

const VARIED = [
  ethernet(0x0800, ipv4(17, udp(1234, 53, dns(7, 'example.org', '10.1.1.1')))),
  ethernet(0x86dd, ipv6(6, tcp(1234, 443, SYN))),
  ethernet(0x0800, ipv4(1, icmp(8, 0, 5))),
  ethernet(0x0800, ipv4(17, udp(5000, 4789, vxlan(0xfffffe, ethernet(0x0800, ipv4(6, tcp(1, 2))))))),
  ethernet(0x88b5, Buffer.alloc(50)),
];

const filled = (): ReturnType<typeof table> =>
  put(table({ captureId: 'capture', nodeTid: 'node', extraLayers: 255, extraTcpMetric: true, rawPacketLimit: 2 }), ...VARIED, ...VARIED);

describe('a batch of flows', () => {
  it('gives back what went in', () => {
    const batches: Uint8Array[] = [];
    const writer = openFlowBatchWriter({ emit: (bytes) => batches.push(bytes) });
    const updates = collect((sink) =>
      filled().flush({
        flow: (row, reason) => {
          sink.flow(row, reason);
          writer.flow(row, reason);
        },
      }),
    );
    writer.end();
    const batch = readFlowBatch(batches[0]!);
    expect(batches).toHaveLength(1);
    expect(Array.from({ length: batch.length }, (_, row) => batch.update(row))).toEqual(updates);
    expect(updates.some(({ flow }) => flow.DNS !== undefined) && updates.some(({ rawPackets }) => rawPackets.length === 2)).toBe(true);
    const { values, index } = batch.text('Link.A');
    expect(values[index[0]!]).toBe('02:00:00:00:00:01');
    expect(batch.number('Metric.ABPackets')[0]).toBe(2);
  });

  it('is not larger than it may be', () => {
    const sizes: number[] = [];
    const counts: number[] = [];
    const full = table();
    for (let port = 0; port < 20_000; port++) put(full, ethernet(0x0800, ipv4(6, tcp(port, 80), `10.${port >> 8}.${port & 0xff}.1`)));
    const writer = openFlowBatchWriter({
      emit: (bytes, flows) => {
        sizes.push(bytes.length);
        counts.push(flows);
      },
    });
    full.flush(writer);
    writer.end();
    expect(Math.max(...sizes)).toBeLessThanOrEqual(MAX_BATCH_BYTES);
    expect(counts.reduce((sum, count) => sum + count)).toBe(20_000);
    expect(sizes.length).toBeLessThan(20);
  });

  it('is refused where it is damaged, whatever the damage', () => {
    const batches: Uint8Array[] = [];
    const writer = openFlowBatchWriter({ emit: (bytes) => batches.push(bytes) });
    filled().flush(writer);
    writer.end();
    const batch = batches[0]!;
    const read = (bytes: Uint8Array): void => {
      try {
        const { length } = readFlowBatch(bytes);
        expect(length).toBeLessThanOrEqual(65_536);
      } catch (error) {
        expect(error).toBeInstanceOf(CanopyError);
        expect((error as CanopyError).code).toBe('PROTOCOL_VIOLATION');
      }
    };
    for (let length = 0; length < batch.length; length++) expect(() => readFlowBatch(batch.slice(0, length))).toThrow(/is damaged/);
    fc.assert(
      fc.property(fc.nat(batch.length - 1), fc.nat(255), (at, byte) => {
        const changed = batch.slice();
        changed[at] = byte;
        read(changed);
      }),
    );
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), read));
  });
});
