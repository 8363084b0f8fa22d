import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../common/clock.js';
import type { Config } from '../../common/config/config.js';
import { readPassword } from '../../common/config/tokens.js';
import { CanopyError } from '../../common/errors.js';
import { silentLog } from '../../common/log.js';
import { openDatabase, type Database } from '../../history/neo4j/database.js';
import { askForRebuild, readProjection } from '../../history/neo4j/position.js';
import { Projector } from '../../history/neo4j/projector.js';
import { JOURNAL_FILE, openDataFolder, type DataFolder } from '../../journal/dataFolder.js';
import { Journal } from '../../journal/journal.js';
import { LmdbStore } from '../../journal/lmdbStore.js';
import { PROJECTION_FIELDS, type ProjectionRow } from '../ask/projection.js';
import { analyzerOf } from '../ask/analyzerOf.js';
import { askWhole } from '../../client/ask.js';
import { OK } from '../exitCodes.js';
import { printData } from '../output/format.js';
import { progressOn, type Progress } from '../output/progress.js';
import type { Terminal } from '../terminal.js';

/** How often the progress is looked at, ms. */
const LOOK_MS = 250;

const DOCUMENT = `query Projection { status { projection { ${PROJECTION_FIELDS} } } }`;

interface RebuildOptions {
  readonly isAnew: boolean;
  readonly format: string | undefined;
}

/** What was done. */
interface Report {
  /** The last change that is in the database. */
  readonly seq: number;
  readonly refused: number;
  /** Who did the work. */
  readonly by: 'analyzer' | 'command';
}

/** Has the database written anew and waits until it is. Throws `CONFIG_INVALID`, `NOT_FOUND`, `STORE_UNAVAILABLE`, `DATA_…`. */
export async function rebuild(config: Config, terminal: Terminal, { isAnew, format }: RebuildOptions): Promise<number> {
  const { home, url, user, database: name } = config.history;
  if (home !== 'neo4j') {
    throw new CanopyError(
      'CONFIG_INVALID',
      '`history.home` is not `neo4j`: there is nothing to rebuild. Name the configuration of the analyzer with --config.',
    );
  }
  if (!existsSync(join(config.dataDir, JOURNAL_FILE))) {
    throw new CanopyError('NOT_FOUND', `There is no journal in ${config.dataDir}. Name the analyzer's folder with --data-dir.`);
  }
  const database = openDatabase({ url, user, password: readPassword(config.history.password) ?? '', database: name });
  try {
    await database.verify();
    const there = await readProjection(database);
    if (there !== undefined && (isAnew || !there.isRebuilding)) await askForRebuild(database);
    else if (there !== undefined) terminal.err('going on with the rebuild that was begun; --anew begins again\n');
    const show = progressOn(terminal);
    const folder = takeFolder(config.dataDir);
    const report = folder === undefined ? await watchAnalyzer(config, database, show) : await rebuildHere(folder, database, url, show);
    if (format === 'json' || format === 'yaml') await printData(report, format, terminal);
    else terminal.out(`Neo4j has all changes up to ${report.seq}${report.refused > 0 ? `; it refused ${report.refused}` : ''}\n`);
    return OK;
  } finally {
    await database.close();
  }
}

/** The data folder for this process; `undefined` when an analyzer has it. */
function takeFolder(path: string): DataFolder | undefined {
  try {
    return openDataFolder(path);
  } catch (error) {
    if (error instanceof CanopyError && error.code === 'DATA_LOCKED') return undefined;
    throw error;
  }
}

async function rebuildHere(folder: DataFolder, database: Database, url: string, show: (progress: Progress) => void): Promise<Report> {
  const store = new LmdbStore(folder.journalPath);
  try {
    const journal = await Journal.open(store, systemClock.now());
    const projector = new Projector({ database, source: { journal }, url, clock: systemClock, log: silentLog });
    projector.start();
    const timer = setInterval(() => {
      const { rebuild } = projector.status();
      if (rebuild !== undefined) show({ step: 'writing to Neo4j', ...rebuild });
    }, LOOK_MS);
    try {
      await projector.caughtUp();
    } finally {
      clearInterval(timer);
      await projector.stop();
    }
    const { seq, setAside } = projector.status();
    show({ step: 'writing to Neo4j', done: seq, total: seq });
    return { seq, refused: setAside.length, by: 'command' };
  } finally {
    await store.close();
    folder.release();
  }
}

/** The analyzer that has the folder has been asked; says how far it is until it is done. */
async function watchAnalyzer(config: Config, database: Database, show: (progress: Progress) => void): Promise<Report> {
  const analyzer = await analyzerOf(config);
  const step = 'the analyzer writes to Neo4j';
  for (; ; await sleep(LOOK_MS)) {
    const { status } = await askWhole<{ status: { projection: ProjectionRow | null } }>(analyzer, { document: DOCUMENT });
    const { projection } = status;
    if (projection === null) {
      throw new CanopyError(
        'CONFIG_INVALID',
        'The analyzer that runs on this data folder does not follow into Neo4j. Start it with `history.home: neo4j`, or stop it.',
      );
    }
    if (projection.rebuild !== null) show({ step, ...projection.rebuild });
    // The database says it: a small history may be there before anybody has looked.
    const there = await readProjection(database);
    if (there?.phase !== 'follow' || there.isRebuilding) continue;
    show({ step, done: there.seq, total: there.seq });
    return { seq: there.seq, refused: projection.setAside.length, by: 'analyzer' };
  }
}
