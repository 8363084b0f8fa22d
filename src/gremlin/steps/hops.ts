import { defineStep } from '../step.js';
import { flowsAreNotThere } from './flows/absent.js';

/** `Hops()`: the capture node of each flow. */
export const hops = defineStep({
  name: 'Hops',
  usage: ['Hops()'],
  doc: 'the capture node of each flow',
  on: { flows: 'nodes' },
  read: (call) => call,
  plan: (_args, _from, call) => flowsAreNotThere(call),
});
