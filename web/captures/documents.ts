import { graphql, type ResultOf } from '../data/graphql.js';

const Activity = graphql(`
  fragment Activity on CaptureActivity {
    captureId
    state
    type
    error
    packetsReceived
    packetsDropped
    packetsIfDropped
    flows
    drops {
      reason
      count
    }
    node {
      __typename
      id
      name
      type
      host
    }
  }
`);
export type Activity = ResultOf<typeof Activity>;

export const Captures = graphql(
  `
    query Captures {
      captures(first: 200) {
        totalCount
        nodes {
          id
          name
          description
          bpf
          gremlin
          nodes
          type
          createdAt
          expiresAt
          rawPacketLimit
          activities {
            ...Activity
          }
        }
      }
    }
  `,
  [Activity],
);
export type Capture = NonNullable<ResultOf<typeof Captures>['captures']>['nodes'][number];

export const CaptureChanges = graphql(`
  subscription CaptureChanges {
    captureChanges {
      op
      capture {
        id
      }
    }
  }
`);

export const CreateCapture = graphql(`
  mutation CreateCapture($input: CreateCaptureInput!) {
    createCapture(input: $input) {
      capture {
        id
      }
    }
  }
`);

export const DeleteCapture = graphql(`
  mutation DeleteCapture($id: ID!) {
    deleteCapture(id: $id) {
      __typename
    }
  }
`);

const Candidate = graphql(`
  fragment Candidate on Node {
    __typename
    id
    name
    type
    host
  }
`);

/** What a capture would find, and what the hosts of that lack. */
export const Candidates = graphql(
  `
    query Candidates($filter: NodeFilter!) {
      nodes(filter: $filter, first: 200) {
        totalCount
        nodes {
          ...Candidate
        }
      }
      agents {
        host
        state
        missingCapabilities
      }
    }
  `,
  [Candidate],
);

export const CandidatesByGremlin = graphql(
  `
    query CandidatesByGremlin($query: String!) {
      gremlin(query: $query, limit: 200) {
        totalCount
        nodes {
          ...Candidate
        }
      }
      agents {
        host
        state
        missingCapabilities
      }
    }
  `,
  [Candidate],
);
