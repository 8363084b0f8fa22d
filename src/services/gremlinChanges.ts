import type { EdgeRevision, NodeRevision, Revision } from '../graph/element.js';
import type { WalkedPath } from '../graph/walk/shortestPaths.js';
import type { Outcome } from '../gremlin/gremlin.js';
import type { Asker } from './asker.js';
import { partOf, type Gremlin, type GremlinResult } from './gremlin.js';
import { closable } from './live/closable.js';
import type { Feed } from './live/feed.js';
import type { Looked } from './streams.js';

/** What became different in the result of a string. The first event holds the whole result as entered. */
export interface GremlinChange {
  readonly at: number;
  readonly initial: boolean;
  readonly entered: GremlinResult;
  readonly changed: GremlinResult;
  readonly left: GremlinResult;
  /** Entries in the result now. */
  readonly totalCount: number;
}

/** One entry of a result: what it is the same by, and what shows that it is another than before. */
interface Entry {
  readonly stamp: string;
  readonly row: unknown;
}

type Entries = ReadonlyMap<string, Entry>;

/** Each event goes on from the one before, so whoever listens has a run of its own, which waits while the listener is slow. */
export class GremlinFeed implements Feed<GremlinChange> {
  readonly kind = 'private';

  constructor(
    private readonly outcomes: Feed<Looked<Outcome>>,
    /** Entries of one kind in one event; more are cut and said to be. */
    private readonly most: number,
  ) {}

  [Symbol.asyncIterator](): AsyncGenerator<GremlinChange> {
    const outcomes = this.outcomes[Symbol.asyncIterator]();
    return closable(this.#run({ [Symbol.asyncIterator]: () => outcomes }), () => void outcomes.return?.());
  }

  async *#run(outcomes: AsyncIterable<Looked<Outcome>>): AsyncGenerator<GremlinChange> {
    let before: Entries | undefined;
    for await (const { value: outcome } of outcomes) {
      const after = entriesOf(outcome);
      const change = this.#difference(before, after, outcome);
      const isNews = change.initial || change.entered.totalCount + change.changed.totalCount + change.left.totalCount > 0;
      before = after;
      if (isNews) yield change;
    }
  }

  #difference(before: Entries | undefined, after: Entries, outcome: Outcome): GremlinChange {
    const entered: unknown[] = [];
    const changed: unknown[] = [];
    const left: unknown[] = [];
    for (const [key, { stamp, row }] of after) {
      const old = before?.get(key);
      if (old === undefined) entered.push(row);
      else if (old.stamp !== stamp) changed.push(row);
    }
    for (const [key, { row }] of before ?? []) if (!after.has(key)) left.push(row);
    const shown = (rows: readonly unknown[]): GremlinResult => partOf(outcome, rows, this.most);
    return {
      at: outcome.graph.at,
      initial: before === undefined,
      entered: shown(entered),
      changed: shown(changed),
      left: shown(left),
      totalCount: after.size,
    };
  }
}

/** The outcomes of a string as feeds give them: a run for each look. */
export const gremlinReader =
  (gremlin: Gremlin, { viewer }: Asker, query: string) =>
  (scope: Asker['scope']): Promise<Outcome> =>
    gremlin.run({ viewer, scope }, query, { absentIsNothing: true });

function entriesOf({ kind, rows, graph }: Outcome): Entries {
  const entries = new Map<string, Entry>();
  const put = (identity: string, stamp: string, row: unknown): void => {
    // A result may hold the same thing several times; each is an entry.
    let key = identity;
    for (let copy = 2; entries.has(key); copy++) key = `${identity}#${copy}`;
    entries.set(key, { stamp, row });
  };
  const putElement = (element: Revision): void => put(`${element.kind} ${element.id}`, `${element.createdAt} ${element.revision}`, element);
  if (kind === 'graph') {
    for (const node of graph.nodes()) putElement(node);
    for (const edge of graph.edges()) putElement(edge);
  } else if (kind === 'nodes' || kind === 'edges') (rows as readonly (NodeRevision | EdgeRevision)[]).forEach(putElement);
  else if (kind === 'paths') for (const path of rows as readonly WalkedPath[]) put(path.nodes.map(({ id }) => id).join(' '), '', path);
  else if (kind === 'value') put('value', JSON.stringify(rows[0] ?? null), rows[0]);
  else if (kind === 'values') for (const row of rows) put(JSON.stringify(row), '', row);
  else if (kind === 'flows') for (const row of rows as readonly { readonly UUID?: string }[]) put(row.UUID ?? '', JSON.stringify(row), row);
  else for (const row of rows as readonly (readonly [string, unknown])[]) put(row[0], JSON.stringify(row[1]), row);
  return entries;
}
