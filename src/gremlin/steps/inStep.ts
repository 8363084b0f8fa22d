import type { NodeRevision } from '../../graph/element.js';
import { pushNode } from '../execute/source.js';
import { defineStep } from '../step.js';
import { planEnds } from './flows/ends.js';
import { ownFilter } from './ownFilter.js';
import { planSpread } from './spread.js';

const spread = planSpread('nodes', (graph, id, into: NodeRevision[]) => {
  for (const edge of graph.inEdges(id)) pushNode(graph, edge.parent, into);
});

const flowEnds = planEnds((flow, nodes) => [nodes.withMac(flow.Link?.A)]);

/** `In(filter)`: the parents: nodes from which edges come, once for each edge. */
export const inStep = defineStep({
  name: 'In',
  usage: ['In()', "In('key', value)"],
  doc: 'the parents: nodes from which edges come, once for each edge; the parameters filter them as `Has` does; of flows the node at the end A',
  on: { nodes: 'nodes', flows: 'nodes' },
  method: 'In',
  hasGoesFirst: 1,
  mergesFilters: true,
  walks: true,

  read: (call) => call,
  plan: (args, from, call, filters) => (from === 'flows' ? flowEnds(call, filters) : spread(args, from, call, filters)),
  print: (query, _args, _from, call, filters) => query.toNeighbors('IN', ownFilter(call, 'nodes', filters)),
});
