import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CanopyError } from '../../common/errors.js';
import type { Log } from '../../common/log.js';
import { programVersion } from '../../common/version.js';
import type { Database } from './database.js';
import { LABEL } from './model.js';

/** How long indexes may take to be made over what is there already, seconds. */
const INDEX_SECONDS = 3_600;

/** Two programs that make the same constraint at once: one of them is told this, and looks again. */
const RACES = [
  'EquivalentSchemaRuleAlreadyExists',
  'ConstraintAlreadyExists',
  'IndexAlreadyExists',
  'LockClientStopped',
  'DeadlockDetected',
];
const TRIES = 5;

/** One numbered file. */
export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly statements: readonly string[];
  /** Of the text: a file that was applied must not change. */
  readonly digest: string;
}

/** The files of `migrations/`, in order. Throws when two have one number. */
export function readMigrations(folder: URL = migrationsFolder()): readonly Migration[] {
  const files = readdirSync(folder)
    .filter((file) => /^\d{4}-.+\.cypher$/.test(file))
    .sort();
  const migrations = files.map((file): Migration => {
    const text = readFileSync(new URL(file, folder), 'utf8');
    const [, number, name] = /^(\d{4})-(.+)\.cypher$/.exec(file)!;
    return { number: Number(number), name: name!, statements: statementsIn(text), digest: createHash('sha256').update(text).digest('hex') };
  });
  const twice = migrations.find(({ number }, index) => migrations[index + 1]?.number === number);
  if (twice !== undefined) throw new CanopyError('INTERNAL', `two migrations have the number ${twice.number}`);
  return migrations;
}

/**
 * Applies what the database lacks, in order, and records each in it. One program at a time: another one waits, and then finds nothing to do. Throws `DATA_NEWER` for a
 * database that has seen a migration which this program does not know, `DATA_DAMAGED` for one that has seen another text of it.
 */
export async function migrate(database: Database, log: Log, migrations = readMigrations()): Promise<void> {
  await withRetries(() =>
    database.command(`CREATE CONSTRAINT canopy_migration IF NOT EXISTS FOR (n:${LABEL.migration}) REQUIRE n.number IS UNIQUE`),
  );
  if (missingIn(await applied(database), migrations).length === 0) return;
  await database.write(async (run) => {
    // Node 0 is the lock: held until this transaction ends, also by a crash. The statements run in transactions of their own, because Neo4j
    // changes schema and data only in different ones.
    await run(`MERGE (lock:${LABEL.migration} {number: 0}) SET lock.lockedAt = timestamp(), lock.by = $by`, { by: programVersion() });
    for (const migration of missingIn(await applied(database), migrations)) {
      log.info({ migration: migration.number, name: migration.name }, 'applying a migration to Neo4j');
      for (const group of inTransactions(migration.statements)) {
        await withRetries(() =>
          database.write(async (change) => {
            for (const statement of group) await change(statement);
          }),
        );
      }
      await database.command('CALL db.awaitIndexes($seconds)', { seconds: INDEX_SECONDS });
      await database.command(
        `CREATE (:${LABEL.migration} {number: $number, name: $name, digest: $digest, program: $program, appliedAt: datetime()})`,
        { number: migration.number, name: migration.name, digest: migration.digest, program: programVersion() },
      );
    }
  });
}

type Applied = ReadonlyMap<number, string>;

async function applied(database: Database): Promise<Applied> {
  const rows = await database.read(`MATCH (m:${LABEL.migration}) WHERE m.number > 0 RETURN m.number AS number, m.digest AS digest`);
  return new Map(rows.map(({ number, digest }) => [number as number, digest as string]));
}

function missingIn(done: Applied, migrations: readonly Migration[]): readonly Migration[] {
  const known = migrations.at(-1)?.number ?? 0;
  const newest = Math.max(0, ...done.keys());
  if (newest > known) {
    throw new CanopyError(
      'DATA_NEWER',
      `The database was written by a newer version of Canopy: it has migration ${newest}, this program knows those up to ${known}. Install the newer version, or name another database in \`history.database\`.`,
      { details: { database: newest, program: known } },
    );
  }
  for (const { number, digest } of migrations) {
    const there = done.get(number);
    if (there === undefined || there === digest) continue;
    throw new CanopyError(
      'DATA_DAMAGED',
      `Migration ${number} was applied to the database with another text than this program has. Name another database in \`history.database\`, or empty this one.`,
      { details: { migration: number } },
    );
  }
  return migrations.filter(({ number }) => !done.has(number));
}

/** Neo4j changes schema and data only in different transactions; many indexes in one are made much faster than one by one. */
function inTransactions(statements: readonly string[]): readonly (readonly string[])[] {
  const groups: string[][] = [];
  let isSchema: boolean | undefined;
  for (const statement of statements) {
    const kind = /^(?:CREATE|DROP)\s+(?:\w+\s+)?(?:INDEX|CONSTRAINT)\b/i.test(statement);
    if (kind !== isSchema) groups.push([]);
    groups.at(-1)!.push(statement);
    isSchema = kind;
  }
  return groups;
}

async function withRetries(work: () => Promise<unknown>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await work();
      return;
    } catch (error) {
      const code = error instanceof CanopyError ? String(error.details.neo4j) : '';
      if (attempt >= TRIES || !RACES.some((race) => code.endsWith(race))) throw error;
    }
  }
}

/** Statements end at a semicolon at the end of a line; lines that begin with `//` are remarks. */
function statementsIn(text: string): readonly string[] {
  const code = text
    .split('\n')
    .filter((line) => !line.startsWith('//'))
    .join('\n');
  return code
    .split(/;[ \t]*(?:\n|$)/)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}

/** The nearest `migrations` above this file: it lies at another depth in a build than in a checkout. */
function migrationsFolder(): URL {
  for (let folder = new URL('.', import.meta.url); ; folder = new URL('..', folder)) {
    const found = new URL('migrations/', folder);
    if (existsSync(found)) return found;
    if (fileURLToPath(folder) === '/') throw new CanopyError('INTERNAL', 'the folder `migrations` is missing from this installation');
  }
}
