import { useEffect, useMemo, useState } from 'react';
import type { Failure } from '../data/failure.js';
import { graphql, type ResultOf } from '../data/graphql.js';
import { PictureEdge, PictureNode } from '../data/elements.js';
import { isEdge, isNode } from '../data/picture.js';
import { useAnswer } from '../data/useAnswer.js';

const DifferenceBetween = graphql(
  `
    query DifferenceBetween($from: DateTime!, $to: DateTime!) {
      topologyDiff(from: $from, to: $to) {
        from
        to
        coverage {
          complete
        }
        added(first: 1000) {
          totalCount
          nodes {
            __typename
            ...PictureNode
            ...PictureEdge
          }
        }
        removed(first: 1000) {
          totalCount
          nodes {
            __typename
            ...PictureNode
            ...PictureEdge
          }
        }
        changed(first: 1000) {
          totalCount
          nodes {
            element {
              __typename
              ...PictureNode
              ...PictureEdge
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
type Mark = 'added' | 'removed' | 'changed';

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
  readonly entries: readonly Entry[];
  readonly counts: Readonly<Record<Mark, number>>;
  /** Part of the time in between was not watched. */
  readonly isIncomplete: boolean;
  readonly failure: Failure | undefined;
}

/** Milliseconds after which an earlier moment is compared with the present again. */
const AGAIN_MS = 3_000;

/** Compares the moment that is looked at with an earlier one; nothing while there is none. */
export function useDifference(since: string | undefined, at: string | undefined): Difference {
  const isLive = since !== undefined && at === undefined;
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    if (!isLive) return;
    const timer = setInterval(() => setTurn((count) => count + 1), AGAIN_MS);
    return () => clearInterval(timer);
  }, [isLive]);
  const { data, failure } = useAnswer(DifferenceBetween, since === undefined ? undefined : { from: since, to: at ?? 'now' }, {
    isFixed: at !== undefined,
    turn,
  });
  return useMemo(() => {
    const diff = since === undefined ? undefined : data?.topologyDiff;
    const entries = diff ? entriesOf(diff) : [];
    return {
      entries,
      marks: diff && marksOf(entries),
      counts: { added: diff?.added.totalCount ?? 0, removed: diff?.removed.totalCount ?? 0, changed: diff?.changed.totalCount ?? 0 },
      isIncomplete: diff ? !diff.coverage.complete : false,
      failure,
    };
  }, [data, failure, since]);
}

const entriesOf = ({ added, removed, changed }: Answer): readonly Entry[] => [
  ...added.nodes.map((element): Entry => ({ mark: 'added', element, paths: [] })),
  ...removed.nodes.map((element): Entry => ({ mark: 'removed', element, paths: [] })),
  ...changed.nodes.map(({ element, paths }): Entry => ({ mark: 'changed', element, paths })),
];

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
