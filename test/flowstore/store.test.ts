import { mkdtempSync, readdirSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/common/clock.js';
import { silentLog } from '../../src/common/log.js';
import { readFlowBatch } from '../../src/flow/batch/flowBatch.js';
import { openFlowBatchWriter } from '../../src/flow/batch/flowBatchWriter.js';
import type { Flow } from '../../src/flow/flow.js';
import { EVERY_FLOW } from '../../src/flowstore/condition.js';
import { openFlowStore } from '../../src/flowstore/duckdb/flowStore.js';
import type { FlowStore, SummaryQuery } from '../../src/flowstore/store.js';
import { dns, dot1q, ethernet, icmp, ipv4, ipv6, payload, SYN, tcp, udp, vxlan } from '../flow/frames.js';
import { put, table } from '../flow/tables.js';
import { Captured } from './packets.js';

const HOUR = 3_600_000;
const START = Math.floor(Date.UTC(2026, 2, 1, 12));
const BY_PROTOCOL: Omit<SummaryQuery, 'span'> = { keys: ['PROTOCOL'], condition: EVERY_FLOW, stepMs: 1, orderBy: 'BYTES', limit: 10 };
const CALL = { from: '10.0.0.1', to: '10.0.0.2', fromPort: 5_000, toPort: 53 };

let folder: string;
let store: FlowStore;
const open = (): FlowStore => openFlowStore({ folder, memoryLimit: 256 * 2 ** 20, threads: 1, clock: systemClock, log: silentLog });
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'canopy-flowstore-'));
  store = open();
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

/** One update of a flow at each of the instants. */
async function write(instants: readonly number[], clockOffset = 0): Promise<void> {
  const captured = new Captured('c', 'n', 'tid');
  for (const at of instants) {
    captured.packet(at + clockOffset, CALL);
    for (const { batch } of captured.update(at + clockOffset + 1_500)) await store.append({ batch, origin: 'agent.a', clockOffset });
  }
}

const count = async (from: number, to: number): Promise<number> =>
  (await store.flows({ span: { from, to }, condition: EVERY_FLOW, order: { field: 'LAST', isDescending: true }, offset: 0, limit: 10 }))
    .total;

