import type { EdgeRevision } from '../../graph/element.js';
import { defineStep } from '../step.js';
import { ownFilter } from './ownFilter.js';
import { planSpread } from './spread.js';

/** `OutE(filter)`: the edges of which the node is the parent. */
export const outE = defineStep({
  name: 'OutE',
  usage: ['OutE()', "OutE('key', value)"],
  doc: 'the edges of which the node is the parent; the parameters filter them as `Has` does',
  on: { nodes: 'edges' },

  hasGoesFirst: 1,
  mergesFilters: true,
  walks: true,

  read: (call) => call,
  plan: planSpread('edges', (graph, id, into: EdgeRevision[]) => {
    for (const edge of graph.outEdges(id)) into.push(edge);
  }),
  print: (query, _args, _from, call, filters) => query.toEdges('OUT', ownFilter(call, 'edges', filters)),
});
