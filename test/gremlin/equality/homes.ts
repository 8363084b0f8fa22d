import { silentLog } from '../../../src/common/log.js';
import { systemClock } from '../../../src/common/clock.js';
import type { Json } from '../../../src/common/json.js';
import type { Change } from '../../../src/graph/change.js';
import { compile, execute, RangeGraph, resultJson, type GraphSource } from '../../../src/gremlin/gremlin.js';
import { EmbeddedHistory } from '../../../src/history/embedded/historyStore.js';
import type { Database } from '../../../src/history/neo4j/database.js';
import { openNeo4j } from '../../../src/history/neo4j/open.js';
import type { HistoryStore } from '../../../src/history/store.js';
import { Recorder } from '../../../src/journal/recorder.js';
import { databaseOf } from '../../../src/services/gremlinDatabase.js';
import { addressOf } from '../../history/neo4j/server/shared.js';
import { SimulatedDisk } from '../../simulator/simulatedDisk.js';
import { VirtualClock } from '../../simulator/virtualClock.js';
import { plainAt, plainBetween } from './plainGraph.js';
import type { Moment } from './randomHistory.js';

/** One history in all its homes. */
export interface Homes {
  readonly changes: readonly Change[];
  /** Sources by the name of the home. */
  readonly sources: Readonly<Record<'replay' | 'embedded' | 'neo4j', GraphSource>>;
  /** The present, milliseconds: every question is about an earlier instant. */
  readonly now: number;
  /** Questions that the database has answered. */
  readonly answered: () => number;
  close(): Promise<void>;
}

/** Takes everything out of the database but what migrations made. */
const EMPTY = 'MATCH (n) WHERE NOT n:Migration CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 5000 ROWS';

/** Records the history, and has Neo4j follow it to its end. */
export async function openHomes(moments: readonly Moment[], database: Database, url: string): Promise<Homes> {
  const clock = new VirtualClock();
  const recorder = await Recorder.open(new SimulatedDisk().open(), { clock, log: silentLog, limits: { maxTailBytes: 1 << 26 } });
  const changes: Change[] = [];
  const stopListening = recorder.onChanges((more) => changes.push(...more));
  for (const { waitMs, batch } of moments) {
    clock.advance(waitMs);
    recorder.record(batch);
  }
  // What the governor holds back comes too.
  clock.advance(5_000);
  await recorder.record({ origin: 'user', deltas: [{ op: 'putNode', id: 'last', host: 'h', metadata: { Type: 'host', Name: 'last' } }] })
    .durable;
  clock.advance(60_000);

  await database.command(EMPTY);
  const embedded = new EmbeddedHistory(recorder, { cacheBytes: 1 << 24 });
  const opened = openNeo4j(addressOf(url), { recorder, embedded, cacheBytes: 1 << 20, clock: systemClock, log: silentLog });
  await opened.projector.caughtUp();

  let answered = 0;
  const history: HistoryStore = Object.assign(Object.create(embedded) as EmbeddedHistory, {
    resolve: (instant: number) => embedded.resolve(instant),
    async run(...[queries, place, options]: Parameters<NonNullable<HistoryStore['run']>>) {
      const rows = await opened.history.run(queries, place, options);
      if (rows !== undefined) answered++;
      return rows;
    },
  });
  const viewAt = async (instant: number) => embedded.at((await embedded.resolve(instant)).position);
  const fromJournal: GraphSource = {
    present: () => recorder.present(),
    at: viewAt,
    async between({ from, to }) {
      const start = await viewAt(from);
      const end = await embedded.resolve(to);
      const graph = new RangeGraph(start, end.position, end.at);
      for await (const change of embedded.changes({ after: start.position, to: end.position })) if ('element' in change) graph.take(change);
      return graph;
    },
    readings: () => Promise.resolve(new Map()),
  };
  return {
    changes,
    sources: {
      replay: {
        ...fromJournal,
        at: (instant) => Promise.resolve(plainAt(changes, instant)),
        between: ({ from, to }) => Promise.resolve(plainBetween(changes, from, to)),
      },
      embedded: fromJournal,
      neo4j: { ...fromJournal, database: databaseOf(history) },
    },
    now: clock.now(),
    answered: () => answered,
    async close() {
      stopListening();
      await opened.close();
      await recorder.close();
    },
  };
}

/** What a string answers, in a form that is the same for equal answers: lists have no order. An error is its message. */
export async function answerOf(query: string, source: GraphSource, now: number): Promise<Json> {
  const clock = { ...systemClock, now: () => now };
  try {
    const outcome = await execute(compile(query), { source, clock, limits: { rows: 200_000 } });
    return inOrder(resultJson(outcome));
  } catch (error) {
    return { error: (error as Error).message };
  }
}

/** Everything in an order that depends on what it is only: where somebody read tables and their rows from says in which order they come. */
function inOrder(json: Json): Json {
  if (Array.isArray(json)) {
    const list = (json as readonly Json[]).map(inOrder);
    return list.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  }
  if (typeof json !== 'object' || json === null) return json;
  const entries = Object.entries(json).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, value]) => [key, inOrder(value)]));
}
