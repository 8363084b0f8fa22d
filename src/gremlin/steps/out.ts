import { filterRows, spreadRows } from '../execute/rows.js';
import type { NodeRevision } from '../../graph/element.js';
import { pushNode } from '../execute/source.js';
import { nodesIn } from '../execute/traversal.js';
import { defineStep } from '../step.js';
import { ownFilter } from './ownFilter.js';

/** `Out(filter)`: the children: nodes to which edges lead, once for each edge. */
export const out = defineStep({
  name: 'Out',
  usage: ['Out()', "Out('key', value)"],
  doc: 'the children: nodes to which edges lead, once for each edge; the parameters filter them as `Has` does',
  on: { nodes: 'nodes' },
  method: 'Out',
  hasGoesFirst: 1,
  mergesFilters: true,

  read: (call) => call,
  plan(_args, _from, call, filters) {
    const filter = ownFilter(call, 'nodes', filters);
    return (input, run) => {
      const { graph } = input;
      const test = filter?.in(graph);
      const found = spreadRows(nodesIn(input), ({ id }, into: NodeRevision[]) => {
        for (const edge of graph.outEdges(id)) pushNode(graph, edge.child, into);
      });
      return { rows: test === undefined ? found : filterRows(run.counted(found), test) };
    };
  },
});
