import { defineStep } from '../step.js';
import { alongEdges, readWalk, walk } from './walks/walk.js';

/** `Descendants([k, v, …][, depth])`: the nodes and what they own, directly unless a depth is given. */
export const descendants = defineStep({
  name: 'Descendants',
  usage: ['Descendants()', 'Descendants(depth)', "Descendants('RelationType', 'layer2', depth)"],
  doc: 'the nodes and what they own, directly unless a depth is given; 0 is without end; with keys and values along edges that have any of them',
  on: { nodes: 'nodes' },
  walks: true,
  notes: [
    { kind: 'kept', text: 'The nodes themselves are part of the answer. Several pairs are alternatives, and replace ownership.' },
    {
      kind: 'mended',
      text: 'A circle of edges ends where it closes; there depth 0 never came back. What two ways lead to is found by the shorter one.',
    },
  ],
  read: readWalk,
  plan: (args) => walk('OUT', args.depth === 0 ? Infinity : args.depth, alongEdges(args, 'ownership')),
  print: (query, args) => query.reach('OUT', args.depth === 0 ? Infinity : args.depth, alongEdges(args, 'ownership')),
});
