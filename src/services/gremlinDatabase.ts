import { MomentOnly, type CypherDatabase } from '../gremlin/gremlin.js';
import { CYPHER_MODEL } from '../history/neo4j/cypherModel.js';
import type { HistoryStore } from '../history/store.js';

/** The database behind the history, for plans; `undefined` where the history has none. */
export function databaseOf(history: HistoryStore): CypherDatabase | undefined {
  if (history.run === undefined) return undefined;
  return {
    model: CYPHER_MODEL,
    async ask(statements, instant, run) {
      const { position, at } = await history.resolve(instant);
      const options = { signal: run.signal, timeoutMs: Math.ceil(run.leftMs), spend: (rows: number) => run.spend(rows) };
      const rows = await history.run!(statements, { position, at }, options);
      return rows && { rows, moment: new MomentOnly(position, at) };
    },
  };
}
