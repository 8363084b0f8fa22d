import { cpSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import type { Delta } from '../../../src/graph/delta.js';
import { EmbeddedHistory } from '../../../src/history/embedded/historyStore.js';
import { openDatabase, type Database } from '../../../src/history/neo4j/database.js';
import { askForRebuild, isMoved, move, readProjection, takeOver } from '../../../src/history/neo4j/position.js';
import { afterTest, newFolder, open } from '../../journal/folder.js';
import { describeWith } from '../../needs.js';
import { Random } from '../../simulator/random.js';
import { addressOf, clearTopology, NEO4J_START_MS, NEO4J_TEST_MS, neo4jNeeds, sharedNeo4j } from './server/shared.js';
import { expectSame, project, until, wayTo, writeSome, type Projected } from './site.js';

const put = (id: string, more: Readonly<Record<string, string>> = {}): Delta => ({
  op: 'putNode',
  id,
  host: 'h',
  metadata: { Type: 'device', Name: id, ...more },
});

describeWith(neo4jNeeds, 'the projection', () => {
  vi.setConfig({ testTimeout: NEO4J_TEST_MS, hookTimeout: NEO4J_TEST_MS });
  let url: string;
  let database: Database;
  beforeAll(async () => {
    ({ url } = await sharedNeo4j());
    database = openDatabase(addressOf(url));
  }, NEO4J_START_MS);
  afterAll(() => database?.close());
  beforeEach(() => clearTopology(database));

  const follow = (recorder: Parameters<typeof project>[0], at = url): Projected => {
    const projected = project(recorder, addressOf(at));
    afterTest(() => projected.close());
    return projected;
  };
  const count = async (pattern: string): Promise<number> => (await database.read(`MATCH ${pattern} RETURN count(*) AS n`))[0]!.n as number;

  it('begins with the graph that is there when earlier changes were dropped', async () => {
    const recorder = await open(newFolder());
    const random = new Random(31);
    await writeSome(recorder, random, 150);
    const before = new EmbeddedHistory(recorder, { cacheBytes: 1 << 20 });
    await before.prune(recorder.journal.epochs.positionOf(Math.floor(recorder.journal.keptSeq / 2)));
    await writeSome(recorder, random, 50);
    const projected = follow(recorder);
    await expectSame(projected, recorder);
    expect(projected.projector.status()).toMatchObject({ state: 'FOLLOWING', behind: 0, lagMs: 0, setAside: [], error: undefined });
  });

  it('sets aside the one change that the database refuses, and goes on with the rest', async () => {
    await database.command('CREATE CONSTRAINT foreign_rule IF NOT EXISTS FOR (n:State) REQUIRE n.K8s_Name IS UNIQUE');
    afterTest(() => database.command('DROP CONSTRAINT foreign_rule IF EXISTS'));
    const recorder = await open(newFolder());
    const named = (id: string, name: string): Delta => ({ ...put(id), metadata: { Name: id, K8s: { Name: name } } }) as Delta;
    const deltas = Array.from({ length: 100 }, (_, index) => (index === 0 || index === 61 ? named(`n${index}`, 'one') : put(`n${index}`)));
    await recorder.record({ origin: 'agent.a', deltas, immediate: true }).durable;
    const projected = follow(recorder);
    await projected.projector.caughtUp();
    const { setAside, behind } = projected.projector.status();
    expect(behind).toBe(0);
    expect(setAside).toEqual([
      { seq: 62, id: 'n61', at: expect.any(Number) as number, error: expect.stringContaining('K8s_Name') as string },
    ]);
    expect(await count('(:Current)')).toBe(99);
    // From there on only the journal knows everything.
    expect(projected.projector.has(61)).toBe(true);
    expect(projected.projector.has(62)).toBe(false);
    expect((await projected.history.node('n61', recorder.position()))?.id).toBe('n61');
    // Its next state is written again, and what was set aside stays shown also after a restart of the program.
    await recorder.record({ origin: 'agent.a', deltas: [put('n61')], immediate: true }).durable;
    await projected.projector.caughtUp();
    expect(await count('(:Current)')).toBe(100);
    await projected.close();
    const again = follow(recorder);
    await again.projector.caughtUp();
    expect(again.projector.status().setAside).toHaveLength(1);
  });

  it('catches up in order when the database was away, and the journal answers meanwhile', async () => {
    const way = await wayTo(url);
    afterTest(() => way.close());
    const recorder = await open(newFolder());
    const random = new Random(32);
    const projected = follow(recorder, way.url);
    await writeSome(recorder, random, 20);
    await projected.projector.caughtUp();
    for (let round = 0; round < 3; round++) {
      // In the middle of writing.
      const written = writeSome(recorder, random, 60);
      way.cut();
      await written;
      await until(() => projected.projector.status().state === 'AWAY', 'away');
      const { behind, lagMs, error } = projected.projector.status();
      expect(behind).toBeGreaterThan(0);
      expect(lagMs).toBeGreaterThanOrEqual(0);
      expect(error).toContain('cannot be reached');
      const answered = projected.history.answered.embedded;
      expect((await projected.history.at(recorder.position())).position).toEqual(recorder.position());
      expect(projected.history.answered.embedded).toBe(answered + 1);
      way.mend();
      await projected.projector.caughtUp();
    }
    await expectSame(projected, recorder);
  });

  it('can be closed although the database does not answer', async () => {
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const recorder = await open(newFolder());
    const projected = project(recorder, addressOf(`bolt://127.0.0.1:${(silent.address() as AddressInfo).port}`));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(projected.projector.status().state).toBe('CONNECTING');
    await projected.close();
    silent.close();
  });

  it('takes out what the journal lost in a crash', async () => {
    const folder = newFolder();
    const copy = newFolder();
    const random = new Random(33);
    const recorder = await open(folder);
    await writeSome(recorder, random, 60);
    const kept = recorder.journal.keptSeq;
    // What the disk had when the lights went out.
    cpSync(folder, copy, { recursive: true, filter: (path) => !path.endsWith('lock') });
    await writeSome(recorder, random, 60);
    const first = project(recorder, addressOf(url));
    await first.projector.caughtUp();
    await first.close();
    await recorder.close();
    rmSync(`${copy}/lock`, { force: true });
    const restarted = await open(copy);
    expect(restarted.journal.epochs.firstSeq).toBe(kept + 1);
    await writeSome(restarted, random, 30);
    const second = follow(restarted);
    await expectSame(second, restarted);
    // The rest stayed where it was.
    expect(second.projector.status().written).toBe(restarted.journal.keptSeq - kept);
  });

  it('is written anew when the data folder is an older copy that went another way', async () => {
    const folder = newFolder();
    const copy = newFolder();
    const random = new Random(34);
    const earlier = await open(folder);
    await writeSome(earlier, random, 40);
    await earlier.close();
    cpSync(folder, copy, { recursive: true });
    const one = await open(folder);
    await writeSome(one, random, 40);
    const first = project(one, addressOf(url));
    await first.projector.caughtUp();
    await first.close();
    await one.close();
    await new Promise((resolve) => setTimeout(resolve, 2));
    const other = await open(copy);
    await writeSome(other, random, 80);
    await expectSame(follow(other), other);
  });

  it("leaves another analyzer's database alone until a rebuild is asked for", async () => {
    const mine = await open(newFolder());
    await writeSome(mine, new Random(35), 10);
    const first = project(mine, addressOf(url));
    await first.projector.caughtUp();
    await first.close();
    await new Promise((resolve) => setTimeout(resolve, 2));
    const theirs = await open(newFolder());
    await writeSome(theirs, new Random(36), 10);
    const second = follow(theirs);
    await expect(second.projector.caughtUp()).rejects.toThrow('another analyzer');
    expect(second.projector.status()).toMatchObject({
      state: 'STOPPED',
      error: expect.stringContaining('canopy history rebuild') as string,
    });
    await askForRebuild(database);
    await expectSame(follow(theirs), theirs);
  });

  it('stops at a database that a newer program has written', async () => {
    const recorder = await open(newFolder());
    await writeSome(recorder, new Random(37), 5);
    await database.command('CREATE (:Migration {number: 999})');
    afterTest(() => database.command('MATCH (m:Migration {number: 999}) DELETE m'));
    const projected = follow(recorder);
    await expect(projected.projector.caughtUp()).rejects.toThrow('newer version');
    expect(projected.projector.status().state).toBe('STOPPED');
    expect((await projected.history.at(recorder.position())).nodeCount).toBeGreaterThan(0);
  });

  it('begins anew while it runs when somebody asks for it', async () => {
    const recorder = await open(newFolder());
    const random = new Random(38);
    await writeSome(recorder, random, 80);
    const projected = follow(recorder);
    await projected.projector.caughtUp();
    // Something that no journal knows.
    await database.command("CREATE (:State {id: 'stray', slot: 'open', seq: 1, from: 0, to: 1})");
    await askForRebuild(database);
    await writeSome(recorder, random, 10);
    await until(() => projected.projector.status().retries > 0, 'noticed');
    await expectSame(projected, recorder);
    expect(await count("(n:State {id: 'stray'})")).toBe(0);
  });

  it('has one writer: whoever took over last', async () => {
    const recorder = await open(newFolder());
    await writeSome(recorder, new Random(39), 5);
    const projected = project(recorder, addressOf(url));
    await projected.projector.caughtUp();
    await projected.close();
    const there = (await readProjection(database))!;
    await takeOver(database, { ...there, writer: 'somebody else' });
    const error = await database.write((run) => move(run, there, { ...there, seq: there.seq + 1 })).catch((reason: unknown) => reason);
    expect(isMoved(error)).toBe(true);
    expect((await readProjection(database))!.seq).toBe(there.seq);
  });

  it('leaves nothing behind of elements that are gone and forgotten', async () => {
    const recorder = await open(newFolder());
    const projected = follow(recorder);
    const record = (deltas: Delta[]) => recorder.record({ origin: 'agent.a', deltas, immediate: true }).durable;
    await record([
      put('a'),
      put('b'),
      { op: 'putEdge', id: 'ab', host: 'h', parent: 'a', child: 'b', metadata: { RelationType: 'layer2' } },
    ]);
    await record([{ op: 'rows', id: 'a', table: 'Routes', put: [['r', { via: 1 }]] }]);
    await record([{ op: 'remove', id: 'a' }]);
    await record([put('c')]);
    await projected.projector.caughtUp();
    expect(await count('(:El)')).toBe(3);
    expect(await count('(:Row)')).toBe(1);
    await projected.history.prune(recorder.journal.epochs.positionOf(recorder.journal.keptSeq));
    expect(await count('(:El)')).toBe(2);
    expect(await count('(:State)')).toBe(2);
    expect(await count('(:Row)')).toBe(0);
    expect(await count('()-[:EDGE]->()')).toBe(0);
  });
});
