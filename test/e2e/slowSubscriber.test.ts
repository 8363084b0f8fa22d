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

type Event = {
  readonly __typename: string;
  readonly changes?: readonly { readonly element: { readonly id: string; readonly metadata: { readonly Round: number } } }[];
};

interface Watcher {
  readonly socket: Socket;
  /** Resolves with the first event. */
  readonly started: Promise<void>;
  close(): void;
}

/** A raw subscriber whose socket can be left unread. */
async function watch(url: string, listener: (event: Event) => void): Promise<Watcher> {
  const ws = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  const upgraded = new Promise<Socket>((resolve, reject) => {
    ws.once('error', reject);
    ws.once('upgrade', (response) => resolve(response.socket));
  });
  ws.once('open', () => ws.send(JSON.stringify({ type: 'connection_init' })));
  const started = new Promise<void>((resolve) => {
    ws.on('message', (bytes: Buffer) => {
      const message = JSON.parse(bytes.toString()) as { type: string; payload?: { data: { topologyChanges: Event } } };
      if (message.type === 'connection_ack') ws.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: WATCH } }));
      if (message.type !== 'next') return;
      listener(message.payload!.data.topologyChanges);
      resolve();
    });
  });
  return { socket: await upgraded, started, close: () => ws.terminate() };
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
    const latest = { slow: new Map<string, number>(), quick: new Map<string, number>() };
    let wasTold = false;
    const remember = (who: 'slow' | 'quick') => (event: Event) => {
      if (event.__typename === 'EventsLost' || event.__typename === 'ResyncRequired') wasTold ||= who === 'slow';
      for (const { element } of event.changes ?? []) latest[who].set(element.id, element.metadata.Round);
    };
    const [slow, quick] = [await watch(url, remember('slow')), await watch(url, remember('quick'))];
    await Promise.all([slow.started, quick.started]);
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
    await until(() => wasTold || isCurrent('slow'));
    slow.close();
    quick.close();
  }, 120_000);
});
