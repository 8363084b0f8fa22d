import { ask } from './ask.js';
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

const ChangeList = graphql(`
  query ChangeList($between: TimeRange!, $filter: TopologyFilter, $first: Int!) {
    changes(between: $between, filter: $filter, first: $first) {
      nodes {
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
            state
          }
          ... on Edge {
            id
            relationType
            sourceId
            targetId
            host
          }
        }
        paths {
          path
          before
          after
        }
      }
      pageInfo {
        hasNextPage
      }
    }
  }
`);

export type ListedChange = ResultOf<typeof ChangeList>['changes']['nodes'][number];
export type Bucket = ResultOf<typeof Histogram>['changeHistogram'][number];

/** Steps into which a stretch is cut to find its last changes. */
const STEPS = 100;
/** Largest page. */
const PAGE = 1_000;

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
  const list = await ask(ChangeList, { between: { from: iso(begin), to: between.to }, filter: filter ?? null, first: PAGE }, signal);
  return [...list.data.changes.nodes].reverse();
}

/** The first change of a stretch of time. */
export async function firstChange(from: number, to: number, filter: TopologyFilter | undefined): Promise<ListedChange | undefined> {
  const { data } = await ask(ChangeList, { between: { from: iso(from), to: iso(to) }, filter: filter ?? null, first: 1 });
  return data.changes.nodes[0];
}

const iso = (time: number): string => new Date(time).toISOString();
