import { sliceRows } from '../execute/rows.js';
import { defineStep, wholeNumber } from '../step.js';

/** `Range(a, b)`: from the place a up to and without b, counted from 0. */
export const range = defineStep({
  name: 'Range',
  usage: ['Range(from, to)'],
  doc: 'from one place up to and without another, counted from 0',
  on: { nodes: 'nodes', edges: 'edges', flows: 'flows' },
  method: 'Range',
  read(call) {
    if (call.args.length !== 2) throw call.misread(`Range requires 2 parameters : ${call.listed}`, call.args[2]);
    return call.args;
  },
  plan(args, _from, call) {
    const [start, end] = args.map((argument) => wholeNumber(call, argument)) as [number, number];
    return ({ rows }) => ({ rows: sliceRows(rows, start, end) });
  },
  print: (query, args, from, call) =>
    (from === 'nodes' || from === 'edges') && query.slice(wholeNumber(call, args[0]!), wholeNumber(call, args[1]!)),
});
