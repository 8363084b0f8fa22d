import { useEffect, useMemo, useState } from 'react';
import { type Answer, ask } from '../data/ask.js';
import { type Failure, failureFrom } from '../data/failure.js';
import type { TopologyFilter } from '../data/follow.js';
import { graphql, type ResultOf } from '../data/graphql.js';
import { gremlinAt } from '../data/gremlinAt.js';
import type { Grouping } from '../data/grouping.js';
import { type Reading, readFind } from './parse.js';

const FoundNode = graphql(`
  fragment FoundNode on Node {
    __typename
    id
    host
    origin
    type
  }
`);

const FoundNodes = graphql(
  `
    query FoundNodes($filter: NodeFilter!, $at: DateTime, $after: String) {
      nodes(filter: $filter, at: $at, first: 1000, after: $after) {
        totalCount
        nodes {
          ...FoundNode
        }
        pageInfo {
          endCursor
          hasNextPage
        }
      }
    }
  `,
  [FoundNode],
);

const FoundGroups = graphql(`
  query FoundGroups($filter: TopologyFilter!, $groupBy: GroupBy, $metadataPath: String, $at: DateTime) {
    topologyOverview(filter: $filter, groupBy: $groupBy, metadataPath: $metadataPath, at: $at) {
      groups {
        id
        counts {
          count
        }
      }
    }
  }
`);

const FoundByGremlin = graphql(
  `
    query FoundByGremlin($query: String!) {
      gremlin(query: $query) {
        kind
        totalCount
        truncated
        nodes {
          ...FoundNode
        }
      }
    }
  `,
  [FoundNode],
);

/** What was found: lit or kept in the picture. */
export interface Found {
  readonly ids: ReadonlySet<string>;
  readonly byGroup: ReadonlyMap<string, number>;
  readonly isHiding: boolean;
  readonly total: number;
}

export interface FindResult {
  readonly reading: Reading;
  /** The same as a filter for questions; `undefined` for nothing. */
  readonly filter: TopologyFilter | undefined;
  readonly found: Found | undefined;
  readonly failure: Failure | undefined;
}

/** Milliseconds after the last letter before the analyzer is asked, and between two looks at the present. */
const TYPING_MS = 200;
const AGAIN_MS = 3_000;
/** Things that are lit at most; how many there are is told all the same. */
const MOST_FOUND = 5_000;

/** Reads what was typed and asks what matches, at the instant that is looked at; again and again while that is the present. */
export function useFound(text: string, mode: 'dim' | 'hide', grouping: Grouping, at: string | undefined): FindResult {
  const reading = useMemo(() => readFind(text), [text]);
  const [answer, setAnswer] = useState<{ readonly found?: Omit<Found, 'isHiding'>; readonly failure?: Failure; readonly text?: string }>(
    {},
  );
  useEffect(() => {
    if (reading.kind === 'nothing' || reading.kind === 'bad') return setAnswer({});
    const cancellation = new AbortController();
    let timer: ReturnType<typeof setTimeout>;
    const look = (): void => {
      const asked =
        reading.kind === 'gremlin'
          ? byGremlin(reading.query, grouping, at, cancellation.signal)
          : byFilter(reading.filter, grouping, at, cancellation.signal);
      asked
        .then((found) => setAnswer((before) => (before.found && isSame(before.found, found) ? before : { found, text })))
        .catch((error: unknown) => cancellation.signal.aborted || setAnswer((before) => ({ ...before, failure: failureFrom(error) })))
        .finally(() => {
          if (at === undefined && !cancellation.signal.aborted) timer = setTimeout(look, AGAIN_MS);
        });
    };
    timer = setTimeout(look, TYPING_MS);
    return () => {
      clearTimeout(timer);
      cancellation.abort();
    };
  }, [reading, grouping, at, text]);
  const isHiding = mode === 'hide';
  const found = useMemo(
    () => (reading.kind === 'nothing' || !answer.found ? undefined : { ...answer.found, isHiding }),
    [answer.found, isHiding, reading.kind],
  );
  // Other questions are narrowed by a string only once that was answered: it may be half written.
  const isAnswered = answer.text === text && answer.failure === undefined;
  const filter = useMemo((): TopologyFilter | undefined => {
    if (reading.kind === 'filter') return { nodes: reading.filter };
    return reading.kind === 'gremlin' && isAnswered ? { gremlin: reading.query } : undefined;
  }, [reading, isAnswered]);
  return { reading, filter, found, failure: answer.failure };
}

async function byFilter(
  filter: NonNullable<TopologyFilter['nodes']>,
  grouping: Grouping,
  at: string | undefined,
  signal: AbortSignal,
): Promise<Omit<Found, 'isHiding'>> {
  const [byGroup, { ids, total }] = await Promise.all([groupsOf({ nodes: filter }, grouping, at, signal), everyId(filter, at, signal)]);
  return { ids, byGroup, total };
}

/** How many things each group has of what matches. */
async function groupsOf(
  filter: TopologyFilter,
  { by, path }: Grouping,
  at: string | undefined,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, number>> {
  const { data } = await ask(FoundGroups, { filter, groupBy: by, metadataPath: by === 'METADATA' ? path : null, at: at ?? null }, signal);
  return new Map(data.topologyOverview.groups.map(({ id, counts }) => [id, counts.reduce((sum, { count }) => sum + count, 0)]));
}

async function everyId(
  filter: NonNullable<TopologyFilter['nodes']>,
  at: string | undefined,
  signal: AbortSignal,
): Promise<{ readonly ids: ReadonlySet<string>; readonly total: number }> {
  const ids = new Set<string>();
  for (let after: string | null = null; ;) {
    const { data }: Answer<ResultOf<typeof FoundNodes>> = await ask(FoundNodes, { filter, at: at ?? null, after }, signal);
    const { totalCount, nodes, pageInfo }: ResultOf<typeof FoundNodes>['nodes'] = data.nodes;
    for (const { id } of nodes) ids.add(id);
    if (!pageInfo.hasNextPage || ids.size >= MOST_FOUND) return { ids, total: totalCount };
    after = pageInfo.endCursor;
  }
}

async function byGremlin(query: string, grouping: Grouping, at: string | undefined, signal: AbortSignal): Promise<Omit<Found, 'isHiding'>> {
  const { by } = grouping;
  const { data } = await ask(FoundByGremlin, { query: gremlinAt(query, at) }, signal);
  const nodes = data.gremlin.nodes ?? [];
  // Of metadata a node does not say its group.
  if (by === 'METADATA') {
    const byGroup = nodes.length === 0 ? new Map<string, number>() : await groupsOf({ gremlin: query }, grouping, at, signal);
    return { ids: new Set(nodes.map(({ id }) => id)), byGroup, total: data.gremlin.totalCount };
  }
  const byGroup = new Map<string, number>();
  for (const node of nodes) {
    const group = `${by.toLowerCase()}:${by === 'ORIGIN' ? node.origin : by === 'TYPE' ? node.type : node.host}`;
    byGroup.set(group, (byGroup.get(group) ?? 0) + 1);
  }
  return { ids: new Set(nodes.map(({ id }) => id)), byGroup, total: data.gremlin.totalCount };
}

const isSame = (a: Omit<Found, 'isHiding'>, b: Omit<Found, 'isHiding'>): boolean =>
  a.total === b.total && a.ids.size === b.ids.size && [...a.ids].every((id) => b.ids.has(id)) && a.byGroup.size === b.byGroup.size;
