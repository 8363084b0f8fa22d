import { openDatabase, type Database } from '../../src/history/neo4j/database.js';
import { silentLog } from '../../src/common/log.js';
import { migrate } from '../../src/history/neo4j/migrations.js';
import { slotsAt } from '../../src/history/neo4j/model.js';
import { addressOf } from '../history/neo4j/server/address.js';
import { startNeo4j } from '../history/neo4j/server/start.js';
import { lessIsBetter, percentile, type Bench, type Figure } from './bench.js';
import { HUB, NODES, SPAN, START, writeRevisions } from './neo4j/revisions.js';

const ASKED = 300;
const WARM_UPS = 300;

const AT = (name: string): string => `${name}.from <= $t AND ${name}.to > $t`;
/** Edges of the node at T by their slots, as MODEL.md says. */
const BY_SLOT = (end: 'out' | 'in'): string =>
  end === 'out'
    ? `MATCH (a)-[r:EDGE]->(b:El) USING INDEX r:EDGE(slotKey) WHERE r.slotKey IN $keys AND ${AT('r')} RETURN b.id AS other`
    : `MATCH (b:El)-[r:EDGE]->(a) USING INDEX r:EDGE(dstSlotKey) WHERE r.dstSlotKey IN $keys AND ${AT('r')} RETURN b.id AS other`;

/** The node's neighbours at T, with their states. */
const NEIGHBOURHOOD = `
  MATCH (a:El {id: $id})
  CALL (a) { ${BY_SLOT('out')} UNION ALL ${BY_SLOT('in')} }
  MATCH (s:State) WHERE s.id = other AND s.slot IN $slots AND ${AT('s')}
  RETURN other, s.json AS json`;
const NEIGHBOURHOOD_PLAIN = `
  MATCH (a:El {id: $id})-[r:EDGE]-(b:El) WHERE ${AT('r')}
  MATCH (s:State) WHERE s.id = b.id AND ${AT('s')}
  RETURN b.id AS other, s.json AS json`;

/** The hub's neighbours at T. */
const HUB_BY_SLOT = `MATCH (a:El {id: $id}) CALL (a) { ${BY_SLOT('out')} } RETURN other`;
const HUB_PLAIN = `MATCH (a:El {id: $id})-[r:EDGE]->(b:El) WHERE ${AT('r')} RETURN b.id AS other`;

/** What a screen asks of the past: who was connected to this node at T. The same answer from an expand that compares the times of everything it meets. */
export const bench: Bench = {
  name: 'neo4j-at',
  measures:
    'ms for the neighbourhood of a node at T, p95, 1e6 revisions; and of a hub with 50,000 past edges; against a plain interval expand',
  async run(): Promise<readonly Figure[]> {
    const server = await startNeo4j({ maxHeap: '2g', isMeasured: true });
    const database = openDatabase(addressOf(server.url));
    try {
      await migrate(database, silentLog);
      await writeRevisions(database);
      const places = Array.from({ length: ASKED + WARM_UPS }, (_, index) => ({
        id: `node-${(index * 7_919) % NODES}`,
        t: START + Math.floor((SPAN * ((index * 131) % 997)) / 997),
      }));
      const hubs = places.map(({ t }) => ({ id: HUB, t }));
      const node = await compare(database, NEIGHBOURHOOD, NEIGHBOURHOOD_PLAIN, places);
      const hub = await compare(database, HUB_BY_SLOT, HUB_PLAIN, hubs);
      return [
        lessIsBetter('neo4j-at/node', percentile(node.times, 95), 'ms', percentile(node.plain, 95)),
        lessIsBetter('neo4j-at/hub', percentile(hub.times, 50), 'ms', percentile(hub.plain, 50)),
      ];
    } finally {
      await database.close();
      await server.stop();
    }
  },
};

interface Asked {
  readonly id: string;
  readonly t: number;
}

/** Times of both ways after a warm-up, in turns; throws when their answers are not the same. */
async function compare(database: Database, statement: string, plain: string, places: readonly Asked[]) {
  const times: number[] = [];
  const plainTimes: number[] = [];
  for (const [index, { id, t }] of places.entries()) {
    const slots = slotsAt(t);
    const parameters = { id, t, slots, keys: slots.map((slot) => `${id}|${slot}`) };
    const started = performance.now();
    const found = await database.read(statement, parameters);
    const between = performance.now();
    const expected = await database.read(plain, parameters);
    const ended = performance.now();
    if (listOf(found) !== listOf(expected)) throw new Error(`${id} at ${t}: ${found.length} neighbours instead of ${expected.length}`);
    if (found.length === 0) throw new Error(`${id} has no neighbours at ${t}`);
    if (index < WARM_UPS) continue;
    times.push(between - started);
    plainTimes.push(ended - between);
  }
  return { times, plain: plainTimes };
}

const listOf = (rows: readonly Readonly<Record<string, unknown>>[]): string =>
  rows
    .map(({ other }) => other as string)
    .sort()
    .join();
