import { graphql, type ResultOf } from '../data/graphql.js';

const FlowRow = graphql(`
  fragment FlowRow on Flow {
    __typename
    id
    application
    layers
    start
    last
    finish
    trackingId
    rawPacketsCaptured
    link {
      a
      b
    }
    network {
      a
      b
      protocol
    }
    transport {
      a
      b
      protocol
    }
    total {
      abBytes
      baBytes
      abPackets
      baPackets
      rttNanos
    }
  }
`);
export type FlowRow = ResultOf<typeof FlowRow>;

export const Flows = graphql(
  `
    query Flows($filter: FlowFilter, $at: DateTime) {
      flows(filter: $filter, at: $at, first: 1000, orderBy: { field: LAST }) {
        totalCount
        source
        nodes {
          ...FlowRow
        }
      }
    }
  `,
  [FlowRow],
);

export const FlowChanges = graphql(
  `
    subscription FlowChanges($filter: FlowFilter) {
      flowChanges(filter: $filter, batch: { every: "1s", max: 1000 }) {
        __typename
        ... on FlowChanges {
          flows {
            ...FlowRow
          }
        }
        ... on FlowEventsLost {
          count
        }
      }
    }
  `,
  [FlowRow],
);

export const Talkers = graphql(`
  query Talkers($between: TimeRange!, $groupBy: [FlowDimension!]!, $filter: FlowFilter) {
    flowSummary(between: $between, groupBy: $groupBy, filter: $filter, limit: 8) {
      bytes
      packets
      flows
      keys {
        value
      }
    }
  }
`);

/** One flow, and every place at which packets of the same conversation were seen: the way that it takes. */
export const FlowWay = graphql(`
  query FlowWay($id: ID!, $trackingId: ID!, $at: DateTime) {
    flows(filter: { or: [{ id: [$id] }, { trackingId: [$trackingId] }] }, at: $at, first: 100) {
      nodes {
        id
        captureNode {
          id
          name
          type
          host
        }
        a {
          node {
            id
            name
            host
          }
        }
        b {
          node {
            id
            name
            host
          }
        }
      }
    }
  }
`);

export const Packets = graphql(`
  query Packets($id: ID!, $at: DateTime) {
    flows(filter: { id: [$id] }, at: $at, first: 1) {
      nodes {
        id
        rawPackets {
          index
          timestamp
          linkType
          data
        }
      }
    }
  }
`);
export type Packet = NonNullable<ResultOf<typeof Packets>['flows']>['nodes'][number]['rawPackets'][number];
