import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeWith, program, root } from '../needs.js';
import { type CanopyProcess, launch } from './canopyProcess.js';
import { ask, data, eventually } from './graphqlOverHttp.js';

const DISK = '24m';
const PUBLISH = 'mutation ($input: PublishTopologyInput!) { publishTopology(input: $input) { created } }';

/** A hundred nodes with some two kilobytes of metadata each. */
const bulk = (round: number) => ({
  origin: 'pub.bulk',
  nodes: Array.from({ length: 100 }, (_, index) => ({
    id: `bulk-${round}-${index}`,
    name: `bulk-${round}-${index}`,
    type: 'device',
    metadata: { Filling: Buffer.from(`${round}/${index}/`.repeat(250)).toString('base64') },
  })),
});

describeWith([root, program('mount')], 'a disk that runs full', () => {
  let disk: string;
  let canopy: CanopyProcess | undefined;
  beforeEach(() => {
    disk = mkdtempSync(join(tmpdir(), 'canopy-disk-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK}`, 'tmpfs', disk]);
  });
  afterEach(async () => {
    await canopy?.end('SIGKILL');
    execFileSync('umount', [disk]);
    rmdirSync(disk);
  });

  it('refuses new writes with a retriable error, goes on answering, and has lost nothing acknowledged', async () => {
    canopy = await launch(['analyzer', '--listen', '127.0.0.1:0', '--data-dir', join(disk, 'data')]);
    const { url } = canopy;
    const acknowledged: number[] = [];
    let refusal: string | undefined;
    for (let round = 0; round < 400 && refusal === undefined; round++) {
      const answer = await ask(url, PUBLISH, { input: bulk(round) });
      if (answer.errors) refusal = answer.errors[0]?.extensions?.code;
      else acknowledged.push(round);
    }
    expect(refusal).toBe('STORE_UNAVAILABLE');
    expect(acknowledged.length).toBeGreaterThan(5);

    const { status } = await data<{ status: { journal: { error: string | null } } }>(url, '{ status { journal { error } } }');
    expect(status.journal.error).toMatch(/ENOSPC|space/i);
    const { nodes } = await data<{ nodes: { totalCount: number } }>(url, '{ nodes(filter: {origin: {eq: "pub.bulk"}}) { totalCount } }');
    expect(nodes.totalCount).toBeGreaterThanOrEqual(acknowledged.length * 100);

    await canopy.end('SIGKILL');
    execFileSync('mount', ['-o', 'remount,size=96m', disk]);
    canopy = await launch(['analyzer', '--listen', '127.0.0.1:0', '--data-dir', join(disk, 'data')]);
    const reopened = canopy.url;
    const kept = await eventually(
      () => data<{ nodes: { totalCount: number } }>(reopened, '{ nodes(filter: {origin: {eq: "pub.bulk"}}) { totalCount } }'),
      () => true,
    );
    expect(kept.nodes.totalCount).toBeGreaterThanOrEqual(acknowledged.length * 100);
    expect(await data(reopened, PUBLISH, { input: bulk(100_000) })).toMatchObject({ publishTopology: { created: 100 } });
  }, 120_000);
});
