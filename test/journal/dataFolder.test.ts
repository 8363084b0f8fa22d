import { execFile } from 'node:child_process';
import { cpSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { Random } from '../simulator/random.js';
import { randomBatch } from '../history/randomDeltas.js';
import { pictureOf, Replay } from '../history/replay.js';
import { compact } from '../../src/journal/compact.js';
import { repair } from '../../src/journal/repair.js';
import { isElementChange, type Change } from '../../src/graph/change.js';
import { newFolder, open } from './folder.js';

const node = (id: string, name: string) => ({ op: 'putNode', id, host: 'h', metadata: { Type: 'device', Name: name } }) as const;

/** Fills a folder with a random history; returns what was told. */
async function fill(dataDir: string, seed: number, batches = 300): Promise<Change[]> {
  const random = new Random(seed);
  const recorder = await open(dataDir);
  const changes: Change[] = [];
  recorder.onChanges((more) => changes.push(...more));
  for (let batch = 0; batch < batches; batch++) {
    const { durable } = recorder.record(
      { ...randomBatch(random), immediate: true },
      { origin: 'agent.a', incarnation: 'one', lastDelta: batch },
    );
    if (batch % 10 === 0) await durable;
  }
  await recorder.close();
  return changes;
}

const flip = (path: string, offset: number): void => {
  const bytes = readFileSync(path);
  bytes[offset]! ^= 0xff;
  writeFileSync(path, bytes);
};

describe('a data folder', () => {
  it('is refused to a second process, which hears who has it', async () => {
    const dataDir = newFolder();
    await open(dataDir);
    await expect(open(dataDir)).rejects.toMatchObject({
      code: 'DATA_LOCKED',
      message: expect.stringContaining(`process ${process.pid}`) as string,
    });
    const script = `import('${new URL('../../src/journal/dataFolder.ts', import.meta.url).href}').then(({ openDataFolder }) => openDataFolder(${JSON.stringify(dataDir)})).catch((error) => console.log(error.code))`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--import', import.meta.resolve('tsx'), '-e', script]);
    expect(stdout.trim()).toBe('DATA_LOCKED');
  });

  it('of a later format is refused, also by a repair', async () => {
    const dataDir = newFolder();
    await fill(dataDir, 1, 3);
    writeFileSync(join(dataDir, 'format.json'), '{"format":2}');
    await expect(open(dataDir)).rejects.toMatchObject({ code: 'DATA_NEWER', details: { format: 2, supported: 1 } });
    await expect(repair(dataDir)).rejects.toMatchObject({ code: 'DATA_NEWER' });
  });

  it('that was cut off is refused with how much is missing', async () => {
    const dataDir = newFolder();
    await fill(dataDir, 2);
    truncateSync(join(dataDir, 'journal.mdb'), 40_000);
    await expect(open(dataDir)).rejects.toMatchObject({
      code: 'DATA_DAMAGED',
      message: expect.stringContaining('cut off: it has 40000 of') as string,
    });
  });

  it('with a damaged inner page is refused before LMDB follows it', async () => {
    const dataDir = newFolder();
    await fill(dataDir, 6);
    const journal = join(dataDir, 'journal.mdb');
    const bytes = readFileSync(journal);
    const inner: number[] = [];
    for (let page = 2; page * 4096 < bytes.length; page++) if ((bytes.readUInt16LE(page * 4096 + 18) & 1) !== 0) inner.push(page);
    expect(inner.length).toBeGreaterThan(0);
    // The child that the first entry of each inner page names is now far beyond the file.
    for (const page of inner) bytes.writeUInt32LE(0x7fffffff, page * 4096 + 24 + bytes.readUInt16LE(page * 4096 + 24));
    writeFileSync(journal, bytes);
    await expect(open(dataDir)).rejects.toMatchObject({ code: 'DATA_DAMAGED', message: expect.stringContaining('in order in') as string });
    expect((await repair(dataDir)).kept).toBeGreaterThan(0);
    await open(dataDir);
  });

  it('without its format is refused, and whole again after a repair', async () => {
    const dataDir = newFolder();
    const changes = await fill(dataDir, 3);
    rmSync(join(dataDir, 'format.json'));
    await expect(open(dataDir)).rejects.toMatchObject({ code: 'DATA_DAMAGED' });
    expect(await repair(dataDir)).toMatchObject({ kept: changes.length, lost: 0, unreadablePages: 0, brokenValues: 0, keptProgress: true });
    const recorder = await open(dataDir);
    const replay = new Replay();
    for (const change of changes) replay.take(change);
    expect(pictureOf(recorder.graph.view())).toEqual(replay.picture());
    expect(recorder.progressOf('agent.a')).toMatchObject({ lastDelta: 299 });
    for (const change of changes) expect(recorder.journal.change(change.seq)?.at).toBe(change.at);
  });

  it('opens again after a repair wherever one byte was changed, with everything that can still be read', async () => {
    const dataDir = newFolder();
    const changes = await fill(dataDir, 4, 150);
    const journal = join(dataDir, 'journal.mdb');
    const whole = readFileSync(journal);
    const random = new Random(99);
    for (let trial = 0; trial < 25; trial++) {
      writeFileSync(journal, whole);
      rmSync(join(dataDir, 'journal.mdb-lock'), { force: true });
      flip(journal, 2 * 4096 + random.below(whole.length - 2 * 4096));
      const report = await repair(dataDir);
      expect(report.kept).toBeGreaterThan(0);
      const recorder = await open(dataDir);
      const view = recorder.graph.view();
      for (const edge of view.edges()) expect(view.node(edge.parent) && view.node(edge.child)).toBeDefined();
      for (let seq = 1; seq <= changes.length; seq++) {
        const change = recorder.journal.change(seq);
        if (change === undefined || !isElementChange(change)) continue;
        const told = changes[seq - 1]!;
        expect(isElementChange(told) && told.element.id).toBe(change.element.id);
      }
      await recorder.close();
    }
  });

  it('with a changed byte in what is read later says so when it is read', async () => {
    const dataDir = newFolder();
    const recorder = await open(dataDir);
    await recorder.record({ origin: 'a', deltas: [node('x', 'FIRST-NAME'), node('y', 'y')] }).durable;
    await recorder.record({ origin: 'a', deltas: [node('x', 'SECOND-NAME')] }).durable;
    await recorder.close();
    const journal = join(dataDir, 'journal.mdb');
    const bytes = readFileSync(journal);
    for (let at = bytes.indexOf('FIRST-NAME'); at >= 0; at = bytes.indexOf('FIRST-NAME', at + 1)) flip(journal, at);
    const again = await open(dataDir);
    expect(again.graph.node('x')?.metadata['Name']).toBe('SECOND-NAME');
    expect(() => again.journal.change(1)).toThrow(
      expect.objectContaining({ code: 'DATA_DAMAGED', details: { damaged: 'change 1' } }) as Error,
    );
  });

  it('is smaller after it was compacted, and holds the same', async () => {
    const dataDir = newFolder();
    const changes = await fill(dataDir, 5);
    const { bytesBefore, bytesAfter } = await compact(dataDir);
    expect(bytesAfter).toBeLessThan(bytesBefore);
    const recorder = await open(dataDir);
    for (const change of changes) expect(recorder.journal.change(change.seq)?.at).toBe(change.at);
  });

  it('of format 1 opens', async () => {
    const dataDir = newFolder();
    cpSync(fileURLToPath(new URL('../fixtures/data-format-1', import.meta.url)), dataDir, { recursive: true });
    const recorder = await open(dataDir);
    expect(recorder.graph.node('bridge')?.metadata).toMatchObject({ Type: 'bridge', Name: 'br0', State: 'UP', User: { Owner: 'ops' } });
    expect([...(recorder.graph.node('bridge')?.tables?.['Routes']?.entries() ?? [])]).toEqual([['default', { Via: '10.0.0.2' }]]);
    expect(recorder.graph.edge('link')).toMatchObject({ parent: 'bridge', child: 'veth' });
    expect(recorder.graph.stats()).toMatchObject({ nodes: 2, edges: 1, suspended: 1 });
    expect(recorder.progressOf('agent.one')).toEqual({ origin: 'agent.one', incarnation: 'first', lastDelta: 7 });
    const first = recorder.journal.change(1);
    expect(first && isElementChange(first) && first.element.metadata['State']).toBe('DOWN');
  });
});
