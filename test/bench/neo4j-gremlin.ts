import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/common/clock.js';
import { silentLog } from '../../src/common/log.js';
import type { Delta } from '../../src/graph/delta.js';
import { compile, execute, type CypherDatabase, type GraphSource } from '../../src/gremlin/gremlin.js';
import { EmbeddedHistory } from '../../src/history/embedded/historyStore.js';
import { openDatabase } from '../../src/history/neo4j/database.js';
import { openNeo4j } from '../../src/history/neo4j/open.js';
import { Views } from '../../src/history/neo4j/views.js';
import { openRecorder, type Recorder } from '../../src/journal/recorder.js';
import { databaseOf } from '../../src/services/gremlinDatabase.js';
import { startNeo4j } from '../history/neo4j/server/start.js';
import { lessIsBetter, percentile, type Bench, type Figure } from './bench.js';
import { interfaceId, interfaceMetadata, putInterface } from './interfaces.js';

const HOSTS = 100;
const INTERFACES = 2_000;
const PER_HOST = INTERFACES / HOSTS;
/** How often each interface changes its state. */
const CHANGES_EACH = 4;
const ROUNDS = 5;

/** The first time, a statement is planned, on a server that has just started. */
const surroundings = { clock: systemClock, limits: { deadlineMs: 120_000 } };

const hostId = (host: number): string => `host-${host}`;
const hostOf = (number: number): number => Math.floor(number / PER_HOST);

const edge = (parent: string, child: string, RelationType: string): Delta => ({
  op: 'putEdge',
  id: `${parent}>${child}`,
  host: parent,
  parent,
  child,
  metadata: { RelationType },
});

/** A hundred hosts, each with its interfaces, a third of them bridges to which the next two belong. */
function network(): Delta[] {
  const deltas: Delta[] = [];
  for (let host = 0; host < HOSTS; host++) {
    deltas.push({ op: 'putNode', id: hostId(host), host: hostId(host), metadata: { Type: 'host', Name: hostId(host) } });
  }
  for (let number = 0; number < INTERFACES; number++) {
    deltas.push({ ...putInterface(number), host: hostId(hostOf(number)) }, edge(hostId(hostOf(number)), interfaceId(number), 'ownership'));
    if (number % 3 !== 0) deltas.push(edge(interfaceId(number - (number % 3)), interfaceId(number), 'layer2'));
  }
  return deltas;
}

/** What people ask of a past, with the instant before it. */
const strings = (at: number): string[] =>
  [
    `V().Has('Name', '${interfaceMetadata(1_424).Name as string}')`,
    "V().Has('Type', 'bridge').Count()",
    `V().Has('TID', '${interfaceMetadata(1_500).TID as string}').Out()`,
    "V().Has('Name', 'host-7').Descendants(1).Has('State', 'UP')",
    `V().Has('MAC', '${interfaceMetadata(77).MAC as string}').In().Values('Name')`,
    `V('${interfaceId(600)}').Both()`,
    `E().Has('Parent', '${hostId(12)}').Count()`,
    `V().Has('Name', Regex('veth00010.*')).Values('Name')`,
    "V().Has('Type', 'host', 'Name', 'host-3').Out('Type', 'bridge').OutE('RelationType', 'layer2').OutV().Dedup().Count()",
    `V().Has('TID', '${interfaceMetadata(901).TID as string}').In('Type', 'host').Out().Has('MTU', Gt(1500)).Count()`,
  ].map((steps) => `G.At(${at}).${steps}`);

/** The changes are spread over some hours, as those of a real network: a clock that is set forward between them. */
const HOUR_MS = 3_600_000;

async function record(recorder: Recorder, clock: { back: number }): Promise<number> {
  const apply = async (deltas: readonly Delta[]): Promise<void> => {
    for (let from = 0; from < deltas.length; from += 1_000)
      await recorder.record({ origin: 'agent.bench', deltas: deltas.slice(from, from + 1_000), immediate: true }).durable;
  };
  await apply(network());
  let asked = 0;
  for (let round = 0; round < CHANGES_EACH; round++) {
    const set = [
      ['State', round % 2 === 0 ? 'DOWN' : 'UP'],
      ['MTU', 1_500 + round],
    ] as const;
    await apply(Array.from({ length: INTERFACES }, (_, number): Delta => ({ op: 'patch', id: interfaceId(number), set })));
    clock.back -= HOUR_MS;
    if (round === 1) asked = Date.now() - clock.back - HOUR_MS / 2;
  }
  return asked;
}

export const bench: Bench = {
  name: 'neo4j-gremlin',
  measures:
    'ms for ten common strings about a past of 2,000 interfaces, printed as Cypher, against reading that past whole and running in memory',
  async run() {
    const neo4j = await startNeo4j({ isMeasured: true });
    const dataDir = mkdtempSync(join(tmpdir(), 'canopy-bench-'));
    const address = { url: neo4j.url, user: 'neo4j', password: 'any', database: 'neo4j' };
    const time = { back: (CHANGES_EACH + 2) * HOUR_MS };
    const clock = { ...systemClock, now: () => Date.now() - time.back };
    const recorder = await openRecorder({ dataDir, clock, log: silentLog, limits: { maxTailBytes: 1 << 28 } });
    const embedded = new EmbeddedHistory(recorder, { cacheBytes: 1 << 26 });
    const opened = openNeo4j(address, { recorder, embedded, cacheBytes: 1, clock: systemClock, log: silentLog });
    const database = openDatabase(address);
    try {
      const at = await record(recorder, time);
      await opened.projector.caughtUp();
      const { position } = await embedded.resolve(at);
      // A new one each time, because it keeps the pictures that it has read.
      return await measure(at, databaseOf(opened.history)!, () => new Views(database, 1).at(position, at));
    } finally {
      await database.close();
      await opened.close();
      await recorder.close();
      await neo4j.stop();
      rmSync(dataDir, { recursive: true });
    }
  },
};

async function measure(at: number, database: CypherDatabase, readWhole: () => ReturnType<GraphSource['at']>): Promise<Figure[]> {
  const notAsked = (): never => {
    throw new Error('the database was to answer this');
  };
  const source = { present: notAsked, between: notAsked, readings: notAsked };
  let sum = 0;
  let baselineSum = 0;
  for (const query of strings(at)) {
    const plan = compile(query);
    const times: number[] = [];
    const baselines: number[] = [];
    for (let round = 0; round < ROUNDS * 2; round++) {
      let started = performance.now();
      const ours = await execute(plan, { source: { ...source, at: notAsked, database }, ...surroundings });
      if (round >= ROUNDS) times.push(performance.now() - started);
      if (round % 5 !== 0) continue;
      started = performance.now();
      const whole = await execute(plan, { source: { ...source, present: () => ({}) as never, at: readWhole }, ...surroundings });
      if (round >= ROUNDS) baselines.push(performance.now() - started);
      const same = ours.rows.length === whole.rows.length && (typeof whole.rows[0] !== 'number' || whole.rows[0] === ours.rows[0]);
      if (!same || ours.rows.length === 0) throw new Error(`${query}: ${ours.rows.length} rows, and ${whole.rows.length} in memory`);
    }
    sum += percentile(times, 50);
    baselineSum += percentile(baselines, 50);
  }
  return [lessIsBetter('neo4j-gremlin', sum, 'ms', baselineSum)];
}
