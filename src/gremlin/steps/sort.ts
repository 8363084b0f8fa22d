import type { Json } from '../../common/json.js';
import { argumentText } from '../argument.js';
import { pieces } from '../execute/rows.js';
import { nodesIn, type Rows } from '../execute/traversal.js';
import { fieldReader } from '../fields/field.js';
import { toInteger } from '../fields/integer.js';
import { defineStep, type StepCall } from '../step.js';
import { flowKey } from '../../flow/flowField.js';
import { flowsIn } from './flows/rows.js';

interface Order {
  readonly key: string | undefined;
  readonly isDescending: boolean;
}

/** `Sort([ASC|DESC,] [key])`. */
export const sort = defineStep<Order>({
  name: 'Sort',
  usage: ['Sort()', "Sort('key')", 'Sort(DESC)', "Sort(DESC, '@CreatedAt')"],
  doc: 'in the order of a key, rising unless `DESC` is given; as whole numbers where the left one can be one, as texts otherwise',
  on: { nodes: 'nodes', flows: 'flows' },
  method: 'Sort',
  notes: [{ kind: 'kept', text: "Without a key nodes are compared by the metadata key `CreatedAt`, which none has: give `'@CreatedAt'`." }],
  read: readOrder,
  plan({ key, isDescending }, from) {
    const sign = isDescending ? -1 : 1;
    if (from === 'flows') {
      const { read } = flowKey(key ?? 'Last');
      return async (input, run) => ({ rows: sorted(await run.all(flowsIn(input)), read, sign) });
    }
    const read = fieldReader(key ?? 'CreatedAt');
    return async (input, run) => ({ rows: sorted(await run.all(nodesIn(input)), (node) => read(node, input.graph), sign) });
  },
});

function readOrder(call: StepCall): Order {
  const [first, second] = call.args;
  if (call.args.length > 2) throw call.misread(`Sort accepts 1 predicate and 1 string parameter : ${call.listed}`, call.args[2]);
  if (first === undefined) return { key: undefined, isDescending: false };
  if (second === undefined && first.kind === 'string') return { key: first.value, isDescending: false };
  if (first.kind !== 'constant') {
    const message = second === undefined ? 'Sort parameter has to be a string key' : 'Use ASC or DESC predicate';
    throw call.misread(`${message} : ${argumentText(first)}`, first);
  }
  if (first.value !== 'ASC' && first.value !== 'DESC') throw call.misread(`Use ASC or DESC predicate : ${first.value}`, first);
  if (second !== undefined && second.kind !== 'string') {
    throw call.misread(`Second sort parameter has to be a string key : ${argumentText(second)}`, second);
  }
  return { key: second?.value, isDescending: first.value === 'DESC' };
}

interface Sortable<Row> {
  readonly row: Row;
  readonly number: number | undefined;
  readonly text: string;
}

function sorted<Row>(rows: readonly Row[], read: (row: Row) => Json | undefined, sign: number): Rows<Row> {
  const keyed = rows.map((row) => sortable(row, read(row)));
  keyed.sort((a, b) => sign * compare(a, b));
  return pieces(keyed.map(({ row }) => row));
}

const sortable = <Row>(row: Row, value: Json | undefined): Sortable<Row> => ({
  row,
  number: toInteger(value),
  text: typeof value === 'string' ? value : '',
});

const compare = (a: Sortable<unknown>, b: Sortable<unknown>): number => {
  if (a.number !== undefined) return a.number - (b.number ?? 0);
  return a.text < b.text ? -1 : a.text > b.text ? 1 : 0;
};
