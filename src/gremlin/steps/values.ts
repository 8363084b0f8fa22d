import type { Json } from '../../common/json.js';
import { isJsonObject, readPath } from '../../graph/metadataPath.js';
import { mapRows, spreadRows } from '../execute/rows.js';
import { nodesIn, type Keyed, type Rows } from '../execute/traversal.js';
import { fieldReader, weakValue } from '../fields/field.js';
import { orderedAt } from '../json/goText.js';
import { argumentText } from '../argument.js';
import { defineStep, oneString } from '../step.js';
import { flowKey } from '../../flow/flowField.js';
import { flowsIn } from './flows/rows.js';

/** `Values('k')`: what stands under a key. */
export const values = defineStep({
  name: 'Values',
  usage: ["Values('key')"],
  doc: 'the value under the key, of each that has it; empty lists and objects are left out',
  on: { nodes: 'values', flows: 'values', sockets: 'values' },
  method: 'PropertyValues',
  notes: [
    { kind: 'kept', text: 'Whatever can be read as a whole number is shown as one: `true` as 1, `"42"` as 42, 1.5 as 1, `null` as 0.' },
    { kind: 'kept', text: 'No value at all is `null`, not an empty list. The same for `ValueMap` and `Keys`.' },
  ],
  read: (call) =>
    oneString(
      call,
      `Values requires 1 parameter : ${call.listed}`,
      (argument) => `Values parameter has to be a string key : [${argumentText(argument)}]`,
    ),
  plan(key, from, call) {
    if (from === 'flows') {
      const { read } = flowKey(key);
      return (input) => ({
        rows: mapRows(flowsIn(input), (flow) => {
          const value = read(flow);
          if (value === undefined) throw call.refuse('Field not found', call.args[0]);
          return value;
        }),
      });
    }
    if (from === 'sockets') {
      return ({ rows }) => ({
        rows: spreadRows(rows as Rows<Keyed<readonly Json[]>>, ([, connections], into: Json[]) => {
          for (const connection of connections) {
            const value = isJsonObject(connection) ? readPath(connection, key) : undefined;
            if (value === undefined) throw call.refuse('Field not found', call.args[0]);
            into.push(value);
          }
        }),
      });
    }
    const read = fieldReader(key);
    return (input) => ({
      rows: mapRows(nodesIn(input), (node) => {
        const value = read(node, input.graph);
        return value === undefined || isEmpty(value) ? undefined : orderedAt(key, weakValue(value));
      }),
    });
  },
});

const isEmpty = (value: Json): boolean =>
  typeof value === 'object' && value !== null && (Array.isArray(value) ? value.length === 0 : Object.keys(value).length === 0);
