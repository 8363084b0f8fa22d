import { describe, expect, it } from 'vitest';
import type { FlowUpdate } from '../../src/flow/flow.js';
import type { FlowTable } from '../../src/flow/table/flowTable.js';
import { ACK, dns, ethernet, FIN, ipv4, SYN, tcp, udp } from './frames.js';
import { collect, flush, put, table } from './tables.js';

const frame = (port: number, flags = SYN): Buffer => ethernet(0x0800, ipv4(6, tcp(port, 80, flags)));
const live = (options: Parameters<typeof table>[0] = {}): FlowTable => table({ updateMs: 60_000, expireMs: 600_000, ...options });
const sweep = (from: FlowTable, nowMs: number, rows = 10_000): FlowUpdate[] => collect((sink) => from.sweep(nowMs, rows, sink));
const windowOf = ({ flow }: FlowUpdate): unknown => flow.LastUpdateMetric;

describe('updates', () => {
  it('tell what came since the one before', () => {
    const flows = put(live(), { frame: frame(1), ms: 1000 }, { frame: frame(1), ms: 2000 });
    expect(sweep(flows, 60_999)).toEqual([]);
    const [first] = sweep(flows, 61_000);
    expect(windowOf(first!)).toMatchObject({ ABPackets: 2, ABBytes: 108, Start: 1000, Last: 61_000 });
    put(flows, { frame: frame(1), ms: 70_000 });
    expect(sweep(flows, 120_999)).toEqual([]);
    const [second] = sweep(flows, 121_000);
    expect(windowOf(second!)).toMatchObject({ ABPackets: 1, Start: 61_000, Last: 121_000 });
    expect(second!.flow.Metric).toMatchObject({ ABPackets: 3, Start: 1000, Last: 70_000 });
  });

  it('are left out where nothing came', () => {
    const flows = put(live(), { frame: frame(1), ms: 1000 });
    expect(sweep(flows, 61_000)).toHaveLength(1);
    expect(sweep(flows, 121_000)).toEqual([]);
  });

  it('come for each row in turn, however few are visited at once', () => {
    const flows = put(live(), ...Array.from({ length: 10 }, (_, port) => ({ frame: frame(port), ms: 1000 })));
    const seen = Array.from({ length: 4 }, () => sweep(flows, 61_000, 3).map(({ flow }) => flow.Transport!.A));
    expect(seen).toEqual([[0, 1, 2], [3, 4, 5], [6, 7, 8], [9]]);
  });

  it('carry raw packets once', () => {
    const flows = put(live({ rawPacketLimit: 3 }), { frame: frame(1), ms: 1000 }, { frame: frame(1), ms: 1001 });
    expect(sweep(flows, 61_000)[0]!.rawPackets.map(({ Index, Timestamp, Data }) => [Index, Timestamp, Data.length])).toEqual([
      [1, 1000, 54],
      [2, 1001, 54],
    ]);
    put(flows, { frame: frame(1), ms: 70_000 }, { frame: frame(1), ms: 70_001 });
    const [update] = sweep(flows, 121_000);
    expect(update!.rawPackets.map(({ Index }) => Index)).toEqual([3]);
    expect(update!.flow.RawPacketsCaptured).toBe(3);
  });

  it('can be asked for between two', () => {
    const flows = put(live(), { frame: frame(1), ms: 1000 });
    expect(collect((sink) => flows.refresh(5000, sink)).map(windowOf)).toMatchObject([{ ABPackets: 1, Start: 1000, Last: 5000 }]);
    expect(sweep(flows, 61_000).map(windowOf)).toMatchObject([{ ABPackets: 1, Start: 1000, Last: 61_000 }]);
    expect(collect((sink) => flows.refresh(62_000, sink))).toEqual([]);
  });

  it('can be asked for a few rows at a time', () => {
    const flows = put(live(), ...Array.from({ length: 5 }, (_, port) => ({ frame: frame(port), ms: 1000 })));
    const ports: number[][] = [];
    for (let from = 0; from >= 0;) {
      const updates = collect((sink) => (from = flows.refresh(5000, sink, from, 2)));
      ports.push(updates.map(({ flow }) => flow.Transport!.A));
    }
    expect(ports).toEqual([[0, 1], [2, 3], [4]]);
  });
});

