import { filterRows, spreadRows } from '../execute/rows.js';
import type { NodeRevision } from '../../graph/element.js';
import { pushNode } from '../execute/source.js';
import { edgesIn } from '../execute/traversal.js';
import { defineStep } from '../step.js';
import { ownFilter } from './ownFilter.js';

/** `OutV(filter)`: the edge\'s child. */
export const outV = defineStep({
  name: 'OutV',
  usage: ['OutV()', "OutV('key', value)"],
  doc: "the edge's child; the parameters filter them as `Has` does",
  on: { edges: 'nodes' },

  hasGoesFirst: 1,
  mergesFilters: true,
  walks: true,

  read: (call) => call,
  plan(_args, _from, call, filters) {
    const filter = ownFilter(call, 'nodes', filters);
    return (input, run) => {
      const { graph } = input;
      const test = filter?.in(graph);
      const found = spreadRows(edgesIn(input), (edge, into: NodeRevision[]) => pushNode(graph, edge.child, into));
      return { rows: test === undefined ? found : filterRows(run.counted(found), test) };
    };
  },
  print: (query, _args, _from, call, filters) => query.toEnds('child', ownFilter(call, 'nodes', filters)),
});
