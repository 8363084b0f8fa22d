import { defineStep, wholeNumber } from '../step.js';
import { flowsAreNotThere } from './flows/absent.js';

/** `MoreThan([n])`: groups with more than one flow, or more than the number given. */
export const moreThan = defineStep({
  name: 'MoreThan',
  usage: ['MoreThan()', 'MoreThan(5)'],
  doc: 'groups with more than one flow, or more than the number given',
  on: { groups: 'groups' },
  read: (call) => call.args.map((argument) => wholeNumber(call, argument)),
  plan: (_args, _from, call) => flowsAreNotThere(call),
});
