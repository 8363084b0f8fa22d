import type { NodeRevision } from '../../graph/element.js';
import { pushNode } from '../execute/source.js';
import { defineStep } from '../step.js';
import { ownFilter } from './ownFilter.js';
import { planSpread } from './spread.js';

/** `Out(filter)`: the children: nodes to which edges lead, once for each edge. */
export const out = defineStep({
  name: 'Out',
  usage: ['Out()', "Out('key', value)"],
  doc: 'the children: nodes to which edges lead, once for each edge; the parameters filter them as `Has` does',
  on: { nodes: 'nodes' },
  method: 'Out',
  hasGoesFirst: 1,
  mergesFilters: true,
  walks: true,

  read: (call) => call,
  plan: planSpread('nodes', (graph, id, into: NodeRevision[]) => {
    for (const edge of graph.outEdges(id)) pushNode(graph, edge.child, into);
  }),
  print: (query, _args, _from, call, filters) => query.toNeighbors('OUT', ownFilter(call, 'nodes', filters)),
});
