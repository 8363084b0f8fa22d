import { graphql, type ResultOf } from '../data/graphql.js';

const Named = graphql(`
  fragment Named on Node {
    __typename
    id
    name
    type
    state
    host
  }
`);

/** What a person needs first. */
export const NodeDetails = graphql(
  `
    query NodeDetails($id: ID!, $at: DateTime, $links: Int!) {
      node(id: $id, at: $at) {
        __typename
        id
        key
        name
        type
        state
        host
        origin
        tid
        revision
        createdAt
        updatedAt
        ancestors {
          ...Named
        }
        ... on NetworkInterface {
          kind
          mac
          mtu
          addresses
          speed
          driver
          ifIndex
          vlan
          flags
          routes(first: 0) {
            totalCount
          }
          neighborTable(first: 0) {
            totalCount
          }
          forwardingTable(first: 0) {
            totalCount
          }
          peer {
            ...Named
            namespace {
              id
              name
            }
          }
          master {
            ...Named
          }
        }
        ... on NetworkNamespace {
          path
          inode
          manager
        }
        ... on Host {
          hostname
          platform
          agent {
            id
            state
            version
            missingCapabilities
          }
        }
        edges(first: $links) {
          totalCount
          nodes {
            id
            relationType
            source {
              ...Named
            }
            target {
              ...Named
            }
          }
        }
      }
      withSockets: nodes(filter: { id: [$id], metadata: [{ path: "Sockets", exists: true }] }, first: 0, at: $at) {
        totalCount
      }
    }
  `,
  [Named],
);
export type NodeInDetail = NonNullable<ResultOf<typeof NodeDetails>['node']>;

const EndOfLink = graphql(
  `
    fragment EndOfLink on Node {
      ...Named
      ... on NetworkInterface {
        addresses
        namespace {
          id
          name
        }
      }
    }
  `,
  [Named],
);

export const EdgeDetails = graphql(
  `
    query EdgeDetails($id: ID!, $at: DateTime) {
      edge(id: $id, at: $at) {
        id
        key
        relationType
        host
        origin
        revision
        createdAt
        updatedAt
        metadata
        source {
          ...EndOfLink
        }
        target {
          ...EndOfLink
        }
      }
    }
  `,
  [EndOfLink],
);
export type EdgeInDetail = NonNullable<ResultOf<typeof EdgeDetails>['edge']>;

export const Rates = graphql(`
  query Rates($id: ID!, $at: DateTime, $between: TimeRange!, $step: Duration!) {
    node(id: $id, at: $at) {
      id
      ... on NetworkInterface {
        counters {
          rxBytes
          txBytes
          rxPackets
          txPackets
          rxErrors
          txErrors
          rxDropped
          txDropped
        }
        rates(between: $between, step: $step) {
          start
          rxBitsPerSecond
          txBitsPerSecond
          errorsPerSecond
          dropsPerSecond
        }
      }
    }
  }
`);

export const Routes = graphql(`
  query Routes($id: ID!, $at: DateTime) {
    node(id: $id, at: $at) {
      id
      ... on NetworkInterface {
        routes(first: 1000) {
          totalCount
          nodes {
            prefix
            table
            protocol
            source
            nextHops {
              address
              ifIndex
              priority
            }
          }
        }
      }
    }
  }
`);

const Entry = graphql(`
  fragment Entry on NeighborEntry {
    address
    mac
    state
    flags
    vlan
    vni
  }
`);

export const Neighbours = graphql(
  `
    query Neighbours($id: ID!, $at: DateTime) {
      node(id: $id, at: $at) {
        id
        ... on NetworkInterface {
          neighborTable(first: 1000) {
            totalCount
            nodes {
              ...Entry
            }
          }
        }
      }
    }
  `,
  [Entry],
);

export const Forwarding = graphql(
  `
    query Forwarding($id: ID!, $at: DateTime) {
      node(id: $id, at: $at) {
        id
        ... on NetworkInterface {
          forwardingTable(first: 1000) {
            totalCount
            nodes {
              ...Entry
            }
          }
        }
      }
    }
  `,
  [Entry],
);
export type TableEntry = ResultOf<typeof Entry>;

export const Features = graphql(`
  query Features($id: ID!, $at: DateTime) {
    node(id: $id, at: $at) {
      id
      ... on NetworkInterface {
        features
      }
    }
  }
`);

export const Metadata = graphql(`
  query Metadata($id: ID!, $at: DateTime) {
    node(id: $id, at: $at) {
      id
      metadata
    }
  }
`);

export const History = graphql(`
  query History($id: ID!, $at: DateTime, $first: Int!) {
    node(id: $id, at: $at) {
      id
      history(first: $first) {
        totalCount
        nodes {
          op
          at
          reason
          cursor
          paths {
            path
            before
            after
          }
        }
      }
    }
  }
`);

export const Captures = graphql(`
  query NodeCaptures($id: ID!, $at: DateTime) {
    node(id: $id, at: $at) {
      id
      captures {
        captureId
        state
        error
        packetsReceived
        capture {
          name
        }
      }
    }
  }
`);

export const Sockets = graphql(`
  query Sockets($id: ID!, $at: DateTime) {
    node(id: $id, at: $at) {
      id
      metadata(path: "Sockets")
    }
  }
`);

export const NodeFlows = graphql(`
  query NodeFlows($id: ID!, $at: DateTime) {
    node(id: $id, at: $at) {
      id
      flows(first: 10) {
        totalCount
        nodes {
          id
          application
          last
          finish
          network {
            a
            b
          }
          link {
            a
            b
          }
          transport {
            a
            b
          }
          total {
            abBytes
            baBytes
          }
        }
      }
    }
  }
`);
