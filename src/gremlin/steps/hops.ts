import { defineStep } from '../step.js';
import { planCaptureNodes } from './flows/ends.js';

/** `Hops()`: the capture node of each flow. */
export const hops = defineStep({
  name: 'Hops',
  usage: ['Hops()'],
  doc: 'the capture node of each flow',
  on: { flows: 'nodes' },
  read: (call) => call,
  mergesFilters: true,
  plan: (_args, _from, call, filters) => planCaptureNodes(call, filters),
});
