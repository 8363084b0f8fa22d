import { defineStep } from '../step.js';
import { flowsAreNotThere } from './flows/absent.js';

/** `RawPackets()`: the packets of the flows, as captured. */
export const rawPackets = defineStep({
  name: 'RawPackets',
  usage: ['RawPackets()'],
  doc: 'the packets of the flows, as captured',
  on: { flows: 'packets' },
  read: (call) => call,
  plan: (_args, _from, call) => flowsAreNotThere(call),
});
