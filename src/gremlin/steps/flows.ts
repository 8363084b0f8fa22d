import type { Flow } from '../../flow/flow.js';
import { noRows, pieces } from '../execute/rows.js';
import { defineStep } from '../step.js';
import { captureTids, flowPairs, flowSource, flowTest } from './flows/rows.js';

/** `Flows([k, v, …])`: the flows that were captured on the nodes, or all of them. */
export const flows = defineStep({
  name: 'Flows',
  usage: ['Flows()', "Flows('Application', 'DNS')"],
  doc: 'the flows that were captured on the nodes, or all of them: as they stand now, or those that were there within the time of `Context`',
  on: { graph: 'flows', nodes: 'flows', paths: 'flows' },
  walks: true,
  notes: [
    { kind: 'kept', text: 'Of the past, flows count as there until ten minutes after their last packet, as they do in the present.' },
    { kind: 'mended', text: '`TCP.B` and its like match numbers in the present too.' },
  ],
  read: (call) => {
    flowPairs(call);
    return call;
  },
  plan(_args, from, call) {
    const test = flowTest(call, false);
    return async (input, run) => {
      const nodeTids = await captureTids(input, from, run);
      if (nodeTids?.length === 0) return { rows: noRows };
      const found = await flowSource(run, call).flows({ slice: input.slice, nodeTids }, (count) => run.spend(count));
      return { rows: pieces<Flow>(found, call.args.length === 0 ? undefined : test) };
    };
  },
});
