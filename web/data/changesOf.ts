import { type Answer, ask } from './ask.js';
import type { TopologyFilter } from './follow.js';
import { graphql, type ResultOf } from './graphql.js';

export const Histogram = graphql(`
  query Histogram($between: TimeRange!, $step: Duration!, $filter: TopologyFilter) {
    changeHistogram(between: $between, step: $step, filter: $filter) {
      start
      added
      removed
      updated
      watched
    }
  }
`);

const Listed = graphql(`
  fragment Listed on Change {
    cursor
    op
    at
    reason
    element {
      __typename
      ... on Node {
        id
        name
        type
        host
        origin
        state
      }
      ... on Edge {
        id
        relationType
        sourceId
        targetId
        host
        origin
      }
    }
    paths {
      path
      before
      after
    }
  }
`);

const ChangeList = graphql(
  `
    query ChangeList($between: TimeRange!, $filter: TopologyFilter, $first: Int!, $after: String) {
      changes(between: $between, filter: $filter, first: $first, after: $after) {
        nodes {
          ...Listed
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  `,
  [Listed],
);

/** Changes as they come, with all that is listed of them. */
export const ComingChanges = graphql(
  `
    subscription ComingChanges($filter: TopologyFilter, $after: Cursor!) {
      topologyChanges(filter: $filter, after: $after, batch: { every: "500ms", max: 1000 }) {
        __typename
        ... on TopologyChanges {
          changes {
            ...Listed
          }
          cursor
        }
        ... on EventsLost {
          count
        }
        ... on ResyncRequired {
          reason
        }
      }
    }
  `,
  [Listed],
);

/** The newest place in the log. */
export const NewestPlace = graphql(`
  query NewestPlace {
    status {
      cursor
    }
  }
`);

export type ListedChange = ResultOf<typeof Listed>;
export type Bucket = ResultOf<typeof Histogram>['changeHistogram'][number];

/** Steps into which a stretch is cut to find its last changes. */
const STEPS = 100;
/** Largest page, and the most that are read where so many have one stamp. */
const PAGE = 1_000;
const MOST = 20_000;

const sumOf = ({ added, removed, updated }: Bucket): number => added + removed + updated;

/**
 * The last changes of a stretch of time, newest first: lists are read forwards, so the counts say where the last ones begin. At least
 * `wanted`, unless there are fewer.
 */
export async function lastChanges(
  from: number,
  to: number,
  wanted: number,
  filter: TopologyFilter | undefined,
  signal?: AbortSignal,
): Promise<readonly ListedChange[]> {
  const step = Math.max(1, Math.ceil((to - from) / STEPS));
  const between = { from: iso(from), to: iso(to) };
  const { data } = await ask(Histogram, { between, step: `${step}ms`, filter: filter ?? null }, signal);
  let sum = 0;
  let begin = to;
  for (const bucket of [...data.changeHistogram].reverse()) {
    if (sum >= wanted) break;
    const count = sumOf(bucket);
    if (count === 0) continue;
    begin = Date.parse(bucket.start);
    sum += count;
  }
  if (sum === 0) return [];
  if (sum > PAGE && step > 1) return lastChanges(begin, to, wanted, filter, signal);
  const found: ListedChange[] = [];
  const range = { from: iso(begin), to: between.to };
  for (let after: string | null = null; found.length < MOST;) {
    const list: Answer<ResultOf<typeof ChangeList>> = await ask(
      ChangeList,
      { between: range, filter: filter ?? null, first: PAGE, after },
      signal,
    );
    const { nodes, pageInfo } = list.data.changes;
    found.push(...nodes);
    if (!pageInfo.hasNextPage) break;
    after = pageInfo.endCursor;
  }
  return found.reverse();
}

/** The first change of a stretch of time. */
export async function firstChange(from: number, to: number, filter: TopologyFilter | undefined): Promise<ListedChange | undefined> {
  const { data } = await ask(ChangeList, { between: { from: iso(from), to: iso(to) }, filter: filter ?? null, first: 1, after: null });
  return data.changes.nodes[0];
}

const iso = (time: number): string => new Date(time).toISOString();
