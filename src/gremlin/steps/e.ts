import { noRows } from '../execute/rows.js';
import { filteredEdges } from '../execute/source.js';
import { allFilters } from '../predicates/filter.js';
import { defineStep } from '../step.js';

/** `E()`: all edges, or the one with an id. */
export const e = defineStep({
  name: 'E',
  usage: ['E()', "E('id')"],
  doc: 'all edges, or the one with the id; an id that is not there is an error',
  on: { graph: 'edges' },
  hasGoesFirst: 2,
  mergesFilters: true,
  walks: true,
  notes: [{ kind: 'kept', text: '`E().Limit(1).Has(k, v)` filters first and then limits.' }],
  read(call) {
    if (call.args.length > 1) throw call.misread(`E accepts at most one parameter : ${call.listed}`, call.args[1]);
    const [id] = call.args;
    if (id !== undefined && id.kind !== 'string') throw call.misread(`E parameter must be a string : ${call.listed}`, id);
    return id?.value;
  },
  plan(id, _from, call, filters) {
    if (id === undefined) return ({ graph }, run) => ({ rows: filteredEdges(graph, filters, run) });
    return ({ graph }, run) => {
      const edge = graph.edge(id);
      if (edge === undefined && run.absentIsNothing) return { rows: noRows };
      if (edge === undefined) throw call.refuse(`Edge '${id}' does not exist`, call.args[0]);
      return { rows: [[edge].filter(allFilters(filters).in(graph))] };
    };
  },
  print: (query, id, _from, _call, filters) => query.edges(id, filters.length === 0 ? undefined : allFilters(filters)),
});
