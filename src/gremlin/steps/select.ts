import { pieces } from '../execute/rows.js';
import { allStrings, defineStep } from '../step.js';

/** `Select('a', 'b')`: what `As` put aside. */
export const select = defineStep({
  name: 'Select',
  usage: ["Select('name')", "Select('name1', 'name2')"],
  doc: 'the nodes that `As` put aside under the names, one list after the other',
  on: { nodes: 'nodes' },
  method: 'Select',
  read(call) {
    if (call.args.length === 0) throw call.misread(`Select requires at least one key : ${call.listed}`);
    return allStrings(call, () => `Select parameters have to be string keys : ${call.listed}`);
  },
  plan:
    (names, _from, call) =>
    ({ marks }) => {
      const lists = names.map((name, index) => {
        const nodes = marks.get(name);
        if (nodes === undefined) throw call.refuse(`Key ${name} not registered. Need to be registered using 'As' step`, call.args[index]);
        return nodes;
      });
      return { rows: pieces(lists.flat()) };
    },
});
