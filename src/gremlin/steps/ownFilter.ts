import type { Kind } from '../kinds.js';
import { allCriteria, allFilters, readCriteria, type Filter } from '../predicates/filter.js';
import type { StepCall } from '../step.js';

/** What the parameters of a walking step ask of what it finds, with the filters merged into it; `undefined` when nothing is asked. */
export function ownFilter(call: StepCall, gives: Kind, merged: readonly Filter[]): Filter | undefined {
  const own = call.args.length === 0 ? [] : [allCriteria(readCriteria(call), gives, call)];
  const filters = [...own, ...merged];
  return filters.length === 0 ? undefined : allFilters(filters);
}
