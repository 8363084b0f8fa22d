import { filteredNodes, nodesWithId } from '../execute/source.js';
import { allFilters } from '../predicates/filter.js';
import { defineStep } from '../step.js';

/** `V()`: all nodes, or the one with an id. */
export const v = defineStep({
  name: 'V',
  usage: ['V()', "V('id')"],
  doc: 'all nodes, or the one with the id; an id that is not there is an error',
  on: { graph: 'nodes' },
  hasGoesFirst: 2,
  mergesFilters: true,
  walks: true,
  notes: [{ kind: 'kept', text: '`V().Limit(1).Has(k, v)` filters first and then limits.' }],
  read(call) {
    if (call.args.length > 1) throw call.misread(`V accepts at most one parameter : ${call.listed}`, call.args[1]);
    const [id] = call.args;
    if (id !== undefined && id.kind !== 'string') throw call.misread(`V parameter must be a string : ${call.listed}`, id);
    return id?.value;
  },
  plan(id, _from, call, filters) {
    if (id === undefined) return ({ graph }, run) => ({ rows: filteredNodes(graph, filters, run) });
    return ({ graph }, run) => {
      const found = nodesWithId(graph, id);
      if (found.length === 0 && !run.absentIsNothing) throw call.refuse(`Node '${id}' does not exist`, call.args[0]);
      return { rows: [found.filter(allFilters(filters).in(graph))] };
    };
  },
  print: (query, id, _from, _call, filters) => query.nodes(id, filters.length === 0 ? undefined : allFilters(filters)),
});
