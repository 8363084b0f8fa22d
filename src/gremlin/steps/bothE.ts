import type { EdgeRevision } from '../../graph/element.js';
import { defineStep } from '../step.js';
import { ownFilter } from './ownFilter.js';
import { planSpread } from './spread.js';

/** `BothE(filter)`: all edges of the node. */
export const bothE = defineStep({
  name: 'BothE',
  usage: ['BothE()', "BothE('key', value)"],
  doc: 'all edges of the node; the parameters filter them as `Has` does',
  on: { nodes: 'edges' },

  hasGoesFirst: 1,
  mergesFilters: true,
  walks: true,

  read: (call) => call,
  plan: planSpread('edges', (graph, id, into: EdgeRevision[]) => {
    for (const edge of graph.outEdges(id)) into.push(edge);
    for (const edge of graph.inEdges(id)) if (edge.parent !== id) into.push(edge);
  }),
  print: (query, _args, _from, call, filters) => query.toEdges('BOTH', ownFilter(call, 'edges', filters)),
});
