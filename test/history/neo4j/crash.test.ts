import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { openDatabase, type Database } from '../../../src/history/neo4j/database.js';
import { readProjection } from '../../../src/history/neo4j/position.js';
import { afterTest, newFolder, open } from '../../journal/folder.js';
import { describeWith } from '../../needs.js';
import { addressOf, clearTopology, NEO4J_START_MS, NEO4J_TEST_MS, neo4jNeeds, sharedNeo4j } from './server/shared.js';
import { expectSame, project } from './site.js';

const PROCESS = fileURLToPath(new URL('projectingProcess.ts', import.meta.url));
const KILLS = 5;

/** Lets the process run until some changes are in the database and a little longer, and kills it; returns the last number that it said. */
async function runAndKill(dataDir: string, url: string, seed: number, afterMs: number): Promise<number> {
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), PROCESS, dataDir, url, String(seed)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.setEncoding('utf8');
  await new Promise<void>((resolve) =>
    child.stdout.on('data', (text: string) => {
      said += text;
      if (/[1-9]\d*\n$/.test(said)) resolve();
    }),
  );
  await new Promise((resolve) => setTimeout(resolve, afterMs));
  child.kill('SIGKILL');
  await once(child, 'close');
  return Number(said.trim().split('\n').at(-1));
}

describeWith(neo4jNeeds, 'a projection whose process is killed', () => {
  vi.setConfig({ testTimeout: NEO4J_TEST_MS * 2, hookTimeout: NEO4J_TEST_MS });
  let url: string;
  let database: Database;
  beforeAll(async () => {
    ({ url } = await sharedNeo4j());
    database = openDatabase(addressOf(url));
  }, NEO4J_START_MS);
  afterAll(() => database?.close());
  beforeEach(() => clearTopology(database));

  it('goes on exactly where it was, however often', async () => {
    const dataDir = newFolder();
    for (let kill = 0; kill < KILLS; kill++) {
      const told = await runAndKill(dataDir, url, kill, kill * 171);
      const { seq, phase } = (await readProjection(database))!;
      expect(phase).toBe('follow');
      expect(seq).toBeGreaterThanOrEqual(told);
    }
    const recorder = await open(dataDir);
    expect(recorder.journal.keptSeq).toBeGreaterThanOrEqual((await readProjection(database))!.seq);
    const projected = project(recorder, addressOf(url));
    afterTest(() => projected.close());
    await expectSame(projected, recorder, 40);
    const [written] = await database.read('MATCH (s:State) RETURN count(s) AS states, count(DISTINCT s.seq) AS changes');
    expect(written!.states).toBe(written!.changes);
  });
});
