import type { Executor } from '../../execute/traversal.js';
import type { StepCall } from '../../step.js';

/** What a step on flows answers with: strings about flows are read and planned, and there are no flows to run them on. */
export const flowsAreNotThere =
  (call: StepCall): Executor =>
  () => {
    throw call.refuse('flows are not captured by this analyzer yet');
  };
