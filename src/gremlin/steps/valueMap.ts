import type { Json } from '../../common/json.js';
import { mapRows } from '../execute/rows.js';
import { nodesIn } from '../execute/traversal.js';
import { fieldReader, weakValue } from '../fields/field.js';
import { orderedAt } from '../json/goText.js';
import { allStrings, defineStep } from '../step.js';

/** `ValueMap('k1', 'k2', …)`: several keys of each. */
export const valueMap = defineStep({
  name: 'ValueMap',
  usage: ["ValueMap('key1', 'key2')"],
  doc: 'an object of the keys that are there, for each node that has at least one',
  on: { nodes: 'values' },
  method: 'PropertyValueMap',
  read(call) {
    if (call.args.length === 0) throw call.misread(`ValueMap requires at least on parameter : ${call.listed}`);
    return allStrings(call, () => `ValueMap parameters have to be string keys : ${call.listed}`);
  },
  plan(keys) {
    const readers = [...new Set(keys)].sort().map((key) => [key, fieldReader(key)] as const);
    return (input) => ({
      rows: mapRows(nodesIn(input), (node) => {
        const found: [string, Json][] = [];
        for (const [key, read] of readers) {
          const value = read(node, input.graph);
          if (value !== undefined) found.push([key, orderedAt(key, weakValue(value))]);
        }
        return found.length === 0 ? undefined : Object.fromEntries(found);
      }),
    });
  },
});
