import { describe, expect, it } from 'vitest';
import { Budget } from '../../src/flow/table/budget.js';
import { TcpStream } from '../../src/flow/table/reassembly.js';
import { ACK, dns, ethernet, ipv4, payload, tcp, udp } from './frames.js';
import { collect, flush, table } from './tables.js';

/** What crafted packets may make a table hold is bounded, whatever the number of its flows is; what found no room is counted. */

const over = (index: number, protocol: number, inside: Buffer): Buffer =>
  ethernet(0x0800, ipv4(protocol, inside, `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`, '10.255.0.1'));
const give = (counted: ReturnType<typeof table>, frame: Buffer): void => counted.packet(frame, 0, frame.length, frame.length, 1_000, 0, 1);

describe('a table', () => {
  it('keeps raw packets while there is room, and again when they were sent', () => {
    const counted = table({ rawPacketLimit: 10, updateMs: 1_000 });
    const large = udp(1, 2, payload(60_000));
    for (let flow = 0; flow < 2_500; flow++) give(counted, over(flow, 17, large));
    const refused = counted.stats.rawPacketsRefused;
    expect(refused).toBeGreaterThan(200);
    expect(refused).toBeLessThan(600);
    const kept = collect((sink) => void counted.sweep(5_000, Infinity, sink)).filter(({ rawPackets }) => rawPackets.length > 0);
    expect(kept).toHaveLength(2_500 - refused);
    give(counted, over(0, 17, large));
    give(counted, over(2_499, 17, large));
    expect(counted.stats.rawPacketsRefused).toBe(refused);
    const [last] = flush(counted).filter(({ Network }) => Network!.A === '10.0.9.195');
    expect(last).toMatchObject({ RawPacketsCaptured: 1, Metric: { ABPackets: 2 } });
  });

  it('reads extra layers while there is room, and counts their flows all the same', () => {
    const counted = table({ extraLayers: 255, maxFlows: 300_000 });
    const question = udp(1_000, 53, Buffer.concat([dns(1, 'example.org'), payload(1_000)]));
    for (let flow = 0; flow < 20_000; flow++) give(counted, over(flow, 17, question));
    const { layersRefused } = counted.stats;
    expect(layersRefused).toBeGreaterThan(0);
    // The same flows again take no more than they had.
    for (let flow = 0; flow < 1_000; flow++) give(counted, over(flow, 17, question));
    expect(counted.stats.layersRefused).toBe(layersRefused);
    const flows = flush(counted);
    expect(flows).toHaveLength(20_000);
    expect(flows.filter(({ DNS }) => DNS === undefined)).toHaveLength(layersRefused);
    give(counted, over(1, 17, question));
    expect(counted.stats.layersRefused).toBe(layersRefused);
  });

  it('waits for fragments while there is room, however small they are', () => {
    const counted = table({ ipDefrag: true });
    const [datagrams, pieces] = [1_000, 80];
    const frame = ethernet(0x0800, ipv4(17, payload(8), undefined, undefined, { moreFragments: true }));
    for (let piece = 1; piece <= pieces; piece++) {
      for (let id = 0; id < datagrams; id++) {
        frame.writeUInt16BE(id, 18);
        frame.writeUInt16BE(0x2000 | (piece * 2), 20);
        give(counted, frame);
      }
    }
    expect(counted.stats.fragmentsDropped).toBeGreaterThan(0);
    const frames = flush(counted).reduce((sum, { Metric }) => sum + Metric!.ABPackets, 0);
    expect(frames).toBe(datagrams * pieces);
  });
});

describe('streams', () => {
  const MOST = 100;

  it('share the room for segments that wait, and count those that found none as if they had come in order', () => {
    const room = new Budget(MOST);
    const streams = Array.from({ length: 10 }, () => new TcpStream(room));
    for (const stream of streams) stream.segment(0, 0, true, false, 1, 0);
    for (let segment = 0; segment < 50; segment++) {
      for (const stream of streams) {
        stream.segment(1_000 + segment * 20, 10, false, false, 2, 0);
        expect(room.held).toBeLessThanOrEqual(MOST);
      }
    }
    expect(room.refused).toBeGreaterThan(300);
    for (const stream of streams) stream.flush();
    expect(room.held).toBe(0);
    for (const { totals } of streams) expect(totals).toMatchObject({ packets: 51, bytes: 500, skipped: 50 });
  });

  it('give back what waits when their flow is evicted, ends, or is sent at the end', () => {
    const counted = table({ reassembleTcp: true, maxFlows: 50, updateMs: 1_000, expireMs: 10_000 });
    for (let round = 0; round < 3; round++) {
      for (let flow = 0; flow < 200; flow++) {
        for (let segment = 0; segment < 5; segment++) give(counted, over(flow, 6, tcp(1, 2, ACK, 1_000 + segment * 100, payload(10))));
      }
      // Evicted ones have given back theirs when they are sent; those that are here wait for the first segment.
      collect((sink) => void counted.sendEvicted(Infinity, sink));
      expect(counted.stats.segmentsWaiting).toBe(50 * 5);
      if (round === 0) collect((sink) => void counted.sweep(100_000, Infinity, sink));
      else flush(counted);
      expect(counted.stats.segmentsWaiting).toBe(0);
    }
  });
});
