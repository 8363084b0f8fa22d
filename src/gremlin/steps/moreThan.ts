import { defineStep, wholeNumber } from '../step.js';
import type { Json } from '../../common/json.js';
import { filterRows } from '../execute/rows.js';
import type { Keyed, Rows } from '../execute/traversal.js';

/** `MoreThan([n])`: groups with more than one flow, or more than the number given. */
export const moreThan = defineStep({
  name: 'MoreThan',
  usage: ['MoreThan()', 'MoreThan(5)'],
  doc: 'groups with more than one flow, or more than the number given',
  on: { groups: 'groups' },
  read: (call) => call.args.map((argument) => wholeNumber(call, argument)),
  notes: [{ kind: 'mended', text: 'The number is honoured; there it was always 1.' }],
  plan:
    ([least = 1]) =>
    ({ rows }) => ({ rows: filterRows(rows as Rows<Keyed<readonly Json[]>>, ([, group]) => group.length > least) }),
});
