import { mkdtempSync, rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { type CanopyProcess, launch } from './canopyProcess.js';
import { data } from './graphqlOverHttp.js';

const PUBLISH = 'mutation ($input: PublishTopologyInput!) { publishTopology(input: $input) { cursor } }';
const WATCH =
  'subscription { topologyChanges(filter: {nodes: {origin: {eq: "pub.flood"}}}) { __typename ... on TopologySnapshot { nodes { id } } ... on TopologyChanges { changes { op element { ... on CustomNode { id metadata } ... on NetworkInterface { id metadata } } } } } }';
const ROUNDS = 150;

const flood = (round: number) => ({
  origin: 'pub.flood',
  nodes: Array.from({ length: 100 }, (_, index) => ({
    id: `flood-${index}`,
    name: `flood-${index}`,
    type: 'device',
    metadata: { Round: round, Filling: 'x'.repeat(1000) },
  })),
});

/** A raw subscriber whose socket can be left unread. */
async function watch(
  url: string,
): Promise<{ socket: Socket; next: (message: (event: { __typename: string }) => void) => void; close(): void }> {
  const { port } = new URL(url);
  const ws = new WebSocket(`ws://127.0.0.1:${port}/graphql`, 'graphql-transport-ws');
  const listeners: ((event: { __typename: string }) => void)[] = [];
  const socket = await new Promise<Socket>((resolve, reject) => {
    ws.once('error', reject);
    ws.once('upgrade', (response) => resolve(response.socket));
  });
  await new Promise((resolve) => ws.once('open', resolve));
  ws.on('message', (bytes: Buffer) => {
    const message = JSON.parse(bytes.toString()) as { type: string; payload?: { data: { topologyChanges: { __typename: string } } } };
    if (message.type === 'connection_ack') ws.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: WATCH } }));
    if (message.type === 'next') for (const listener of listeners) listener(message.payload!.data.topologyChanges);
  });
  ws.send(JSON.stringify({ type: 'connection_init' }));
  return { socket, next: (listener) => listeners.push(listener), close: () => ws.terminate() };
}

const residentBytes = async (url: string): Promise<number> => {
  const metrics = await (await fetch(`${url}/metrics`)).text();
  return Number(/^process_resident_memory_bytes (\S+)$/m.exec(metrics)![1]);
};

describe('a subscriber that stops reading', () => {
  let dataDir: string;
  let canopy: CanopyProcess | undefined;
  beforeEach(() => (dataDir = mkdtempSync(join(tmpdir(), 'canopy-slow-'))));
  afterEach(async () => {
    await canopy?.end('SIGKILL');
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('costs bounded memory, holds nobody up, and learns everything or is told what it lost', async () => {
    canopy = await launch(['analyzer', '--listen', '127.0.0.1:0', '--data-dir', dataDir]);
    const { url } = canopy;
    const [slow, quick] = [await watch(url), await watch(url)];
    const latest = { slow: new Map<string, number>(), quick: new Map<string, number>() };
    let told = false;
    type Event = {
      __typename: string;
      nodes?: { id: string; metadata?: { Round: number } }[];
      changes?: { element: { id: string; metadata: { Round: number } } }[];
    };
    const remember = (who: 'slow' | 'quick') => (event: Event) => {
      if (event.__typename === 'EventsLost' || event.__typename === 'ResyncRequired') told ||= who === 'slow';
      for (const { element } of event.changes ?? []) latest[who].set(element.id, element.metadata.Round);
    };
    slow.next(remember('slow'));
    quick.next(remember('quick'));
    await new Promise((resolve) => quick.next(resolve));
    slow.socket.pause();
    const before = await residentBytes(url);
    for (let round = 1; round <= ROUNDS; round++) await data(url, PUBLISH, { input: flood(round) });
    const isCurrent = (who: 'slow' | 'quick') => latest[who].size === 100 && [...latest[who].values()].every((round) => round === ROUNDS);
    const until = async (holds: () => boolean) => {
      const deadline = performance.now() + 20_000;
      while (!holds() && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 50));
      expect(holds()).toBe(true);
    };
    await until(() => isCurrent('quick'));
    expect((await residentBytes(url)) - before).toBeLessThan(250 * 1024 * 1024);
    slow.socket.resume();
    await until(() => told || isCurrent('slow'));
    slow.close();
    quick.close();
  }, 120_000);
});
