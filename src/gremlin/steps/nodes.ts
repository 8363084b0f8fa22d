import { defineStep } from '../step.js';
import { flowsAreNotThere } from './flows/absent.js';

/** `Nodes()`: the capture nodes of the flows and the nodes at their ends. */
export const nodes = defineStep({
  name: 'Nodes',
  usage: ['Nodes()'],
  doc: 'the capture nodes of the flows and the nodes at their ends',
  on: { flows: 'nodes' },
  read: (call) => call,
  plan: (_args, _from, call) => flowsAreNotThere(call),
});
