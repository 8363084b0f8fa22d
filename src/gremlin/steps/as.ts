import { argumentText } from '../argument.js';
import { pieces } from '../execute/rows.js';
import { nodesIn } from '../execute/traversal.js';
import { defineStep, oneString } from '../step.js';

/** `As('a')`: puts the nodes aside under a name. */
export const as = defineStep({
  name: 'As',
  usage: ["As('name')"],
  doc: 'puts the nodes aside under a name, for `Select`, and goes on with them',
  on: { nodes: 'nodes' },
  method: 'As',
  notes: [{ kind: 'kept', text: 'Names are forgotten by `Context` and `SubGraph`.' }],
  read: (call) =>
    oneString(
      call,
      `As requires 1 parameter : ${call.listed}`,
      (argument) => `As parameter has to be a string key : [${argumentText(argument)}]`,
    ),
  plan: (name) => async (input, run) => {
    const nodes = await run.all(nodesIn(input));
    input.marks.set(name, nodes);
    return { rows: pieces(nodes) };
  },
});
