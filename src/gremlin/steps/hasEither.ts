import type { Json } from '../../common/json.js';
import { isJsonObject, readPath } from '../../graph/metadataPath.js';
import { filterRows, mapRows } from '../execute/rows.js';
import { elementsIn, type Keyed, type Rows } from '../execute/traversal.js';
import { anyCriterion, objectTest, readCriteria } from '../predicates/filter.js';
import { defineStep, type StepCall } from '../step.js';
import { flowsIn, flowTest } from './flows/rows.js';
import { keepingSome } from './sockets/connections.js';

/** `HasEither('k1', v1, …)`: what has one of the values. */
export const hasEither = defineStep({
  name: 'HasEither',
  usage: ["HasEither('key1', value1, 'key2', value2)"],
  doc: 'keeps what has at least one of the values',
  on: { nodes: 'nodes', edges: 'edges', flows: 'flows', sockets: 'sockets' },
  method: 'HasEither',
  read: (call) => call,
  filter: (_args, from, call) => anyCriterion(criteriaOf(call), from, call),
  plan(_args, from, call) {
    if (from === 'flows') {
      const test = flowTest(call, true);
      return (input) => ({ rows: filterRows(flowsIn(input), test) });
    }
    const criteria = criteriaOf(call);
    if (from === 'sockets') {
      const test = objectTest(criteria, (item, key) => (isJsonObject(item) ? readPath(item, key) : undefined), true, call);
      return ({ rows }) => ({ rows: mapRows(rows as Rows<Keyed<readonly Json[]>>, keepingSome(test)) });
    }
    const filter = anyCriterion(criteria, from, call);
    return (input) => ({ rows: filterRows(elementsIn(input), filter.in(input.graph)) });
  },
  print: (query, _args, from, call) => (from === 'nodes' || from === 'edges') && query.where(anyCriterion(criteriaOf(call), from, call)),
});

function criteriaOf(call: StepCall) {
  if (call.args.length === 0) throw call.refuse('At least one parameter must be provided');
  return readCriteria(call);
}
