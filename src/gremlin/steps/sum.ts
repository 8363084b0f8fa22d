import type { Json, JsonObject } from '../../common/json.js';
import { nodesIn, type Keyed, type Rows } from '../execute/traversal.js';
import { fieldReader } from '../fields/field.js';
import { toInteger } from '../fields/integer.js';
import { defineStep } from '../step.js';
import { flowKey } from '../../flow/flowField.js';
import { flowsIn } from './flows/rows.js';
import { addMetric } from './metrics/add.js';
import { orderedMetric } from './metrics/fields.js';

/** `Sum('k')`: the sum of what stands under a key. */
export const sum = defineStep({
  name: 'Sum',
  usage: ["Sum('key')", 'Sum()'],
  doc: 'the sum of the whole numbers under the key; of metrics without a key one metric with the sum of each field',
  on: { nodes: 'value', flows: 'value', metrics: 'value' },
  method: 'Sum',
  read: (call) => call,
  plan(_args, from, call) {
    const [key] = call.args;
    if (from === 'metrics' && key === undefined) {
      return async ({ rows }, run) => {
        let total: Record<string, number> | undefined;
        await run.each(rows as Rows<Keyed<readonly JsonObject[]>>, (piece) => {
          for (const [, samples] of piece) for (const sample of samples) total = addMetric(total, sample);
        });
        return { rows: [[total === undefined ? null : orderedMetric(total)]] };
      };
    }
    if (from !== 'metrics' && call.args.length !== 1) throw call.refuse('Sum requires 1 parameter', call.args[1]);
    if (key!.kind !== 'string')
      throw call.refuse(from === 'metrics' ? 'Argument of Sum must be a string' : 'Sum parameter has to be a string key', key);
    const name = key!.value as string;
    if (from === 'flows') {
      if (!/^(?:Metric|LastUpdateMetric)\./.test(name))
        throw call.refuse('Sum accepts only sub fields of Metric and LastUpadteMetric', key);
      const { read } = flowKey(name);
      return async (input, run) => {
        let total = 0;
        await run.each(flowsIn(input), (piece) => {
          for (const flow of piece) total += Number(read(flow) ?? 0);
        });
        return { rows: [[total]] };
      };
    }
    const read = fieldReader(name);
    return async (input, run) => {
      let total = 0;
      const add = (value: Json | undefined): void => void (total += toInteger(value) ?? 0);
      if (from === 'metrics') {
        await run.each(input.rows as Rows<Keyed<readonly JsonObject[]>>, (piece) => {
          for (const [, samples] of piece) for (const sample of samples) add(Object.hasOwn(sample, name) ? sample[name] : undefined);
        });
      } else {
        await run.each(nodesIn(input), (piece) => {
          for (const node of piece) add(read(node, input.graph));
        });
      }
      return { rows: [[total]] };
    };
  },
});
