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
      id
    }
    network {
      a
      b
      id
      protocol
    }
    icmp {
      type
      code
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
    subscription FlowChanges($filter: FlowFilter, $after: Cursor) {
      flowChanges(filter: $filter, after: $after, batch: { every: "1s", max: 1000 }) {
        __typename
        ... on FlowChanges {
          cursor
          flows {
            ...FlowRow
          }
        }
        ... on FlowEventsLost {
          count
        }
        ... on ResyncRequired {
          reason
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
        node {
          id
          name
        }
      }
    }
  }
`);

export const SelectedName = graphql(`
  query SelectedName($id: ID!, $at: DateTime) {
    node(id: $id, at: $at) {
      id
      name
    }
    edge(id: $id, at: $at) {
      id
      source {
        id
        name
      }
      target {
        id
        name
      }
    }
  }
`);

/** One flow, what else is known of it, and every place at which packets of the same conversation were seen. */
export const FlowPlaces = graphql(`
  query FlowPlaces($id: ID!, $trackingId: ID!, $at: DateTime) {
    flows(filter: { or: [{ id: [$id] }, { trackingId: [$trackingId] }] }, at: $at, first: 100) {
      nodes {
        id
        tcp {
          abSynStart
          baSynStart
          abSynTtl
          baSynTtl
          abFinStart
          baFinStart
          abRstStart
          baRstStart
          abSegmentsOutOfOrder
          baSegmentsOutOfOrder
          abSegmentsSkipped
          baSegmentsSkipped
        }
        dns
        dhcpv4
        vrrp
        capture {
          id
          name
        }
        captureNode {
          id
          name
          type
          host
        }
        parent {
          id
          application
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

/** What lies between two things, along links: no owner is on the way of a packet. */
export const Between = graphql(`
  query Between($a: ID!, $b: ID!, $at: DateTime) {
    shortestPaths(from: { id: [$a] }, to: { id: [$b] }, via: { relationType: { ne: "ownership" } }, at: $at) {
      nodes {
        id
        name
        host
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
          wireLength
        }
      }
    }
  }
`);
