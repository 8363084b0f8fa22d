import { defineStep } from '../step.js';
import { planCaptureNodes } from './flows/ends.js';

/** `CaptureNode()`: the node on which each flow was captured. */
export const captureNode = defineStep({
  name: 'CaptureNode',
  aliases: ['Node'],
  usage: ['CaptureNode()'],
  doc: 'the node on which each flow was captured',
  on: { flows: 'nodes' },
  read: (call) => call,
  mergesFilters: true,
  plan: (_args, _from, call, filters) => planCaptureNodes(call, filters),
});
