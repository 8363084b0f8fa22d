import { sliceRows } from '../execute/rows.js';
import { defineStep, wholeNumber } from '../step.js';

/** `Limit(n)`: the first n. */
export const limit = defineStep({
  name: 'Limit',
  usage: ['Limit(count)'],
  doc: 'the first ones; nothing more is looked at',
  on: { nodes: 'nodes', edges: 'edges', flows: 'flows' },
  method: 'Limit',
  notes: [
    { kind: 'mended', text: 'What is no whole number is an error; there the request died.' },
    { kind: 'mended', text: 'Behind `As` and `Select` it limits; there it was swallowed without effect.' },
  ],
  read(call) {
    if (call.args.length !== 1) throw call.misread(`Limit requires 1 parameter : ${call.listed}`, call.args[1]);
    return call.args[0]!;
  },
  plan(argument, _from, call) {
    const most = wholeNumber(call, argument);
    return ({ rows }) => ({ rows: sliceRows(rows, 0, most) });
  },
  print: (query, argument, from, call) => (from === 'nodes' || from === 'edges') && query.slice(0, wholeNumber(call, argument)),
});
