import { defineStep } from '../step.js';
import { flowsAreNotThere } from './flows/absent.js';

/** `CaptureNode()`: the node on which each flow was captured. */
export const captureNode = defineStep({
  name: 'CaptureNode',
  aliases: ['Node'],
  usage: ['CaptureNode()'],
  doc: 'the node on which each flow was captured',
  on: { flows: 'nodes' },
  read: (call) => call,
  plan: (_args, _from, call) => flowsAreNotThere(call),
});
