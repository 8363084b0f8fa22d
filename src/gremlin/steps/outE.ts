import { filterRows, spreadRows } from '../execute/rows.js';
import type { EdgeRevision } from '../../graph/element.js';
import { nodesIn } from '../execute/traversal.js';
import { defineStep } from '../step.js';
import { ownFilter } from './ownFilter.js';

/** `OutE(filter)`: the edges of which the node is the parent. */
export const outE = defineStep({
  name: 'OutE',
  usage: ['OutE()', "OutE('key', value)"],
  doc: 'the edges of which the node is the parent; the parameters filter them as `Has` does',
  on: { nodes: 'edges' },

  hasGoesFirst: 1,
  mergesFilters: true,

  read: (call) => call,
  plan(_args, _from, call, filters) {
    const filter = ownFilter(call, 'edges', filters);
    return (input, run) => {
      const { graph } = input;
      const test = filter?.in(graph);
      const found = spreadRows(nodesIn(input), ({ id }, into: EdgeRevision[]) => {
        for (const edge of graph.outEdges(id)) into.push(edge);
      });
      return { rows: test === undefined ? found : filterRows(run.counted(found), test) };
    };
  },
});
