/** What the explorer's tabs hold when it is opened for the first time; a test runs each against the schema. */
export const EXAMPLES: readonly { readonly query: string; readonly variables?: string }[] = [
  {
    query: `# Canopy: what is in the network now. Run it with Ctrl-Enter.
# Add at: "-5m" to any root field to ask for the past.
# Where tokens are needed: {"Authorization": "Bearer TOKEN"} under Headers.
query Interfaces {
  nodes(filter: { type: { in: ["device", "veth", "bridge"] } }, first: 20) {
    totalCount
    nodes {
      id
      name
      type
      state
      host
      ... on NetworkInterface {
        mac
        mtu
        addresses
        master {
          name
        }
        peer {
          name
          namespace {
            name
          }
        }
      }
    }
  }
}
`,
  },
  {
    query: `# Live: the picture, then every change to it. Create a link and watch.
subscription Live {
  topologyChanges {
    __typename
    ... on TopologySnapshot {
      nodes {
        id
        name
        type
        state
      }
      edges {
        id
        relationType
      }
      cursor
      complete
    }
    ... on TopologyChanges {
      cursor
      changes {
        op
        at
        reason
        element {
          ... on Node {
            id
            name
            type
            state
          }
          ... on Edge {
            id
            relationType
          }
        }
        paths {
          path
          before
          after
        }
      }
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
  },
  {
    query: `# What is different from five minutes ago.
query Difference {
  topologyDiff(from: "-5m") {
    from
    to
    added {
      nodes {
        ... on Node {
          name
          type
          host
        }
      }
    }
    removed {
      nodes {
        ... on Node {
          name
          type
          host
        }
      }
    }
    changed {
      nodes {
        element {
          ... on Node {
            name
            type
          }
        }
        paths {
          path
          before
          after
        }
      }
    }
    coverage {
      complete
    }
  }
}
`,
  },
  {
    query: `# Live: groups of nodes and the links between them, once a second when they change.
subscription Overview {
  overviewChanges(groupBy: HOST) {
    at
    groups {
      id
      label
      counts {
        type
        count
      }
      states {
        state
        count
      }
    }
    links {
      a
      b
      count
    }
  }
}
`,
  },
  {
    query: `# Who watches, and how the analyzer is.
query Status {
  viewer {
    name
    roles
  }
  agents {
    host
    state
    version
  }
  status {
    version
  }
}
`,
  },
];
