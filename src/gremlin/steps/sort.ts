import type { Json } from '../../common/json.js';
import type { NodeRevision } from '../../graph/element.js';
import { argumentText } from '../argument.js';
import { pieces } from '../execute/rows.js';
import { nodesIn } from '../execute/traversal.js';
import { fieldReader } from '../fields/field.js';
import { toInteger } from '../fields/integer.js';
import { defineStep, type StepCall } from '../step.js';
import { flowsAreNotThere } from './flows/absent.js';

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
  plan({ key = 'CreatedAt', isDescending }, from, call) {
    if (from === 'flows') return flowsAreNotThere(call);
    const read = fieldReader(key);
    const sign = isDescending ? -1 : 1;
    return async (input, run) => {
      const nodes = await run.all(nodesIn(input));
      const keyed = nodes.map((node) => sortable(node, read(node, input.graph)));
      keyed.sort((a, b) => sign * compare(a, b));
      return { rows: pieces(keyed.map(({ node }) => node)) };
    };
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

interface Sortable {
  readonly node: NodeRevision;
  readonly number: number | undefined;
  readonly text: string;
}

const sortable = (node: NodeRevision, value: Json | undefined): Sortable => ({
  node,
  number: toInteger(value),
  text: typeof value === 'string' ? value : '',
});

const compare = (a: Sortable, b: Sortable): number => {
  if (a.number !== undefined) return a.number - (b.number ?? 0);
  return a.text < b.text ? -1 : a.text > b.text ? 1 : 0;
};