describe('the end of a flow', () => {
  it('comes when it was idle for long enough', () => {
    const flows = put(live(), { frame: frame(1), ms: 1000 });
    sweep(flows, 61_000);
    expect(sweep(flows, 601_000)).toEqual([]);
    expect(sweep(flows, 601_001)).toMatchObject([{ reason: 'end', flow: { FinishType: 1 } }]);
    expect(flows.stats.flows).toBe(0);
  });

  it('comes early for applications with a time of their own', () => {
    const question = ethernet(0x0800, ipv4(17, udp(1000, 53, dns(1, 'example.org'))));
    const flows = put(live(), { frame: question, ms: 1000 }, { frame: frame(1), ms: 1000 });
    expect(sweep(flows, 61_000)).toHaveLength(2);
    expect(sweep(flows, 121_000)).toMatchObject([{ reason: 'end', flow: { Application: 'DNS', FinishType: 1 } }]);
  });

  it('comes without words when everything was said', () => {
    const flows = put(live(), { frame: frame(1), ms: 1000 }, { frame: frame(1, FIN), ms: 50_000 });
    expect(sweep(flows, 61_000)).toMatchObject([{ reason: 'update', flow: { FinishType: 2 } }]);
    expect(sweep(flows, 121_000)).toEqual([]);
    expect(flows.stats.flows).toBe(0);
  });

  it('comes for all when the capture stops', () => {
    const flows = put(live(), frame(1), frame(2, FIN));
    expect(flush(flows)).toMatchObject([{ FinishType: 1 }, { FinishType: 2 }]);
    expect(flows.stats).toMatchObject({ flows: 0, created: 2 });
  });

  it('comes for all a few at a time where there is little time', () => {
    const flows = put(live({ maxFlows: 4 }), ...[1, 2, 3, 4, 5, 6, 7].map((port) => frame(port)));
    const portions: string[][] = [];
    for (let isMore = true; isMore;) {
      const updates = collect((sink) => (isMore = flows.flush(sink, 2)));
      portions.push(updates.map(({ reason }) => reason));
    }
    expect(portions.flat().sort()).toEqual(['evicted', 'evicted', 'evicted', 'stop', 'stop', 'stop', 'stop']);
    expect(Math.max(...portions.map(({ length }) => length))).toBeLessThanOrEqual(3);
    expect(flush(put(flows, frame(1)))).toHaveLength(1);
  });

  it('leaves the place to a new flow with a new id', () => {
    const flows = put(live(), { frame: frame(1), ms: 1000 });
    const [old] = sweep(flows, 700_000);
    put(flows, { frame: frame(1), ms: 700_001 });
    const [fresh] = flush(flows);
    expect(fresh!.UUID).not.toBe(old!.flow.UUID);
    expect(fresh!.Metric).toMatchObject({ ABPackets: 1 });
  });

  it('leaves none of its numbers to who gets its place', () => {
    const flows = put(live({ extraTcpMetric: true }), { frame: frame(1), ms: 1000 }, { frame: frame(1, FIN), ms: 1001 });
    expect(sweep(flows, 700_000)).toMatchObject([{ flow: { TCPMetric: { ABSynStart: 1000, ABFinStart: 1001 } } }]);
    put(flows, { frame: frame(2, ACK), ms: 700_001 }, { frame: ethernet(0x0800, ipv4(17, udp(3, 4))), ms: 700_002 });
    const [tcpFlow, udpFlow] = flush(flows);
    expect(tcpFlow!.TCPMetric).toMatchObject({ ABSynStart: 0, ABFinStart: 0 });
    expect(udpFlow!.TCPMetric).toBeUndefined();
  });
});

