import type { Json } from '../../common/json.js';
import { isJsonObject, readPath } from '../../graph/metadataPath.js';
import { filterRows, mapRows } from '../execute/rows.js';
import { elementsIn, type Keyed, type Rows } from '../execute/traversal.js';
import { allCriteria, objectTest, readCriteria } from '../predicates/filter.js';
import { defineStep, type StepCall } from '../step.js';
import { flowsIn, flowTest } from './flows/rows.js';
import { keepingSome } from './sockets/connections.js';

/** `Has('k', v, …)`: what has the key, or the value under it. */
export const has = defineStep({
  name: 'Has',
  usage: ["Has('key')", "Has('key', value)", "Has('key1', value1, 'key2', Regex('…'))"],
  doc: 'keeps what has the key, or all of the values; a value is a string, a number, a boolean or a predicate',
  on: { nodes: 'nodes', edges: 'edges', values: 'values', value: 'value', flows: 'flows', sockets: 'sockets' },
  method: 'Has',
  notes: [
    {
      kind: 'kept',
      text: 'Plain `ID` or `Host` are metadata keys; the attributes are `@ID`, `@Host`, `@Origin`, `@CreatedAt`, `@UpdatedAt`, `@DeletedAt`, `@Revision`.',
    },
    { kind: 'kept', text: 'On nodes one matching entry of a list is enough; on edges lists never match.' },
    {
      kind: 'kept',
      text: 'Numbers are compared as whole numbers: fractions are cut, `true` is 1, and a text that is a whole number counts as that number.',
    },
    { kind: 'kept', text: '`Parent` and `Child` of edges are seen by comparisons of texts only; to `HasKey` and `Ne` they are not there.' },
  ],
  read: (call) => call,
  filter: (_args, from, call) => allCriteria(criteriaOf(call), from, call),
  plan(_args, from, call) {
    if (from === 'flows') {
      const test = flowTest(call, false);
      return (input) => ({ rows: filterRows(flowsIn(input), test) });
    }
    const criteria = criteriaOf(call);
    if (from === 'sockets') {
      if (call.args.length < 2) throw call.refuse('At least two parameters must be provided');
      const test = objectTest(criteria, connectionField, false, call);
      return ({ rows }) => ({ rows: mapRows(rows as Rows<Keyed<readonly Json[]>>, keepingSome(test)) });
    }
    if (from === 'values' || from === 'value') {
      const test = objectTest(criteria, connectionField, false, call);
      // A single value stays as it is; of a list only objects can have a key.
      if (from === 'value') return ({ rows }) => ({ rows });
      return ({ rows }) => ({ rows: filterRows(rows as Rows<Json>, (value) => isJsonObject(value) && test(value)) });
    }
    const filter = allCriteria(criteria, from, call);
    return (input) => ({ rows: filterRows(elementsIn(input), filter.in(input.graph)) });
  },
  print: (query, _args, from, call) => (from === 'nodes' || from === 'edges') && query.where(allCriteria(criteriaOf(call), from, call)),
});

function criteriaOf(call: StepCall) {
  if (call.args.length === 0) throw call.refuse('At least one parameter must be provided');
  return readCriteria(call);
}

const connectionField = (item: Json, key: string): Json | undefined => (isJsonObject(item) ? readPath(item, key) : undefined);
