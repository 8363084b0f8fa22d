import type { JSX } from 'react';
import { graphql } from '../data/graphql.js';
import { labelOf, nodesOf } from '../data/grouping.js';
import { useAnswer } from '../data/useAnswer.js';
import { Problem } from '../ui/Problem.js';
import type { DetailsProps } from './DetailsRoom.js';
import { Facts } from '../ui/Facts.js';
import { NodePanel } from './NodePanel.js';

const GroupDetails = graphql(`
  query GroupDetails($filter: TopologyFilter!, $own: NodeFilter!, $groupBy: GroupBy, $metadataPath: String, $at: DateTime) {
    topologyOverview(filter: $filter, groupBy: $groupBy, metadataPath: $metadataPath, at: $at) {
      groups {
        id
        counts {
          type
          count
        }
        states {
          state
          count
        }
      }
    }
    nodes(filter: $own, first: 1, at: $at) {
      nodes {
        id
      }
    }
  }
`);

/** A group: the host that it stands for, or its sums. */
export function GroupPanel(props: DetailsProps & { readonly id: string }): JSX.Element {
  const { id, at, grouping } = props;
  const filter = nodesOf(grouping, labelOf(id));
  const variables = {
    filter: { nodes: filter },
    own: { and: [filter, { type: { eq: 'host' } }] },
    groupBy: grouping.by,
    metadataPath: grouping.by === 'METADATA' ? grouping.path : null,
    at: at ?? null,
  };
  const { data, failure } = useAnswer(GroupDetails, variables, { subject: id });
  const own = grouping.by === 'HOST' ? data?.nodes.nodes[0]?.id : undefined;
  if (own !== undefined) return <NodePanel {...props} id={own} />;
  const group = data?.topologyOverview.groups.find((candidate) => candidate.id === id);
  return (
    <div className="details-body">
      <header>
        <p className="small muted">Group</p>
        <h2 className="details-name" dir="auto">
          {labelOf(id) || 'Without a value'}
        </h2>
      </header>
      <Problem message={failure?.message} />
      {group && (
        <>
          <h3>States</h3>
          <Facts facts={group.states.map(({ state, count }) => [state.toLowerCase(), count] as const)} />
          <h3>What it holds</h3>
          <Facts facts={group.counts.map(({ type, count }) => [type, count] as const)} />
        </>
      )}
    </div>
  );
}
