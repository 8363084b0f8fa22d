import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import neo4j from 'neo4j-driver';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ConfigPath } from '../../src/common/config/keys.js';
import { silentLog, type Log } from '../../src/common/log.js';
import { run } from '../../src/cli/run.js';
import { openDatabase, type Database } from '../../src/history/neo4j/database.js';
import { addressOf, clearTopology, NEO4J_START_MS, NEO4J_TEST_MS, neo4jNeeds, sharedNeo4j } from '../history/neo4j/server/shared.js';
import { startNeo4j } from '../history/neo4j/server/start.js';
import { describeWith } from '../needs.js';
import { http, openRig, PUBLISH, type Rig } from '../server/rig.js';
import { recordTerminal } from './terminal.js';

const PROJECTION = '{ status { nodes projection { state error behind setAside { seq } } } }';
const PASSWORD = 'correct-horse';

interface Shown {
  readonly nodes: number;
  readonly projection: { readonly state: string; readonly error: string | null; readonly behind: number } | null;
}

let rig: Rig;
let warnings: string[];
afterEach(() => rig.close());

/** An analyzer that follows into Neo4j. */
async function analyzer(config: Partial<Record<ConfigPath, unknown>>): Promise<void> {
  warnings = [];
  const warn = (facts: object, message: string): void => void warnings.push(`${message}: ${JSON.stringify(facts)}`);
  const log: Log = { ...silentLog, warn, error: warn, child: () => log };
  rig = await openRig({ log, config: { 'history.home': 'neo4j', ...config } });
}

async function shown(): Promise<Shown> {
  const { data } = await http.ask(rig.url, { query: PROJECTION });
  return data!.status as Shown;
}

