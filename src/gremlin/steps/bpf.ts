import { defineStep, oneString } from '../step.js';
import { flowsAreNotThere } from './flows/absent.js';

/** `BPF('expression')`: packets that a filter of libpcap lets through. */
export const bpf = defineStep({
  name: 'BPF',
  usage: ["BPF('tcp port 80')"],
  doc: 'packets that a filter of libpcap lets through',
  on: { packets: 'packets' },
  read: (call) => oneString(call, 'BPF requires 1 parameter', () => 'BPF parameter has to be a string'),
  plan: (_args, _from, call) => flowsAreNotThere(call),
});
