import { filterRows } from '../execute/rows.js';
import { elementsIn } from '../execute/traversal.js';
import { presence } from '../predicates/filter.js';
import { defineStep, oneString } from '../step.js';

/** `HasNot('k')`: keeps what lacks the key. */
export const hasNot = defineStep({
  name: 'HasNot',
  usage: ["HasNot('key')"],
  doc: 'keeps what lacks the key',
  on: { nodes: 'nodes', edges: 'edges' },
  method: 'HasNot',
  read: (call) => {
    const message = `HasNot accepts only one parameter of type string : ${call.listed}`;
    return oneString(call, message, () => message);
  },
  filter: (key) => presence(key, false),
  plan(key) {
    const filter = presence(key, false);
    return (input) => ({ rows: filterRows(elementsIn(input), filter.in(input.graph)) });
  },
  print: (query, key) => query.where(presence(key, false)),
});
