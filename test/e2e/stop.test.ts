import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CanopyProcess, launch } from './canopyProcess.js';
import { data, eventually, subscriber } from './graphqlOverHttp.js';

const STOP_LIMIT_MS = 3_000;

describe('SIGTERM', () => {
  let dataDir: string;
  let canopy: CanopyProcess | undefined;
  beforeEach(() => (dataDir = mkdtempSync(join(tmpdir(), 'canopy-stop-'))));
  afterEach(async () => {
    await canopy?.end('SIGKILL');
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('ends everything cleanly within three seconds while every worker waits and a client listens', async () => {
    canopy = await launch(['allinone', '--listen', '127.0.0.1:0', '--data-dir', dataDir]);
    const { url } = canopy;
    await eventually(
      () => data<{ nodes: { totalCount: number } }>(url, '{ nodes { totalCount } }'),
      ({ nodes }) => nodes.totalCount > 1,
    );
    const client = subscriber(url);
    const closed = new Promise<unknown>((resolve) => client.on('closed', resolve));
    const events = client.iterate({ query: 'subscription { topologyChanges { __typename } }' });
    await events.next();
    const { tookMs, code } = await canopy.end('SIGTERM');
    expect(code).toBe(0);
    expect(tookMs).toBeLessThan(STOP_LIMIT_MS);
    await closed;
  });

  it('keeps what it knew for the next start', async () => {
    const count = async (running: CanopyProcess) =>
      (await data<{ nodes: { totalCount: number } }>(running.url, '{ nodes { totalCount } }')).nodes.totalCount;
    canopy = await launch(['allinone', '--listen', '127.0.0.1:0', '--data-dir', dataDir]);
    const first = canopy;
    const known = await eventually(
      () => count(first),
      (nodes) => nodes > 1,
    );
    await canopy.end();
    canopy = await launch(['analyzer', '--listen', '127.0.0.1:0', '--data-dir', dataDir]);
    expect(await count(canopy)).toBe(known);
  });
});
