import { ask } from './ask.js';
import { graphql } from './graphql.js';
import { type Grouping, groupOf } from './grouping.js';

const PlacesOf = graphql(`
  query PlacesOf($ids: [ID!]!, $at: DateTime) {
    nodes(filter: { id: $ids }, first: 1000, at: $at) {
      nodes {
        id
        host
        origin
        type
      }
    }
  }
`);

/** The groups in which nodes are, as far as nodes say theirs; none where the analyzer does not answer. */
export async function groupsOf(ids: readonly string[], grouping: Grouping, at: string | undefined): Promise<readonly string[]> {
  const answer = await ask(PlacesOf, { ids: [...ids], at: at ?? null }).catch(() => undefined);
  const groups = (answer?.data.nodes.nodes ?? []).map((node) => groupOf(grouping, node));
  return [...new Set(groups.filter((group) => group !== undefined))];
}
