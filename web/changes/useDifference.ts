import { useEffect, useMemo, useState } from 'react';
import { ask } from '../data/ask.js';
import { type Failure, failureFrom } from '../data/failure.js';
import type { TopologyFilter } from '../data/follow.js';
import { graphql, type ResultOf } from '../data/graphql.js';
import { PictureEdge, PictureNode } from '../data/elements.js';
import { isEdge, isNode } from '../data/picture.js';

const DifferenceBetween = graphql(
  `
    query DifferenceBetween(
      $from: DateTime!
      $to: DateTime!
      $filter: TopologyFilter
      $added: Int!
      $addedAfter: String
      $removed: Int!
      $removedAfter: String
      $changed: Int!
      $changedAfter: String
    ) {
      topologyDiff(from: $from, to: $to, filter: $filter) {
        from
        to
        coverage {
          complete
        }
        added(first: $added, after: $addedAfter) {
          totalCount
          pageInfo {
            hasNextPage
            endCursor
          }
          nodes {
            __typename
            ...PictureNode
            ...PictureEdge
            ... on Edge {
              host
            }
          }
        }
        removed(first: $removed, after: $removedAfter) {
          totalCount
          pageInfo {
            hasNextPage
            endCursor
          }
          nodes {
            __typename
            ...PictureNode
            ...PictureEdge
            ... on Edge {
              host
            }
          }
        }
        changed(first: $changed, after: $changedAfter) {
          totalCount
          pageInfo {
            hasNextPage
            endCursor
          }
          nodes {
            element {
              __typename
              ...PictureNode
              ...PictureEdge
              ... on Edge {
                host
              }
            }
            paths {
              path
              before
              after
            }
          }
        }
      }
    }
  `,
  [PictureNode, PictureEdge],
);

type Answer = ResultOf<typeof DifferenceBetween>['topologyDiff'];
type ElementOf = Answer['added']['nodes'][number];
export type Mark = (typeof MARKS)[number];
export const MARKS = ['added', 'removed', 'changed'] as const;

/** One thing that is different. */
export interface Entry {
  readonly mark: Mark;
  readonly element: ElementOf;
  readonly paths: Answer['changed']['nodes'][number]['paths'];
}

/** What is different between two moments: as marks for the picture, and as a list. */
export interface Difference {
  readonly marks:
    | {
        readonly byId: ReadonlyMap<string, Mark>;
        readonly nodes: ReadonlyMap<string, PictureNode>;
        readonly edges: ReadonlyMap<string, PictureEdge>;
        readonly all: readonly { readonly node: PictureNode; readonly mark: Mark }[];
      }
    | undefined;
  /** Whether there was an answer. */
  readonly isRead: boolean;
  /** Sorted by mark. */
  readonly entries: readonly Entry[];
  readonly counts: Readonly<Record<Mark, number>>;
  /** Part of the time in between was not watched. */
  readonly isIncomplete: boolean;
  readonly failure: Failure | undefined;
}

/** Milliseconds after which an earlier moment is compared with the present again: at least, and as a multiple of what reading it took. */
const AGAIN_MS = 3_000;
const AGAIN_SHARE = 4;
/** Largest page, and the most that is read of each kind: more than a screen can show, and still quick to read. */
const PAGE = 1_000;
const MOST = 50_000;

interface Compared {
  readonly entries: readonly Entry[];
  readonly counts: Difference['counts'];
  readonly isIncomplete: boolean;
}

const NONE: Compared = { entries: [], counts: { added: 0, removed: 0, changed: 0 }, isIncomplete: false };

/** Compares the moment that is looked at with an earlier one; nothing while there is none. */
export function useDifference(since: string | undefined, at: string | undefined, filter: TopologyFilter | undefined): Difference {
  const [compared, setCompared] = useState<Compared>();
  const [failure, setFailure] = useState<Failure>();
  const key = JSON.stringify(filter ?? null);
  useEffect(() => {
    setFailure(undefined);
    if (since === undefined) return setCompared(undefined);
    const cancellation = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const read = async (): Promise<void> => {
      const started = performance.now();
      try {
        const found = await compare(since, at ?? 'now', JSON.parse(key) as TopologyFilter | null, cancellation.signal, (first) =>
          setCompared((before) => before ?? first),
        );
        setCompared(found);
        setFailure(undefined);
      } catch (error) {
        if (cancellation.signal.aborted) return;
        setFailure(failureFrom(error));
      }
      if (at === undefined) timer = setTimeout(() => void read(), Math.max(AGAIN_MS, AGAIN_SHARE * (performance.now() - started)));
    };
    void read();
    return () => {
      clearTimeout(timer);
      cancellation.abort();
    };
  }, [since, at, key]);
  return useMemo(() => {
    const shown = since === undefined ? undefined : compared;
    return { ...(shown ?? NONE), isRead: shown !== undefined, marks: shown && marksOf(shown.entries), failure };
  }, [compared, failure, since]);
}

/** All that is different, page by page; `first` is told of the first page while the others are on their way. */
async function compare(
  since: string,
  until: string,
  filter: TopologyFilter | null,
  signal: AbortSignal,
  first: (compared: Compared) => void,
): Promise<Compared> {
  const entries: Record<Mark, Entry[]> = { added: [], removed: [], changed: [] };
  const after: Record<Mark, string | null> = { added: null, removed: null, changed: null };
  const wanted: Record<Mark, number> = { added: PAGE, removed: PAGE, changed: PAGE };
  for (let to = until; ;) {
    const variables = {
      from: since,
      to,
      filter,
      added: wanted.added,
      addedAfter: after.added,
      removed: wanted.removed,
      removedAfter: after.removed,
      changed: wanted.changed,
      changedAfter: after.changed,
    };
    const diff: Answer = (await ask(DifferenceBetween, variables, signal)).data.topologyDiff;
    for (const element of diff.added.nodes) entries.added.push({ mark: 'added', element, paths: [] });
    for (const element of diff.removed.nodes) entries.removed.push({ mark: 'removed', element, paths: [] });
    for (const { element, paths } of diff.changed.nodes) entries.changed.push({ mark: 'changed', element, paths });
    const compared: Compared = {
      entries: [...entries.added, ...entries.removed, ...entries.changed],
      counts: { added: diff.added.totalCount, removed: diff.removed.totalCount, changed: diff.changed.totalCount },
      isIncomplete: !diff.coverage.complete,
    };
    let isMore = false;
    for (const mark of MARKS) {
      const { hasNextPage, endCursor } = diff[mark].pageInfo;
      wanted[mark] = wanted[mark] > 0 && hasNextPage && entries[mark].length < MOST ? PAGE : 0;
      after[mark] = wanted[mark] > 0 ? endCursor : null;
      isMore ||= wanted[mark] > 0;
    }
    if (!isMore) return compared;
    if (to === until) first(compared);
    // The later pages are of the same two moments.
    to = diff.to;
  }
}

function marksOf(entries: readonly Entry[]): NonNullable<Difference['marks']> {
  const byId = new Map<string, Mark>();
  const nodes = new Map<string, PictureNode>();
  const edges = new Map<string, PictureEdge>();
  const all: { readonly node: PictureNode; readonly mark: Mark }[] = [];
  for (const { mark, element } of entries) {
    if (isEdge(element)) {
      byId.set(element.id, mark);
      if (mark === 'removed') edges.set(element.id, element);
    } else if (isNode(element)) {
      byId.set(element.id, mark);
      all.push({ node: element, mark });
      if (mark === 'removed') nodes.set(element.id, element);
    }
  }
  return { byId, nodes, edges, all };
}