describe('a full table', () => {
  it('sends the flow that was idle for longest, with the reason', () => {
    const flows = put(live({ maxFlows: 3 }), ...[1, 2, 3].map((port) => ({ frame: frame(port), ms: 1000 + port })));
    put(flows, { frame: frame(1), ms: 2000 }, { frame: frame(4), ms: 2001 });
    expect(flows.stats).toMatchObject({ flows: 3, evicted: 1 });
    expect(sweep(flows, 2002)).toMatchObject([{ reason: 'evicted', flow: { Transport: { A: 2 }, Metric: { ABPackets: 1 } } }]);
  });

  it('does not grow when nobody takes what leaves', () => {
    const flows = live({ maxFlows: 8 });
    for (let port = 0; port < 5000; port++) put(flows, { frame: frame(port), ms: port });
    const { evicted, evictedUnsent } = flows.stats;
    expect(evicted).toBe(4992);
    expect(sweep(flows, 5000)).toHaveLength(evicted - evictedUnsent);
    expect(evictedUnsent).toBeGreaterThan(0);
  });

  it('sends what leaves a few at a time where there is little time', () => {
    const flows = live({ maxFlows: 2 });
    for (let port = 0; port < 7; port++) put(flows, { frame: frame(port), ms: port });
    const portions: number[][] = [];
    for (let isMore = true; isMore;)
      portions.push(collect((sink) => (isMore = flows.sendEvicted(2, sink))).map(({ flow }) => flow.Transport!.A));
    // Those that left first go first.
    expect(portions).toEqual([[0, 1], [2, 3], [4]]);
    expect(sweep(flows, 7)).toEqual([]);
  });

  it('keeps finding every flow through thousands of removals', () => {
    const flows = live({ maxFlows: 500 });
    for (let step = 0; step < 20_000; step++) put(flows, { frame: frame((step * 7919) % 1500), ms: step });
    expect(flows.stats.flows).toBe(500);
    const before = new Map([...flows.flows()].map((flow) => [flow.Transport!.A, flow.Metric!.ABPackets]));
    for (const port of before.keys()) put(flows, { frame: frame(port), ms: 30_000 });
    expect(flows.stats.flows).toBe(500);
    for (const flow of flows.flows()) expect(flow.Metric!.ABPackets).toBe(before.get(flow.Transport!.A)! + 1);
  });
});

describe('flows that are counted elsewhere', () => {
  const counted = (a: string, b: string, counters: 'add' | 'replace', abPackets: number): Parameters<FlowTable['external']>[0] => ({
    layersPath: 'Ethernet/IPv4/TCP',
    application: 'TCP',
    link: { a: '02:00:00:00:00:01', b: '02:00:00:00:00:02', id: 0 },
    network: { protocol: 'IPV4', a, b, id: 0 },
    transport: { protocol: 'TCP', a: a < b ? 1 : 2, b: a < b ? 2 : 1, id: 0 },
    counters,
    abPackets,
    abBytes: abPackets * 100,
    baPackets: 0,
    baBytes: 0,
    start: 1000,
    last: 2000,
  });

  it('are kept like those of packets', () => {
    const flows = live();
    flows.external(counted('10.0.0.1', '10.0.0.2', 'add', 3), 5000);
    flows.external(counted('10.0.0.1', '10.0.0.2', 'add', 4), 5000);
    expect(sweep(flows, 61_000)).toMatchObject([
      {
        flow: {
          LayersPath: 'Ethernet/IPv4/TCP',
          Application: 'TCP',
          Network: { A: '10.0.0.1' },
          Metric: { ABPackets: 7, ABBytes: 700, Start: 1000, Last: 2000 },
        },
      },
    ]);
    flows.external(counted('10.0.0.1', '10.0.0.2', 'replace', 10), 70_000);
    expect(sweep(flows, 130_000).map(windowOf)).toMatchObject([{ ABPackets: 3 }]);
  });
});
