import type { NodeRevision } from '../../graph/element.js';
import { pushNode } from '../execute/source.js';
import { defineStep } from '../step.js';
import { planEnds } from './flows/ends.js';
import { ownFilter } from './ownFilter.js';
import { planSpread } from './spread.js';

const spread = planSpread('nodes', (graph, id, into: NodeRevision[]) => {
  for (const edge of graph.outEdges(id)) pushNode(graph, edge.child, into);
  for (const edge of graph.inEdges(id)) if (edge.parent !== id) pushNode(graph, edge.parent, into);
});

const flowEnds = planEnds((flow, nodes) => [nodes.withMac(flow.Link?.A), nodes.withMac(flow.Link?.B)]);

/** `Both(filter)`: parents and children: the other ends of all edges, once for each edge. */
export const both = defineStep({
  name: 'Both',
  usage: ['Both()', "Both('key', value)"],
  doc: 'parents and children: the other ends of all edges, once for each edge; the parameters filter them as `Has` does; of flows the nodes at both ends',
  on: { nodes: 'nodes', flows: 'nodes' },
  method: 'Both',
  hasGoesFirst: 1,
  mergesFilters: true,
  walks: true,

  read: (call) => call,
  plan: (args, from, call, filters) => (from === 'flows' ? flowEnds(call, filters) : spread(args, from, call, filters)),
  print: (query, _args, _from, call, filters) => query.toNeighbors('BOTH', ownFilter(call, 'nodes', filters)),
});
