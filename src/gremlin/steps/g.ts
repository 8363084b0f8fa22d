import { noRows } from '../execute/rows.js';
import { defineStep, noArguments } from '../step.js';

/** Back to the graph; what `As` put aside stays. */
export const g = defineStep({
  name: 'G',
  usage: ['G'],
  doc: 'goes back to the graph, keeping what `As` put aside; written without parentheses',
  on: { nodes: 'graph', edges: 'graph' },
  walks: true,
  method: 'G',
  read: noArguments(),
  plan: () => () => ({ rows: noRows }),
});
