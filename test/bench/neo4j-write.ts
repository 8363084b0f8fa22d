import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../src/common/clock.js';
import { silentLog } from '../../src/common/log.js';
import { openDatabase } from '../../src/history/neo4j/database.js';
import { Projector } from '../../src/history/neo4j/projector.js';
import { revisionProperties } from '../../src/history/neo4j/properties.js';
import { slotOf } from '../../src/history/neo4j/model.js';
import { isElementChange } from '../../src/graph/change.js';
import { addressOf } from '../history/neo4j/server/address.js';
import { startNeo4j } from '../history/neo4j/server/start.js';
import { moreIsBetter, type Bench, type Figure } from './bench.js';
import { openBenchRecorder, writeHistory } from './journal/fixture.js';

/** More than can be written in the time. */
const SHAPE = { nodes: 10_000, edges: 5_000, changes: 900_000 };
const WARM_UP_MS = 15_000;
const MEASURE_MS = 60_000;
const SINGLES_MS = 10_000;

/** A revision as one would write it by itself: the state before ends, the next one begins. */
const SINGLE = `
  MATCH (s:State) WHERE s.id = $id AND s.slot = 'open'
  SET s.to = $at, s.endSeq = $seq, s.slot = $slot REMOVE s:Current
  CREATE (n:State:Current) SET n = $properties`;

/** A journal that is long enough is followed into an empty database, durable transaction by transaction, as the analyzer does after it was away. */
export const bench: Bench = {
  name: 'neo4j-write',
  measures: 'structural revisions/s into Neo4j, 60 s, 10k nodes, durable, against one statement for each revision',
  async run(): Promise<readonly Figure[]> {
    const recorder = await openBenchRecorder(await writeHistory(SHAPE));
    const server = await startNeo4j({ maxHeap: '2g', isMeasured: true });
    const database = openDatabase(addressOf(server.url));
    const projector = new Projector({
      database,
      source: { journal: recorder.journal },
      url: server.url,
      clock: systemClock,
      log: silentLog,
    });
    try {
      projector.start();
      while (projector.status().written < SHAPE.nodes + SHAPE.edges) await sleep(100);
      await sleep(WARM_UP_MS);
      const started = performance.now();
      const first = projector.status().written;
      await sleep(MEASURE_MS);
      const { written, seq, setAside } = projector.status();
      const rate = (written - first) / ((performance.now() - started) / 1_000);
      await projector.stop();
      if (setAside.length > 0 || seq >= SHAPE.changes) throw new Error('the history was too short, or the database refused a change');

      let singles = 0;
      const begun = performance.now();
      for (let next = projector.status().seq + 1; performance.now() - begun < SINGLES_MS; next++, singles++) {
        const change = recorder.journal.change(next)!;
        if (!isElementChange(change)) continue;
        const { element, at, before } = change;
        const slot = slotOf(before!.updatedAt, at);
        const properties = { ...revisionProperties(element), from: at, to: Number.MAX_SAFE_INTEGER, slot: 'open' };
        await database.command(SINGLE, { id: element.id, at, seq: next, slot, properties });
      }
      return [moreIsBetter('neo4j-write', rate, 'revisions/s', singles / ((performance.now() - begun) / 1_000))];
    } finally {
      await projector.stop();
      await database.close();
      await server.stop();
      await recorder.close();
    }
  },
};
