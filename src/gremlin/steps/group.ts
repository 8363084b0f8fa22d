import { allStrings, defineStep } from '../step.js';
import { flowsAreNotThere } from './flows/absent.js';

/** `Group([k])`: flows in groups, by `TrackingID` unless another key is given. */
export const group = defineStep({
  name: 'Group',
  usage: ['Group()', "Group('Application')"],
  doc: 'flows in groups, by `TrackingID` unless another key is given',
  on: { flows: 'groups' },
  read: (call) => allStrings(call, () => `Group parameters have to be string keys : ${call.listed}`),
  plan: (_args, _from, call) => flowsAreNotThere(call),
});
