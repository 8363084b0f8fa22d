import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';
import { openDatabase, type Database } from '../../../../src/history/neo4j/database.js';
import { silentLog } from '../../../../src/common/log.js';
import { migrate } from '../../../../src/history/neo4j/migrations.js';
import { wipe } from '../../../../src/history/neo4j/erase.js';
import { program } from '../../../needs.js';
import { addressOf } from './address.js';
import { startNeo4j } from './start.js';
import './globalSetup.js';

export { addressOf };

/** What a test with a real Neo4j needs. */
export const neo4jNeeds = [program('java'), program('mvn')];

/** For `beforeAll`: the first use fetches the jars. */
export const NEO4J_START_MS = 900_000;

/** For the tests: each waits for a database that shares two cores with everything else. */
export const NEO4J_TEST_MS = 120_000;

/** The Neo4j of this test worker, started once for all of its test files; nobody else uses it meanwhile. Its data is whatever the last test left. */
export async function sharedNeo4j(): Promise<{ readonly url: string }> {
  const folder = join(inject('neo4jFolder'), process.env.VITEST_POOL_ID ?? '1');
  const file = join(folder, 'server.json');
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as { url: string };
  mkdirSync(folder, { recursive: true });
  const { url, pid } = await startNeo4j({ folder: join(folder, 'data'), owner: inject('neo4jOwner') });
  writeFileSync(file, JSON.stringify({ url, pid }));
  // The first statements of a new server take long; better here than in the first test.
  const database = openDatabase(addressOf(url));
  await migrate(database, silentLog);
  await database.close();
  return { url };
}

/** Takes the topology and its place out of the database, so that the next journal begins with nothing; the schema stays. */
export async function clearTopology(database: Database): Promise<void> {
  await wipe(database);
  await database.command('MATCH (p:Projection) DELETE p');
}

/** Opens the database and takes everything out of it, constraints and indexes too. */
export async function emptyDatabase(url: string): Promise<Database> {
  const database = openDatabase(addressOf(url));
  await database.command('MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 5000 ROWS');
  for (const { name } of await database.command('SHOW CONSTRAINTS YIELD name')) await database.command(`DROP CONSTRAINT ${String(name)}`);
  for (const { name } of await database.command("SHOW INDEXES YIELD name, type WHERE type <> 'LOOKUP' RETURN name"))
    await database.command(`DROP INDEX ${String(name)}`);
  return database;
}
