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

/** What a capture would come to if it were made now. */
export const CapturePreview = graphql(`
  query CapturePreview($input: CreateCaptureInput!) {
    capturePreview(input: $input) {
      total
      duplicateOf {
        id
        name
      }
      nodes {
        isConnected
        impossible
        type
        node {
          __typename
          id
          name
          type
          host
          captureAbilities {
            type
            impossible
          }
        }
      }
    }
  }
`);

const Injection = graphql(`
  fragment Injection on Injection {
    id
    type
    filePackets
    state
    sent
    count
    error
    trackingId
    srcIp
    dstIp
    startedAt
    node {
      __typename
      id
      name
      host
    }
  }
`);
export type Injection = ResultOf<typeof Injection>;

export const Injections = graphql(
  `
    query Injections {
      injections {
        ...Injection
      }
    }
  `,
  [Injection],
);

export const InjectPackets = graphql(`
  mutation InjectPackets($input: InjectPacketsInput!) {
    injectPackets(input: $input) {
      injection {
        id
      }
    }
  }
`);

export const CancelInjection = graphql(`
  mutation CancelInjection($id: ID!) {
    cancelInjection(id: $id) {
      injection {
        id
      }
    }
  }
`);

/** The flow that packets became, where a capture saw them. */
export const FlowOf = graphql(`
  query FlowOf($trackingId: ID!) {
    flows(filter: { trackingId: [$trackingId] }, first: 1, orderBy: { field: LAST }) {
      nodes {
        id
      }
    }
  }
`);

/** Things that packets can come from or go to. */
export const Ends = graphql(`
  query Ends($filter: NodeFilter!) {
    nodes(filter: $filter, first: 12, orderBy: { field: NAME }) {
      nodes {
        __typename
        id
        name
        host
        ... on NetworkInterface {
          addresses
          namespace {
            id
            name
          }
        }
      }
    }
  }
`);
export type End = ResultOf<typeof Ends>['nodes']['nodes'][number];
