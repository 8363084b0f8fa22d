import { useMemo, useRef } from 'react';
import { graphql, type VariablesOf } from '../data/graphql.js';
import type { Failure } from '../data/failure.js';
import { useAnswer } from '../data/useAnswer.js';
import { useListening } from '../data/useListening.js';
import type { Grouping } from '../data/grouping.js';
import type { Measure } from './scene/measures.js';
import type { Group, GroupLink } from './scene/scene.js';

const Groups = graphql(`
  fragment Groups on TopologyOverview {
    at
    groups {
      id
      label
      x
      y
      node {
        __typename
        id
        name
        ... on Host {
          hostname
        }
      }
      counts {
        type
        count
      }
      states {
        state
        count
      }
      most
    }
    links {
      a
      b
      count
      relationTypes
      abBitsPerSecond
      baBitsPerSecond
    }
  }
`);

const OverviewChanges = graphql(
  `
    subscription OverviewChanges($groupBy: GroupBy, $metadataPath: String, $measure: NodeMeasure, $measurePath: String) {
      overviewChanges(groupBy: $groupBy, metadataPath: $metadataPath, measure: $measure, measurePath: $measurePath, every: "1s") {
        ...Groups
      }
    }
  `,
  [Groups],
);

const OverviewAt = graphql(
  `
    query OverviewAt($groupBy: GroupBy, $metadataPath: String, $measure: NodeMeasure, $measurePath: String, $at: DateTime) {
      topologyOverview(groupBy: $groupBy, metadataPath: $metadataPath, measure: $measure, measurePath: $measurePath, at: $at) {
        ...Groups
      }
    }
  `,
  [Groups],
);

type NodeMeasure = NonNullable<VariablesOf<typeof OverviewAt>['measure']>;

/** Groups and the links between them, live or at an instant. */
export interface Overview {
  readonly groups: readonly Group[];
  readonly links: readonly GroupLink[];
  readonly at: string;
}

/** What the analyzer calls a measure; colours of states need none, nor does a number without a path. */
const measuredBy = ({ name, path }: Measure): { readonly measure: NodeMeasure; readonly measurePath: string | null } | undefined => {
  if (name === 'state' || (name === 'number' && path === '')) return undefined;
  return { measure: name.toUpperCase() as NodeMeasure, measurePath: name === 'number' ? path : null };
};

/** The overview of the present as it changes, or that of an instant. While another is on its way, the one before stays. */
export function useOverview(
  { by, path }: Grouping,
  measure: Measure,
  at: string | undefined,
): { readonly overview: Overview | undefined; readonly failure: Failure | undefined } {
  const measured = measuredBy(measure);
  const variables = { groupBy: by, metadataPath: by === 'METADATA' ? path : null, ...measured };
  const [subject, colours] = [JSON.stringify([by, path]), JSON.stringify(measured)];
  const live = useListening(OverviewChanges, at === undefined ? variables : undefined);
  const past = useAnswer(OverviewAt, at === undefined ? undefined : { ...variables, at }, {
    isFixed: true,
    subject,
  });
  const data = at === undefined ? live.data?.overviewChanges : past.data?.topologyOverview;
  // The same object as long as the answer is: the whole picture is made from it.
  const overview = useMemo(() => data && { ...data, groups: data.groups.map(titled) }, [data]);
  const kept = useRef<{ readonly subject: string; readonly colours: string | undefined; readonly overview: Overview | undefined }>(
    undefined,
  );
  if (overview || kept.current?.subject !== subject) kept.current = { subject, colours, overview };
  else if (kept.current.colours !== colours) kept.current = { subject, colours, overview: withoutMost(kept.current.overview) };
  return { overview: kept.current.overview, failure: at === undefined ? live.failure : past.failure };
}

/** What was measured of something else has none of the colours that are asked for now. */
const withoutMost = (overview: Overview | undefined): Overview | undefined =>
  overview && { ...overview, groups: overview.groups.map((group) => ({ ...group, most: null })) };

/** A host calls itself by a name that people know better than the agent's identity. */
function titled({
  node,
  ...group
}: Omit<Group, 'title'> & { readonly node: { readonly name: string; readonly hostname?: string } | null }): Group {
  const label = group.label === '' ? 'without a value' : group.label;
  return { ...group, title: node?.hostname && node.hostname !== label ? `${label} (${node.hostname})` : label };
}
