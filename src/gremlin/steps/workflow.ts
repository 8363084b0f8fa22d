import { argumentText } from '../argument.js';
import { defineStep } from '../step.js';

/** `Workflow('name', …)`: runs a workflow and goes on with the graph that it returns. */
export const workflow = defineStep({
  name: 'Workflow',
  usage: ["Workflow('name')", "Workflow('name', argument)"],
  doc: 'runs a workflow and goes on with the graph that it returns',
  on: { graph: 'graph' },
  walks: true,
  notes: [{ kind: 'missing', text: 'There are no workflows yet: every name is unknown.' }],
  read(call) {
    const [name] = call.args;
    if (name === undefined) throw call.misread('Workflow requires at least 1 parameter');
    if (name.kind !== 'string') throw call.misread('Workflow accepts a workflow id or name as first parameter', name);
    return name.value;
  },
  plan: (_name, _from, call) => () => {
    // There are no workflows yet, so none is known. The quote is not closed there either.
    throw call.refuse(`Unknown workflow '${argumentText(call.args[0]!)}`, call.args[0]);
  },
});
