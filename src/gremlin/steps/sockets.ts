import type { Json } from '../../common/json.js';
import { mapRows } from '../execute/rows.js';
import { nodesIn, type Keyed } from '../execute/traversal.js';
import { fieldReader } from '../fields/field.js';
import { defineStep } from '../step.js';
import { flowSockets } from './flows/sockets.js';

const read = fieldReader('Sockets');

/** `Sockets()`: the connections of processes on nodes. */
export const sockets = defineStep({
  name: 'Sockets',
  usage: ['Sockets()'],
  doc: 'the open sockets of each node that has some',
  on: { nodes: 'sockets', flows: 'sockets' },
  read(call) {
    if (call.args.length > 0) throw call.misread('Sockets requires no parameter', call.args[0]);
    return undefined;
  },
  plan(_args, from) {
    if (from === 'flows') return flowSockets(read);
    return (input) => ({
      rows: mapRows(nodesIn(input), (node): Keyed<readonly Json[]> | undefined => {
        const list = read(node, input.graph);
        return Array.isArray(list) ? [node.id, list as readonly Json[]] : undefined;
      }),
    });
  },
});
