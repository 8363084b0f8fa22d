import { allStrings, defineStep } from '../step.js';
import type { Flow } from '../../flow/flow.js';
import { flowKey } from '../../flow/flowField.js';
import { pieces } from '../execute/rows.js';
import { flowsIn } from './flows/rows.js';

/** `Group([k])`: flows in groups, by `TrackingID` unless another key is given. */
export const group = defineStep({
  name: 'Group',
  usage: ['Group()', "Group('Application')"],
  doc: 'flows in groups, by `TrackingID` unless another key is given',
  on: { flows: 'groups' },
  read: (call) => allStrings(call, () => `Group parameters have to be string keys : ${call.listed}`),
  notes: [{ kind: 'mended', text: 'The key is honoured; there it was always `TrackingID`.' }],
  plan: ([key = 'TrackingID']) => {
    const { read } = flowKey(key);
    return async (input, run) => {
      const groups = new Map<string, Flow[]>();
      await run.each(flowsIn(input), (piece) => {
        for (const flow of piece) {
          const value = read(flow);
          if (value === undefined) continue;
          const name = String(value);
          const group = groups.get(name);
          if (group === undefined) groups.set(name, [flow]);
          else group.push(flow);
        }
      });
      return { rows: pieces([...groups]) };
    };
  },
});