/** Waits until the projection is in the state and has nothing to do. */
async function untilState(state: string): Promise<Shown> {
  for (let look = 0; look < 1_200; look++) {
    const status = await shown();
    if (status.projection?.state === state && (state !== 'FOLLOWING' || status.projection.behind === 0)) return status;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect.fail(`still ${JSON.stringify(await shown())}`);
}

async function publish(count: number): Promise<void> {
  const nodes = Array.from({ length: count }, (_, index) => ({ id: `n${index}`, name: `eth${index}`, type: 'device', host: 'h' }));
  const { errors } = await http.ask(rig.url, { query: PUBLISH, variables: { input: { origin: 'pub.test', nodes } } });
  expect(errors).toBeUndefined();
}

async function canopy(...args: string[]) {
  const terminal = recordTerminal();
  const code = await run([...args, '--analyzer', rig.url], terminal);
  return { code, answers: terminal.answers, messages: terminal.messages };
}

describe('a Neo4j that is not there', () => {
  it('leaves the live graph and the past alone; start and status say so', async () => {
    await analyzer({ 'history.url': 'bolt://127.0.0.1:1' });
    await publish(3);
    const { nodes, projection } = await untilState('AWAY');
    expect(nodes).toBe(3);
    expect(projection!.error).toContain('bolt://127.0.0.1:1 cannot be reached');
    expect(warnings.join('\n')).toContain('it is tried again');
    const { data } = await http.ask(rig.url, { query: `{ nodes(at: "${new Date().toISOString()}") { nodes { id } } }` });
    expect((data!.nodes as { nodes: unknown[] }).nodes).toHaveLength(3);
    const status = await canopy('history', 'status');
    expect(status.code).toBe(5);
    expect(status.answers).toMatch(/neo4j +bolt:\/\/127\.0\.0\.1:1: away, 3 changes behind/);
    expect((await canopy('status')).answers).toContain('It is tried again; nothing is lost.');
    const metrics = await (await fetch(`${rig.url}/metrics`)).text();
    expect(metrics).toMatch(/^canopy_projection_up 0$/m);
    expect(metrics).toMatch(/^canopy_projection_lag_changes 3$/m);
    expect(metrics).toMatch(/^canopy_projection_lag_seconds \S+$/m);
  });

  it('is said where nothing is configured, and cannot be rebuilt', async () => {
    await analyzer({ 'history.home': 'embedded' });
    const status = await canopy('history', 'status');
    expect(status).toMatchObject({ code: 0, answers: expect.stringContaining('not configured') as string });
    const rebuild = await canopy('history', 'rebuild', 'neo4j', '--data-dir', rig.dataDir);
    expect(rebuild).toMatchObject({ code: 2, messages: expect.stringContaining('`history.home` is not `neo4j`') as string });
    expect(await canopy('history', 'rebuild')).toMatchObject({ code: 2, messages: expect.stringContaining('rebuild neo4j') as string });
  });
});

describeWith(neo4jNeeds, 'canopy history rebuild neo4j', () => {
  vi.setConfig({ testTimeout: NEO4J_TEST_MS, hookTimeout: NEO4J_TEST_MS });
  let url: string;
  let database: Database;
  beforeAll(async () => {
    ({ url } = await sharedNeo4j());
    database = openDatabase(addressOf(url));
  }, NEO4J_START_MS);
  afterAll(() => database?.close());
  beforeEach(async () => {
    await clearTopology(database);
    await analyzer({ 'history.url': url });
    await publish(40);
    await untilState('FOLLOWING');
  });

  const rebuild = (...more: string[]) =>
    canopy('history', 'rebuild', 'neo4j', '--data-dir', rig.dataDir, '--set', 'history.home=neo4j', '--set', `history.url=${url}`, ...more);
  const count = async (): Promise<unknown> => (await database.read('MATCH (s:Current) RETURN count(s) AS n'))[0]!.n;

  it('has the running analyzer do it', async () => {
    expect(await canopy('history', 'status')).toMatchObject({ code: 0, answers: expect.stringContaining('up to date') as string });
    await database.command('MATCH (s:State) DETACH DELETE s');
    const done = await rebuild('-o', 'json');
    expect(done).toMatchObject({ code: 0 });
    expect(JSON.parse(done.answers)).toEqual({ seq: 40, refused: 0, by: 'analyzer' });
    expect(await count()).toBe(40);
  });

  it('does it by itself where none runs, and goes on with what was interrupted', async () => {
    await rig.analyzer.stop();
    await database.command('MATCH (s:State) DETACH DELETE s');
    expect(await rebuild()).toMatchObject({ code: 0, answers: expect.stringContaining('all changes up to') as string });
    expect(await count()).toBe(40);
    // Interrupted after everything was taken out.
    await database.command("MATCH (p:Projection) SET p.isRebuilding = true, p.phase = 'follow', p.seq = 0");
    await database.command('MATCH (n:State|El) DETACH DELETE n');
    const resumed = await rebuild();
    expect(resumed).toMatchObject({ code: 0, messages: expect.stringContaining('going on with the rebuild') as string });
    expect(await count()).toBe(40);
  });
});

describeWith(neo4jNeeds, 'a Neo4j that asks for a password', () => {
  vi.setConfig({ testTimeout: NEO4J_TEST_MS, hookTimeout: NEO4J_TEST_MS });
  let server: Awaited<ReturnType<typeof startNeo4j>>;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'canopy-password-'));
    server = await startNeo4j({ auth: true });
    const driver = neo4j.driver(server.url, neo4j.auth.basic('neo4j', 'neo4j'));
    await driver.executeQuery(`ALTER CURRENT USER SET PASSWORD FROM 'neo4j' TO '${PASSWORD}'`, {}, { database: 'system' });
    await driver.close();
  }, NEO4J_START_MS);
  afterAll(async () => {
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('does not let in who has a wrong one, and the analyzer serves all the same', async () => {
    await analyzer({ 'history.url': server.url, 'history.password': 'wrong-password' });
    await publish(2);
    const { nodes, projection } = await untilState('AWAY');
    expect(nodes).toBe(2);
    expect(projection!.error).toContain('does not let us in');
    expect(warnings.join('\n')).not.toContain('wrong-password');
  });

  it('lets in who has the right one, from a file', async () => {
    const file = join(folder, 'neo4j.password');
    writeFileSync(file, `${PASSWORD}\n`);
    await analyzer({ 'history.url': server.url, 'history.password': `file:${file}` });
    await publish(2);
    await untilState('FOLLOWING');
  });
});
