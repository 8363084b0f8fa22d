import { type Answer, ask } from './ask.js';
import type { TopologyFilter } from './follow.js';
import { graphql, type ResultOf, type VariablesOf } from './graphql.js';

export const Histogram = graphql(`
  query Histogram($between: TimeRange!, $step: Duration!, $filter: TopologyFilter, $kinds: [String!]) {
    changeHistogram(between: $between, step: $step, filter: $filter, kinds: $kinds) {
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
    query ChangeList($between: TimeRange!, $filter: TopologyFilter, $ops: [ChangeOp!], $kinds: [String!], $first: Int!, $after: String) {
      changes(between: $between, filter: $filter, ops: $ops, kinds: $kinds, first: $first, after: $after) {
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

/** Which changes are meant; all unless given. */
export interface Meant {
  readonly filter?: TopologyFilter | undefined;
  readonly ops?: readonly ListedChange['op'][] | undefined;
  /** Types of nodes and relations of links. */
  readonly kinds?: readonly string[] | undefined;
}

/** Type of a node, relation of a link. */
export const kindOf = (element: ListedChange['element']): string => (element.__typename === 'Edge' ? element.relationType : element.type);

/** Whether a change is meant, as far as it says so itself: filters are for the analyzer. */
export const isMeant = ({ ops, kinds }: Meant, { op, element }: ListedChange): boolean =>
  (ops?.includes(op) ?? true) && (kinds?.includes(kindOf(element)) ?? true);

const sumOf = ({ added, removed, updated }: Bucket, ops: Meant['ops']): number =>
  (ops?.includes('ADDED') === false ? 0 : added) +
  (ops?.includes('REMOVED') === false ? 0 : removed) +
  (ops?.includes('UPDATED') === false ? 0 : updated);

const listOf = ({ filter, ops, kinds }: Meant): Pick<VariablesOf<typeof ChangeList>, 'filter' | 'ops' | 'kinds'> => ({
  filter: filter ?? null,
  ops: ops ? [...ops] : null,
  kinds: kinds ? [...kinds] : null,
});

/**
 * The last changes of a stretch of time, newest first: lists are read forwards, so the counts say where the last ones begin. At least
 * `wanted`, unless there are fewer.
 */
export async function lastChanges(
  from: number,
  to: number,
  wanted: number,
  meant: Meant = {},
  signal?: AbortSignal,
): Promise<readonly ListedChange[]> {
  const step = Math.max(1, Math.ceil((to - from) / STEPS));
  const between = { from: iso(from), to: iso(to) };
  const { filter, kinds } = listOf(meant);
  const { data } = await ask(Histogram, { between, step: `${step}ms`, filter, kinds }, signal);
  let sum = 0;
  let later = 0;
  let begin = to;
  for (const bucket of [...data.changeHistogram].reverse()) {
    if (sum >= wanted) break;
    const count = sumOf(bucket, meant.ops);
    if (count === 0) continue;
    begin = Date.parse(bucket.start);
    later = sum;
    sum += count;
  }
  if (sum === 0) return [];
  if (sum <= PAGE || step === 1) return listed(begin, to, meant, signal);
  // So many came within the earliest step that only its own end is wanted; what came after it is few.
  const end = begin + step;
  const after = later === 0 ? [] : await listed(end, to, meant, signal);
  return [...after, ...(await lastChanges(begin, end - 1, wanted - later, meant, signal))];
}

/** All changes of a stretch of time that is known to have few, newest first. */
async function listed(from: number, to: number, meant: Meant, signal: AbortSignal | undefined): Promise<readonly ListedChange[]> {
  const found: ListedChange[] = [];
  const between = { from: iso(from), to: iso(to) };
  for (let after: string | null = null; found.length < MOST;) {
    const list: Answer<ResultOf<typeof ChangeList>> = await ask(ChangeList, { between, ...listOf(meant), first: PAGE, after }, signal);
    const { nodes, pageInfo } = list.data.changes;
    found.push(...nodes);
    if (!pageInfo.hasNextPage) break;
    after = pageInfo.endCursor;
  }
  return found.reverse();
}

/** The first change of a stretch of time. */
export async function firstChange(from: number, to: number, filter: TopologyFilter | undefined): Promise<ListedChange | undefined> {
  const { data } = await ask(ChangeList, { between: { from: iso(from), to: iso(to) }, ...listOf({ filter }), first: 1, after: null });
  return data.changes.nodes[0];
}

const iso = (time: number): string => new Date(time).toISOString();
