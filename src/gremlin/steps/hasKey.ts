import { filterRows } from '../execute/rows.js';
import { elementsIn } from '../execute/traversal.js';
import { presence } from '../predicates/filter.js';
import { defineStep, oneString } from '../step.js';

/** `HasKey('k')`: keeps what has the key, whatever is under it. */
export const hasKey = defineStep({
  name: 'HasKey',
  usage: ["HasKey('key')"],
  doc: 'keeps what has the key, whatever is under it',
  on: { nodes: 'nodes', edges: 'edges' },
  method: 'HasKey',
  read: (call) => {
    const message = `HasKey accepts only one parameter of type string : ${call.listed}`;
    return oneString(call, message, () => message);
  },
  filter: (key) => presence(key, true),
  plan(key) {
    const filter = presence(key, true);
    return (input) => ({ rows: filterRows(elementsIn(input), filter.in(input.graph)) });
  },
  print: (query, key) => query.where(presence(key, true)),
});
