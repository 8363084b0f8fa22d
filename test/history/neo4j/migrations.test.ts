import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { silentLog } from '../../../src/common/log.js';
import { openDatabase, type Database } from '../../../src/history/neo4j/database.js';
import { migrate, readMigrations } from '../../../src/history/neo4j/migrations.js';
import { DECLARED_KEYS } from '../../../src/history/neo4j/model.js';
import { describeWith } from '../../needs.js';
import { addressOf, emptyDatabase, NEO4J_START_MS, NEO4J_TEST_MS, neo4jNeeds, sharedNeo4j } from './server/shared.js';

const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));

function migrationsOf(files: Readonly<Record<string, string>>) {
  const folder = mkdtempSync(join(tmpdir(), 'canopy-migrations-'));
  folders.push(folder);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return readMigrations(pathToFileURL(`${folder}/`));
}

describe('migration files', () => {
  it('are read in order, statement by statement', () => {
    const read = migrationsOf({
      '0002-b.cypher': 'RETURN 2;\n',
      '0001-a.cypher': "// a remark;\nCREATE (n {t: ';'});\nRETURN 1",
      'README.md': 'no',
    });
    expect(read.map(({ number, name, statements }) => [number, name, statements])).toEqual([
      [1, 'a', ["CREATE (n {t: ';'})", 'RETURN 1']],
      [2, 'b', ['RETURN 2']],
    ]);
  });

  it('with one number twice are refused', () => {
    expect(() => migrationsOf({ '0001-a.cypher': '', '0001-b.cypher': '' })).toThrow('two migrations have the number 1');
  });

  it('index every key that is declared as indexed, for past and present', () => {
    const text = readMigrations()
      .flatMap(({ statements }) => statements)
      .join('\n');
    const indexed = DECLARED_KEYS.filter(({ isIndexed }) => isIndexed).map(({ property }) => property);
    expect([...text.matchAll(/:State\) ON \(n\.([A-Z]\w*), n\.slot\)/g)].map(([, name]) => name)).toEqual(indexed);
    expect([...text.matchAll(/:Current\) ON \(n\.([A-Z]\w*)\)/g)].map(([, name]) => name)).toEqual(indexed);
  });
});

describeWith(neo4jNeeds, 'migrations of a database', () => {
  vi.setConfig({ testTimeout: NEO4J_TEST_MS, hookTimeout: NEO4J_TEST_MS });
  let url: string;
  let database: Database;
  beforeAll(async () => {
    ({ url } = await sharedNeo4j());
  }, NEO4J_START_MS);
  beforeEach(async () => {
    database = await emptyDatabase(url);
    return () => database.close();
  });

  // Whoever is next in this worker finds the schema of the product.
  afterAll(async () => {
    const left = await emptyDatabase(url);
    await migrate(left, silentLog);
    await left.close();
  }, NEO4J_TEST_MS);

  const numbers = async () =>
    (await database.read('MATCH (m:Migration) WHERE m.number > 0 RETURN m.number AS number ORDER BY number')).map((row) => row.number);

  it('are applied in order and recorded; a second run finds nothing to do', async () => {
    await migrate(database, silentLog);
    await migrate(database, silentLog);
    expect(await numbers()).toEqual(readMigrations().map(({ number }) => number));
    const indexes = await database.read("SHOW INDEXES YIELD name, state WHERE name STARTS WITH 'canopy_' RETURN name, state");
    expect(indexes.length).toBeGreaterThan(15);
    expect(indexes.every(({ state }) => state === 'ONLINE')).toBe(true);
  });

  it('go on where an earlier version stopped, and move data', async () => {
    const first = { '0001-a.cypher': 'CREATE (:Thing {old: 1});' };
    await migrate(database, silentLog, migrationsOf(first));
    await migrate(database, silentLog, migrationsOf({ ...first, '0002-b.cypher': 'MATCH (t:Thing) SET t.new = t.old + 1 REMOVE t.old;' }));
    expect(await numbers()).toEqual([1, 2]);
    expect(await database.read('MATCH (t:Thing) RETURN t.new AS new, t.old AS old')).toEqual([{ new: 2, old: null }]);
  });

  it('run once when several programs start together', async () => {
    const migrations = migrationsOf({
      '0001-a.cypher': 'CREATE CONSTRAINT canopy_thing IF NOT EXISTS FOR (n:Thing) REQUIRE n.id IS UNIQUE;\n',
      '0002-b.cypher': 'CREATE (:Counted);\n',
    });
    const programs = [1, 2, 3].map(() => openDatabase(addressOf(url)));
    await Promise.all(programs.map((program) => migrate(program, silentLog, migrations)));
    await Promise.all(programs.map((program) => program.close()));
    expect(await numbers()).toEqual([1, 2]);
    expect(await database.read('MATCH (n:Counted) RETURN count(n) AS count')).toEqual([{ count: 1 }]);
  });

  it('stop at a database that is newer than the program', async () => {
    await migrate(database, silentLog);
    await database.command('CREATE (:Migration {number: 999})');
    await expect(migrate(database, silentLog)).rejects.toMatchObject({
      code: 'DATA_NEWER',
      message: expect.stringContaining('migration 999') as string,
    });
  });

  it('stop where a file was changed after it was applied', async () => {
    await migrate(database, silentLog, migrationsOf({ '0001-a.cypher': 'RETURN 1;' }));
    await expect(migrate(database, silentLog, migrationsOf({ '0001-a.cypher': 'RETURN 2;' }))).rejects.toMatchObject({
      code: 'DATA_DAMAGED',
    });
  });
});
