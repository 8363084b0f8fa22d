/** Steps of the dialect with what each does; a test compares them with what the analyzer knows. */
export const STEPS: readonly { readonly name: string; readonly doc: string }[] = [
  {
    name: 'Aggregates',
    doc: 'all metrics added up in slices of time, 30 seconds each unless given; a metric that reaches over several slices is shared out by time; slices without any are left out',
  },
  {
    name: 'As',
    doc: 'puts the nodes aside under a name, for `Select`, and goes on with them',
  },
  {
    name: 'Ascendants',
    doc: 'the nodes and their owners, the direct ones unless a depth is given; 0 is without end; with keys and values along edges that have any of them',
  },
  {
    name: 'At',
    doc: 'reads the past: at an instant (seconds or milliseconds since 1970, RFC 1123, a duration from now, `NOW`), or with a duration every revision that there was in the time before it',
  },
  {
    name: 'BPF',
    doc: 'packets that a filter of libpcap lets through',
  },
  {
    name: 'Both',
    doc: 'parents and children: the other ends of all edges, once for each edge; the parameters filter them as `Has` does; of flows the nodes at both ends',
  },
  {
    name: 'BothE',
    doc: 'all edges of the node; the parameters filter them as `Has` does',
  },
  {
    name: 'BothV',
    doc: "the edge's parent and its child; the parameters filter them as `Has` does",
  },
  {
    name: 'CaptureNode',
    doc: 'the node on which each flow was captured',
  },
  {
    name: 'Context',
    doc: 'reads the past: at an instant (seconds or milliseconds since 1970, RFC 1123, a duration from now, `NOW`), or with a duration every revision that there was in the time before it',
  },
  {
    name: 'Count',
    doc: 'how many there are; of metrics the elements that have some',
  },
  {
    name: 'Dedup',
    doc: 'each element once; with keys one element for each set of their values (elements without any of the keys all stay); of paths each of their nodes once',
  },
  {
    name: 'Descendants',
    doc: 'the nodes and what they own, directly unless a depth is given; 0 is without end; with keys and values along edges that have any of them',
  },
  {
    name: 'E',
    doc: 'all edges, or the one with the id; an id that is not there is an error',
  },
  {
    name: 'Flows',
    doc: 'the flows that were captured on the nodes, or all of them: as they stand now, or those that were there within the time of `Context`',
  },
  {
    name: 'G',
    doc: 'goes back to the graph, keeping what `As` put aside; written without parentheses',
  },
  {
    name: 'Group',
    doc: 'flows in groups, by `TrackingID` unless another key is given',
  },
  {
    name: 'Has',
    doc: 'keeps what has the key, or all of the values; a value is a string, a number, a boolean or a predicate',
  },
  {
    name: 'HasEither',
    doc: 'keeps what has at least one of the values',
  },
  {
    name: 'HasKey',
    doc: 'keeps what has the key, whatever is under it',
  },
  {
    name: 'HasNot',
    doc: 'keeps what lacks the key',
  },
  {
    name: 'Hops',
    doc: 'the capture node of each flow',
  },
  {
    name: 'In',
    doc: 'the parents: nodes from which edges come, once for each edge; the parameters filter them as `Has` does; of flows the node at the end A',
  },
  {
    name: 'InE',
    doc: 'the edges of which the node is the child; the parameters filter them as `Has` does',
  },
  {
    name: 'InV',
    doc: "the edge's parent; the parameters filter them as `Has` does",
  },
  {
    name: 'Keys',
    doc: 'every key that one of them has, with dotted paths of nested ones and the attributes',
  },
  {
    name: 'Limit',
    doc: 'the first ones; nothing more is looked at',
  },
  {
    name: 'Metrics',
    doc: 'what the latest readings of the nodes added, or all readings within the time of `Context`; `LastUpdateMetric` unless `SFlow` or `Ovs` is given',
  },
  {
    name: 'MoreThan',
    doc: 'groups with more than one flow, or more than the number given',
  },
  {
    name: 'Neighbors',
    doc: 'the nodes and those one edge away in either direction, or as many as the depth says; 0 is the nodes alone; with keys and values along edges that have any of them',
  },
  {
    name: 'NextHop',
    doc: 'for each node with routing tables the next hop towards the address',
  },
  {
    name: 'Node',
    doc: 'the node on which each flow was captured',
  },
  {
    name: 'Nodes',
    doc: 'the capture nodes of the flows and the nodes at their ends',
  },
  {
    name: 'Out',
    doc: 'the children: nodes to which edges lead, once for each edge; the parameters filter them as `Has` does; of flows the node at the end B',
  },
  {
    name: 'OutE',
    doc: 'the edges of which the node is the parent; the parameters filter them as `Has` does',
  },
  {
    name: 'OutV',
    doc: "the edge's child; the parameters filter them as `Has` does",
  },
  {
    name: 'Range',
    doc: 'from one place up to and without another, counted from 0',
  },
  {
    name: 'RawPackets',
    doc: 'the packets of the flows, as captured',
  },
  {
    name: 'Select',
    doc: 'the nodes that `As` put aside under the names, one list after the other',
  },
  {
    name: 'ShortestPathTo',
    doc: 'from each node the shortest way to the nearest node with the metadata, along edges in both directions; the second parameter says along which; nodes from which there is no way are left out',
  },
  {
    name: 'Sockets',
    doc: 'the open sockets of each node that has some',
  },
  {
    name: 'Sort',
    doc: 'in the order of a key, rising unless `DESC` is given; as whole numbers where the left one can be one, as texts otherwise',
  },
  {
    name: 'SubGraph',
    doc: 'a graph of the nodes and the edges between them; of edges: with their ends; the parameters filter the edges as `Has` does',
  },
  {
    name: 'Sum',
    doc: 'the sum of the whole numbers under the key; of metrics without a key one metric with the sum of each field',
  },
  {
    name: 'V',
    doc: 'all nodes, or the one with the id; an id that is not there is an error',
  },
  {
    name: 'ValueMap',
    doc: 'an object of the keys that are there, for each node that has at least one',
  },
  {
    name: 'Values',
    doc: 'the value under the key, of each that has it; empty lists and objects are left out',
  },
  {
    name: 'Workflow',
    doc: 'runs a workflow and goes on with the graph that it returns',
  },
];
