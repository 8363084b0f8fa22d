import type { EdgeRevision } from '../../graph/element.js';
import { defineStep } from '../step.js';
import { ownFilter } from './ownFilter.js';
import { planSpread } from './spread.js';

/** `InE(filter)`: the edges of which the node is the child. */
export const inE = defineStep({
  name: 'InE',
  usage: ['InE()', "InE('key', value)"],
  doc: 'the edges of which the node is the child; the parameters filter them as `Has` does',
  on: { nodes: 'edges' },

  hasGoesFirst: 1,
  mergesFilters: true,
  walks: true,

  read: (call) => call,
  plan: planSpread('edges', (graph, id, into: EdgeRevision[]) => {
    for (const edge of graph.inEdges(id)) into.push(edge);
  }),
  print: (query, _args, _from, call, filters) => query.toEdges('IN', ownFilter(call, 'edges', filters)),
});
