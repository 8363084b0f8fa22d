/** What flows from one step to the next. `values` is a list, `value` a single number or object. */
export type Kind =
  'graph' | 'nodes' | 'edges' | 'paths' | 'values' | 'value' | 'flows' | 'metrics' | 'sockets' | 'packets' | 'groups' | 'nextHops';

/** Names of the same in Skydive's error texts. */
export const GO_TYPES: Readonly<Record<Kind, string>> = {
  graph: '*traversal.GraphTraversal',
  nodes: '*traversal.GraphTraversalV',
  edges: '*traversal.GraphTraversalE',
  paths: '*traversal.GraphTraversalShortestPath',
  values: '*traversal.GraphTraversalValue',
  value: '*traversal.GraphTraversalValue',
  flows: '*traversal.FlowTraversalStep',
  metrics: '*traversal.MetricsTraversalStep',
  sockets: '*traversal.SocketsTraversalStep',
  packets: '*traversal.RawPacketsTraversalStep',
  groups: '*traversal.GroupTraversalStep',
  nextHops: '*traversal.NextHopTraversalStep',
};

/** Words for people. */
export const KIND_NAMES: Readonly<Record<Kind, string>> = {
  graph: 'graph',
  nodes: 'nodes',
  edges: 'edges',
  paths: 'paths',
  values: 'list of values',
  value: 'single value',
  flows: 'flows',
  metrics: 'metrics',
  sockets: 'sockets',
  packets: 'raw packets',
  groups: 'groups of flows',
  nextHops: 'next hops',
};
