import { graphql, type ResultOf } from '../data/graphql.js';

export const Rules = graphql(`
  query Rules {
    nodeRules {
      id
      name
      description
      action
      gremlin
      metadata
    }
    edgeRules {
      id
      name
      description
      source
      target
      metadata
    }
  }
`);
export type NodeRule = ResultOf<typeof Rules>['nodeRules'][number];
export type EdgeRule = ResultOf<typeof Rules>['edgeRules'][number];

export const CreateNodeRule = graphql(`
  mutation CreateNodeRule($input: CreateNodeRuleInput!) {
    createNodeRule(input: $input) {
      rule {
        id
      }
    }
  }
`);

export const CreateEdgeRule = graphql(`
  mutation CreateEdgeRule($input: CreateEdgeRuleInput!) {
    createEdgeRule(input: $input) {
      rule {
        id
      }
    }
  }
`);

export const DeleteRule = graphql(`
  mutation DeleteRule($id: ID!) {
    deleteRule(id: $id) {
      id
    }
  }
`);

/** How many things a string finds now. */
export const CountByGremlin = graphql(`
  query CountByGremlin($query: String!) {
    gremlin(query: $query, limit: 3) {
      kind
      totalCount
      nodes {
        id
        name
      }
    }
  }
`);
