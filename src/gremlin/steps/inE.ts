import { filterRows, spreadRows } from '../execute/rows.js';
import type { EdgeRevision } from '../../graph/element.js';
import { nodesIn } from '../execute/traversal.js';
import { defineStep } from '../step.js';
import { ownFilter } from './ownFilter.js';

/** `InE(filter)`: the edges of which the node is the child. */
export const inE = defineStep({
  name: 'InE',
  usage: ['InE()', "InE('key', value)"],
  doc: 'the edges of which the node is the child; the parameters filter them as `Has` does',
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
        for (const edge of graph.inEdges(id)) into.push(edge);
      });
      return { rows: test === undefined ? found : filterRows(run.counted(found), test) };
    };
  },
});
