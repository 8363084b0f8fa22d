import type { NodeRevision } from '../../graph/element.js';
import { pushNode } from '../execute/source.js';
import { defineStep } from '../step.js';
import { ownFilter } from './ownFilter.js';
import { planSpread } from './spread.js';

/** `In(filter)`: the parents: nodes from which edges come, once for each edge. */
export const inStep = defineStep({
  name: 'In',
  usage: ['In()', "In('key', value)"],
  doc: 'the parents: nodes from which edges come, once for each edge; the parameters filter them as `Has` does',
  on: { nodes: 'nodes' },
  method: 'In',
  hasGoesFirst: 1,
  mergesFilters: true,
  walks: true,

  read: (call) => call,
  plan: planSpread('nodes', (graph, id, into: NodeRevision[]) => {
    for (const edge of graph.inEdges(id)) pushNode(graph, edge.parent, into);
  }),
  print: (query, _args, _from, call, filters) => query.toNeighbors('IN', ownFilter(call, 'nodes', filters)),
});
