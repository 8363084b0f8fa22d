import type { Plan } from '../plan.js';
import type { CypherModel } from './model.js';
import { CypherQuery, type Statement } from './query.js';

/** The part of a plan that a database does. */
export interface PrintedPlan {
  readonly statement: Statement;
  /** How many steps of the plan it does, from the first, `Context` included. */
  readonly steps: number;
}

/** Which graph a plan reads as far as that can be told from its first step. */
export const reads = ({ steps: [first] }: Plan): 'present' | 'instant' | 'stretch' =>
  first?.call.name !== 'Context' ? 'present' : first.call.args.length === 1 ? 'instant' : 'stretch';

/**
 * Cypher of the longest beginning of a plan that it can say; `undefined` where it can say nothing of it, and for a stretch of time, of which it does not know
 * how elements ended. `careful`: for when the answer to the statement was doubtful.
 */
export function printPlan(plan: Plan, model: CypherModel, moment: 'past' | 'present', careful = false): PrintedPlan | undefined {
  const kind = reads(plan);
  if (kind === 'stretch') return undefined;
  const query = new CypherQuery(model, moment, careful);
  let steps = kind === 'instant' ? 1 : 0;
  // Measurements are not there.
  while (steps < plan.steps.length && plan.steps[steps]!.measured.length === 0 && plan.steps[steps]!.print(query)) steps++;
  const statement = query.finish();
  return statement && { statement, steps };
}
