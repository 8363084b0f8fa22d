import type { JsonObject } from '../../common/json.js';
import { isJsonObject } from '../../graph/metadataPath.js';
import { wholeMetadata } from '../../graph/readMetadata.js';
import { pieces } from '../execute/rows.js';
import { nodesIn, type Keyed, type Rows } from '../execute/traversal.js';
import { ATTRIBUTE_KEYS } from '../fields/field.js';
import { defineStep, noArguments } from '../step.js';
import { FLOW_KEYS } from '../../flow/flowField.js';
import { fieldsOfMetric } from './metrics/fields.js';

/** `Keys()`: which keys there are. */
export const keys = defineStep({
  name: 'Keys',
  usage: ['Keys()'],
  doc: 'every key that one of them has, with dotted paths of nested ones and the attributes',
  on: { nodes: 'values', flows: 'values', metrics: 'values' },
  method: 'PropertyKeys',
  notes: [
    {
      kind: 'mended',
      text: '`Metrics().Keys()` lists the fields that metrics of the kind can have; there internal names stood among them.',
    },
  ],
  read: noArguments(),
  plan(_args, from) {
    if (from === 'flows') {
      return async (input, run) => {
        for (const piece of run.counted(input.rows)) if (piece.length > 0) return { rows: pieces(FLOW_KEYS) };
        return Promise.resolve({ rows: [] });
      };
    }
    return async (input, run) => {
      const found = new Set<string>();
      if (from === 'metrics') {
        await run.each(input.rows as Rows<Keyed<readonly JsonObject[]>>, (piece) => {
          for (const [, samples] of piece) for (const sample of samples) for (const key of fieldsOfMetric(sample)) found.add(key);
        });
      } else {
        await run.each(nodesIn(input), (piece) => {
          for (const node of piece) collect(wholeMetadata(node, input.graph.measurements(node.id)), '', found);
          if (piece.length > 0) for (const key of ATTRIBUTE_KEYS) found.add(key);
        });
      }
      return { rows: pieces([...found].sort()) };
    };
  },
});

/** Objects nested deeper than this come from nobody who meant it. */
const MAX_DEPTH = 32;

function collect(object: JsonObject, prefix: string, found: Set<string>, depth = 1): void {
  for (const [key, value] of Object.entries(object)) {
    found.add(prefix + key);
    if (isJsonObject(value) && depth < MAX_DEPTH) collect(value, `${prefix}${key}.`, found, depth + 1);
  }
}
