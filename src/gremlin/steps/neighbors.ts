import { defineStep } from '../step.js';
import { alongEdges, readWalk, walk } from './walks/walk.js';

/** `Neighbors([k, v, …][, depth])`: the nodes and those one edge away in either direction, or as many as the depth says. */
export const neighbors = defineStep({
  name: 'Neighbors',
  usage: ['Neighbors()', 'Neighbors(depth)', "Neighbors('RelationType', 'layer2', depth)"],
  doc: 'the nodes and those one edge away in either direction, or as many as the depth says; 0 is the nodes alone; with keys and values along edges that have any of them',
  on: { nodes: 'nodes' },
  walks: true,

  read: readWalk,
  plan: (args) => walk('BOTH', args.depth, alongEdges(args, 'all')),
  print: (query, args) => query.reach('BOTH', args.depth, alongEdges(args, 'all')),
});
