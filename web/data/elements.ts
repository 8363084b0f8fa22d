import { graphql, type ResultOf } from './graphql.js';

/** What the picture needs of a node; all of it is in the node's own revision, so that events carry it too. */
export const PictureNode = graphql(`
  fragment PictureNode on Node {
    __typename
    id
    key
    name
    type
    state
    host
    origin
    ... on NetworkInterface {
      kind
      addresses
      mac
      speed
    }
    ... on NetworkNamespace {
      manager
    }
  }
`);

export const PictureEdge = graphql(`
  fragment PictureEdge on Edge {
    __typename
    id
    key
    relationType
    sourceId
    targetId
  }
`);

export type PictureNode = ResultOf<typeof PictureNode>;
export type PictureEdge = ResultOf<typeof PictureEdge>;

/** The picture, then each change to it. */
export const TopologyChanges = graphql(
  `
    subscription TopologyChanges($filter: TopologyFilter, $after: Cursor) {
      topologyChanges(filter: $filter, after: $after, batch: { every: "200ms", max: 2000 }) {
        __typename
        ... on TopologySnapshot {
          nodes {
            ...PictureNode
          }
          edges {
            ...PictureEdge
          }
          complete
          cursor
        }
        ... on TopologyChanges {
          changes {
            op
            at
            element {
              __typename
              ...PictureNode
              ...PictureEdge
            }
          }
          cursor
        }
        ... on EventsLost {
          count
          after
        }
        ... on ResyncRequired {
          reason
          oldest
        }
      }
    }
  `,
  [PictureNode, PictureEdge],
);

/** The picture at an instant. */
export const TopologyAt = graphql(
  `
    query TopologyAt($filter: TopologyFilter, $at: DateTime) {
      topology(filter: $filter, at: $at) {
        at
        truncated
        nodes {
          ...PictureNode
        }
        edges {
          ...PictureEdge
        }
      }
    }
  `,
  [PictureNode, PictureEdge],
);
