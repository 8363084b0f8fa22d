import { defineStep, noArguments } from '../step.js';

/** `Count()`: how many. */
export const count = defineStep({
  name: 'Count',
  usage: ['Count()'],
  doc: 'how many there are; of metrics the elements that have some',
  on: { nodes: 'value', edges: 'value', flows: 'value', metrics: 'value' },
  method: 'Count',
  read: noArguments((call) => `Count accepts no parameter : ${call.listed}`),
  plan() {
    return async ({ rows }, run) => {
      let total = 0;
      await run.each(rows, (piece) => {
        total += piece.length;
      });
      return { rows: [[total]] };
    };
  },
  print: (query, _args, from) => (from === 'nodes' || from === 'edges') && query.count(),
});
