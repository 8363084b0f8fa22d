import { defineStep } from '../step.js';
import { alongEdges, readWalk, walk } from './walks/walk.js';

/** `Ascendants([k, v, …][, depth])`: the nodes and their owners, the direct ones unless a depth is given. */
export const ascendants = defineStep({
  name: 'Ascendants',
  usage: ['Ascendants()', 'Ascendants(depth)', "Ascendants('RelationType', 'layer2', depth)"],
  doc: 'the nodes and their owners, the direct ones unless a depth is given; 0 is without end; with keys and values along edges that have any of them',
  on: { nodes: 'nodes' },
  walks: true,

  read: readWalk,
  plan: (args) => walk('IN', args.depth === 0 ? Infinity : args.depth, alongEdges(args, 'ownership')),
  print: (query, args) => query.reach('IN', args.depth === 0 ? Infinity : args.depth, alongEdges(args, 'ownership')),
});
