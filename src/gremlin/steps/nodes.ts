import { defineStep } from '../step.js';
import { planEnds } from './flows/ends.js';

const plan = planEnds((flow, found) => [found.captureNode(flow), found.withMac(flow.Link?.A), found.withMac(flow.Link?.B)]);

/** `Nodes()`: the capture nodes of the flows and the nodes at their ends. */
export const nodes = defineStep({
  name: 'Nodes',
  usage: ['Nodes()'],
  doc: 'the capture nodes of the flows and the nodes at their ends',
  on: { flows: 'nodes' },
  read: (call) => call,
  mergesFilters: true,
  plan: (_args, _from, call, filters) => plan(call, filters),
});
