import { defineStep, type StepCall } from '../step.js';
import { flowsAreNotThere } from './flows/absent.js';

/** `Flows([k, v, …])`: the flows that were captured on the nodes, or all of them. */
export const flows = defineStep({
  name: 'Flows',
  usage: ['Flows()', "Flows('Application', 'DNS')"],
  doc: 'the flows that were captured on the nodes, or all of them',
  on: { graph: 'flows', nodes: 'flows', paths: 'flows' },
  notes: [{ kind: 'missing', text: 'Flows are not captured yet: every step on them is read and planned, and refused when it runs.' }],
  read: readFlowFilter,
  plan: (_args, _from, call) => flowsAreNotThere(call),
});

function readFlowFilter(call: StepCall): StepCall {
  const { args } = call;
  if (args.length === 1) throw call.misread('At least two parameters must be provided', args[0]);
  if (args.length % 2 !== 0) throw call.misread(`slice must be defined by pair k,v: ${call.listed}`, args.at(-1));
  const wrong = args.find(({ kind }, index) => index % 2 === 0 && kind !== 'string');
  if (wrong) throw call.misread('keys should be of string type', wrong);
  return call;
}
