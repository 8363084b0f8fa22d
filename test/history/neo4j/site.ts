import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { expect } from 'vitest';
import { systemClock } from '../../../src/common/clock.js';
import { silentLog } from '../../../src/common/log.js';
import { EmbeddedHistory } from '../../../src/history/embedded/historyStore.js';
import type { DatabaseAddress } from '../../../src/history/neo4j/database.js';
import { openNeo4j, type OpenedNeo4j } from '../../../src/history/neo4j/open.js';
import type { Recorder } from '../../../src/journal/recorder.js';
import type { Random } from '../../simulator/random.js';
import { randomBatch } from '../randomDeltas.js';
import { pictureOf } from '../replay.js';

const CACHE_BYTES = 1 << 24;

/** Both homes over one recorder. */
export interface Projected extends OpenedNeo4j {
  readonly embedded: EmbeddedHistory;
}

/** Begins to follow the recorder into the database. */
export function project(recorder: Recorder, address: DatabaseAddress): Projected {
  const embedded = new EmbeddedHistory(recorder, { cacheBytes: CACHE_BYTES });
  const opened = openNeo4j(address, { recorder, embedded, cacheBytes: CACHE_BYTES, clock: systemClock, log: silentLog });
  return { ...opened, embedded };
}

/** Writes some random batches, durable when it resolves. */
export async function writeSome(recorder: Recorder, random: Random, batches: number): Promise<void> {
  const durable: Promise<void>[] = [];
  for (let batch = 0; batch < batches; batch++) durable.push(recorder.record({ ...randomBatch(random), immediate: true }).durable);
  await Promise.all(durable);
}

/** Fails unless both homes show the same graph after the changes: the newest, the oldest that is kept, and some between. */
export async function expectSame({ history, embedded, projector }: Projected, recorder: Recorder, samples = 25): Promise<void> {
  await projector.caughtUp();
  const { journal } = recorder;
  const first = journal.oldestSeq - 1;
  const last = journal.keptSeq;
  const seqs = new Set([first, last]);
  for (let sample = 1; sample < samples; sample++) seqs.add(first + Math.floor(((last - first) * sample) / samples));
  for (const seq of seqs) {
    const position = journal.epochs.positionOf(seq);
    const answered = history.answered.neo4j;
    expect({ seq, picture: pictureOf(await history.at(position)) }).toEqual({ seq, picture: pictureOf(await embedded.at(position)) });
    expect(history.answered.neo4j).toBe(answered + 1);
  }
}

/** Waits for something to be so; fails after a while. */
export async function until(isSo: () => boolean, what: string, patienceMs = 60_000): Promise<void> {
  const started = performance.now();
  while (!isSo()) {
    if (performance.now() - started > patienceMs) throw new Error(`still not: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** The way to a database, which can be cut. */
export interface Way {
  readonly url: string;
  /** Cuts every connection; new ones are refused until it is mended. */
  cut(): void;
  mend(): void;
  close(): Promise<void>;
}

export async function wayTo(url: string): Promise<Way> {
  const { hostname, port } = new URL(url);
  const sockets = new Set<Socket>();
  let isCut = false;
  const server = createServer((near) => {
    if (isCut) return void near.destroy();
    const far = connect(Number(port), hostname);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
      from.pipe(to);
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = (): void => {
    isCut = true;
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `bolt://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut,
    mend: () => void (isCut = false),
    async close() {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}
