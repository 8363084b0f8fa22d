import type { NodeRevision } from '../../graph/element.js';
import { pushNode } from '../execute/source.js';
import { defineStep } from '../step.js';
import { planEnds } from './flows/ends.js';
import { ownFilter } from './ownFilter.js';
import { planSpread } from './spread.js';

const spread = planSpread('nodes', (graph, id, into: NodeRevision[]) => {
  for (const edge of graph.outEdges(id)) pushNode(graph, edge.child, into);
});

const flowEnds = planEnds((flow, nodes) => [nodes.withMac(flow.Link?.B)]);

/** `Out(filter)`: the children: nodes to which edges lead, once for each edge. */
export const out = defineStep({
  name: 'Out',
  usage: ['Out()', "Out('key', value)"],
  doc: 'the children: nodes to which edges lead, once for each edge; the parameters filter them as `Has` does; of flows the node at the end B',
  on: { nodes: 'nodes', flows: 'nodes' },
  method: 'Out',
  hasGoesFirst: 1,
  mergesFilters: true,
  walks: true,

  read: (call) => call,
  plan: (args, from, call, filters) => (from === 'flows' ? flowEnds(call, filters) : spread(args, from, call, filters)),
  print: (query, _args, _from, call, filters) => query.toNeighbors('OUT', ownFilter(call, 'nodes', filters)),
});