describe('the store of flows', () => {
  it('has everything after it was opened again', async () => {
    await write([START, START + HOUR]);
    expect(store.status().since).toBe(START);
    await store.close();
    store = open();
    expect(store.status().bytes).toBeGreaterThan(0);
    expect(store.status().since).toBe(START);
    expect(await count(START, START + HOUR)).toBe(1);
    const [group] = await store.summary({
      keys: ['A_ADDRESS'],
      span: { from: START, to: START + 2 * HOUR },
      condition: EVERY_FLOW,
      stepMs: 1,
      orderBy: 'BYTES',
      limit: 5,
    });
    expect(group).toMatchObject({ keys: ['10.0.0.1'], abPackets: 2, flows: 1 });
  });

  it('keeps packets with their nanoseconds and lengths, also in a file that began without them', async () => {
    const packet = async (nanos: number, wireLength: number, at: number): Promise<void> => {
      const captured = new Captured('c', 'n', 'tid', { rawPacketLimit: 1 });
      captured.packet(at, CALL, { nanos, wireLength });
      for (const { batch } of captured.stop()) await store.append({ batch, origin: 'agent.a', clockOffset: 0 });
    };
    await packet(1, 2_000, START);
    await store.close();
    const [name] = readdirSync(folder).filter((file) => file.startsWith('flows-'));
    const before = await DuckDBInstance.create(join(folder, name!));
    const connection = await before.connect();
    for (const column of ['nanos', 'wire_length']) await connection.run(`ALTER TABLE packets DROP COLUMN ${column}`);
    connection.closeSync();
    before.closeSync();
    store = open();
    await packet(654_321, 1_500, START + 1);
    const { flows } = await store.flows({
      span: { from: START, to: START + HOUR },
      condition: EVERY_FLOW,
      order: { field: 'START', isDescending: false },
      offset: 0,
      limit: 10,
    });
    const packets = await store.rawPackets(
      flows.map(({ UUID }) => UUID),
      { from: START, to: START + HOUR },
    );
    const [old, young] = flows.map(({ UUID }) => packets.get(UUID)![0]!);
    expect(old).toMatchObject({ Timestamp: START, Nanos: 0, WireLength: 52 });
    expect(young).toMatchObject({ Timestamp: START + 1, Nanos: 654_321, WireLength: 1_500 });
    // The same by the capture, page by page and over files.
    await packet(7, 60, START + HOUR);
    const query = { condition: { kind: 'text', field: 'capture', filter: { eq: 'c' } }, span: { from: START, to: START + HOUR } } as const;
    const [first] = await store.packets({ ...query, limit: 1 });
    const rest = await store.packets({ ...query, after: first!, limit: 10 });
    expect([first!, ...rest]).toMatchObject(
      [old, young, { Timestamp: START + HOUR, Nanos: 7, WireLength: 60 }].map((each) => ({ nodeTid: 'tid', packet: each })),
    );
    expect(await store.packets({ ...query, after: rest.at(-1)!, limit: 10 })).toEqual([]);
    const others = { ...query, condition: { ...query.condition, filter: { eq: 'd' } } };
    expect(await store.packets({ ...others, limit: 10 })).toEqual([]);
  });

  it('gives back every kind of flow as it came, in batches together', async () => {
    const kinds = [
      ethernet(0x0800, ipv4(6, tcp(40_000, 80, SYN))),
      ethernet(0x8100, dot1q(5, 0x86dd, ipv6(17, udp(1, 2)))),
      ethernet(0x0800, ipv4(1, icmp(8, 0, 7))),
      ethernet(0x86dd, ipv6(58, icmp(128, 0, 9))),
      ethernet(0x0806, payload(28)),
      ethernet(0x0800, ipv4(17, udp(1_000, 53, dns(1, 'a.example.org', '10.0.0.1')))),
      ethernet(0x0800, ipv4(17, udp(1, 4789, vxlan(3, ethernet(0x0800, ipv4(6, tcp(1, 2))))))),
    ];
    const batches: Uint8Array[] = [];
    for (const [index, frame] of [...kinds, ...kinds].entries()) {
      const made = table({ captureId: `c${index % 2}`, nodeTid: `tid-${index}`, extraLayers: 255, extraTcpMetric: true });
      const writer = openFlowBatchWriter({ emit: (bytes) => batches.push(bytes) });
      put(made, { frame, ms: START + (index % 2) * HOUR }).flush(writer);
      writer.end();
    }
    await Promise.all(batches.map((batch) => store.append({ batch, origin: 'agent.a', clockOffset: 0 })));
    const { flows } = await store.flows({
      span: { from: START, to: START + 2 * HOUR },
      condition: EVERY_FLOW,
      order: { field: 'LAST', isDescending: false },
      offset: 0,
      limit: 100,
    });
    const came = batches.map(readFlowBatch).flatMap((batch) => Array.from({ length: batch.length }, (_, row) => batch.flow(row)));
    const byId = (all: readonly Flow[]): Flow[] => [...all].sort((one, other) => (one.UUID < other.UUID ? -1 : 1));
    expect(came).toHaveLength(16);
    expect(byId(flows)).toEqual(byId(came));
    const protocols = await store.summary({ ...BY_PROTOCOL, span: { from: START, to: START + 2 * HOUR } });
    expect(new Set(protocols.map(({ keys: [protocol] }) => protocol))).toEqual(new Set(['TCP', 'UDP', 'ICMPV4', 'ICMPV6', 'ETHERNET']));
  });

  it('keeps times on our clock', async () => {
    await write([START], 5_000);
    const { flows } = await store.flows({
      span: { from: START, to: START },
      condition: EVERY_FLOW,
      order: { field: 'LAST', isDescending: true },
      offset: 0,
      limit: 1,
    });
    expect(flows[0]).toMatchObject({ Start: START, Last: START });
  });

  it('shares what lies over an end of the span by time', async () => {
    const captured = new Captured('c', 'n', 'tid');
    for (let second = 0; second < 10; second += 1) captured.packet(START + second * 1_000, CALL);
    for (const { batch } of captured.stop()) await store.append({ batch, origin: 'agent.a', clockOffset: 0 });
    const [half] = await store.summary({
      keys: [],
      span: { from: START, to: START + 4_500 },
      condition: EVERY_FLOW,
      stepMs: 1,
      orderBy: 'BYTES',
      limit: 1,
    });
    expect(half!.abPackets).toBe(5);
  });

  it('shares what was counted over several steps by time: each has what a question about it alone answers, and none is lost', async () => {
    await write([START, START + 20_000, START + 39_000]);
    const of = (from: number, to: number, keys: SummaryQuery['keys'] = []): ReturnType<FlowStore['summary']> =>
      store.summary({ ...BY_PROTOCOL, keys, span: { from, to }, stepMs: 4_000 });
    // The last window reaches over the end.
    const span = [START, START + 30_000] as const;
    const [whole] = await of(...span);
    const steps = await of(...span, ['TIME']);
    expect(steps.map(({ keys: [step] }) => step)).toEqual([0, 1, 2, 3, 4, 5, 6, 7].map((step) => START + step * 4_000));
    let bytes = 0;
    for (const { keys, abBytes, flows } of steps) {
      const from = Number(keys[0]);
      const [alone] = await of(from, Math.min(from + 4_000, span[1]));
      expect(Math.abs(abBytes - alone!.abBytes)).toBeLessThanOrEqual(1);
      expect(flows).toBe(1);
      bytes += abBytes;
    }
    expect(bytes).toBe(whole!.abBytes);
    // A packet in a minute is not rounded away.
    const fine = await store.summary({ ...BY_PROTOCOL, keys: ['TIME'], span: { from: START, to: START + 60_000 }, stepMs: 1_000 });
    expect(fine.reduce((sum, { abPackets }) => sum + abPackets, 0)).toBe(3);
  });

  it('counts a flow that timed out in the steps in which it had packets, and in that of its end', async () => {
    const captured = new Captured('c', 'n', 'tid');
    for (let minute = 0; minute <= 20; minute += 1) {
      const at = START + minute * 60_000;
      if (minute === 0 || minute === 5) captured.packet(at, CALL);
      for (const { batch } of captured.update(at + 1_000)) await store.append({ batch, origin: 'agent.a', clockOffset: 0 });
    }
    const span = { from: START, to: START + 2 * HOUR };
    const steps = await store.summary({ ...BY_PROTOCOL, keys: ['TIME'], span, stepMs: 60_000 });
    expect(steps.map(({ keys: [step], flows }) => [(Number(step) - START) / 60_000, flows])).toMatchObject([
      [0, 1],
      [4, 1],
      [5, 1],
    ]);
    expect(steps.reduce((sum, { abPackets }) => sum + abPackets, 0)).toBe(2);
  });

  it('forgets the oldest hours, whole files at a time', async () => {
    await write([START, START + HOUR, START + 2 * HOUR]);
    const files = (): string[] => readdirSync(folder).filter((name) => name.startsWith('flows-') && name.endsWith('.duckdb'));
    expect(files()).toHaveLength(3);
    // Written just now, so old only by its size.
    await store.prune(START + 2 * HOUR, 2 ** 40);
    expect(files()).toHaveLength(3);
    expect(store.status().since).toBe(START);
    await store.prune(0, 1);
    expect(files()).toHaveLength(1);
    expect(store.status().since).toBe(START + 2 * HOUR);
    expect(await count(START + 2 * HOUR, START + 2 * HOUR + 60_000)).toBe(1);
  });

  it('forgets hours that are old by what is in them and by when they were written', async () => {
    await write([START, START + HOUR, START + 2 * HOUR]);
    const files = (): string[] => readdirSync(folder).filter((name) => name.startsWith('flows-') && name.endsWith('.duckdb'));
    await store.close();
    // Written long ago, all of them.
    for (const name of files()) utimesSync(join(folder, name), START / 1_000, START / 1_000);
    store = open();
    await store.prune(START + HOUR, 2 ** 40);
    expect(files()).toHaveLength(2);
    expect(await count(START + HOUR, START + HOUR + 60_000)).toBe(1);
    // The latest hour stays until it is too old as well.
    await store.prune(START + 3 * HOUR, 2 ** 40);
    expect(files()).toHaveLength(0);
  });

  it('refuses what is no batch, and goes on', async () => {
    await expect(store.append({ batch: new Uint8Array(40), origin: 'x', clockOffset: 0 })).rejects.toMatchObject({
      code: 'BAD_INPUT',
      retriable: false,
    });
    await write([START]);
    expect(await count(START, START)).toBe(1);
    expect(store.status()).toMatchObject({ stored: 1, dropped: 1, error: undefined });
  });
});
