import { KIND_NAMES } from './kinds.js';
import type { Json } from '../common/json.js';
import { printPlan, reads } from './cypher/print.js';
import type { CypherModel } from './cypher/model.js';
import type { Plan } from './plan.js';
import { instantOf } from './steps/context.js';

/** One line of a plan. */
export interface ExplainedStep {
  /** As written, with the filters that it does itself. */
  readonly step: string;
  readonly takes: string;
  readonly gives: string;
  /** How it finds its elements: by which index, or by looking at all. Left out where it goes on from what was found before. */
  readonly access: string | undefined;
  /** Whether the database does it. */
  readonly inDatabase: boolean;
}

/** What a database is asked for a plan. */
export interface ExplainedStatement {
  readonly statement: string;
  readonly parameters: Readonly<Record<string, Json>>;
  /** Whether its rows are looked at again in memory, because it cannot say all of the filters. */
  readonly isChecked: boolean;
}

export interface Explained {
  readonly steps: readonly ExplainedStep[];
  readonly cypher: ExplainedStatement | undefined;
}

const SOURCES = new Set(['V', 'E']);

/** The plan for people. `database`: what keeps the past beside us, and the time now; it does its part of plans about one past instant. */
export function explain(plan: Plan, database?: { readonly model: CypherModel; readonly now: number }): Explained {
  const printed = database && reads(plan) === 'instant' ? printPlan(plan, database.model, 'past') : undefined;
  const steps = plan.steps.map(({ call, merged, takes, gives, index }, place) => ({
    step: [call, ...merged].map(({ text }) => text).join('.'),
    takes: KIND_NAMES[takes],
    gives: KIND_NAMES[gives],
    access: SOURCES.has(call.name) ? accessOf(call.args.length > 0, index) : undefined,
    inDatabase: printed !== undefined && place < printed.steps,
  }));
  if (printed === undefined) return { steps, cypher: undefined };
  const { text, parameters, checks } = printed.statement;
  const t = instantOf(plan.steps[0]!.call, database!.now);
  const atTime = { ...parameters, t, slots: database!.model.slotsAt(t) };
  return { steps, cypher: { statement: text, parameters: atTime, isChecked: checks.length > 0 } };
}

function accessOf(hasId: boolean, index: string | undefined): string {
  if (hasId || index === 'ID') return 'by id';
  return index === undefined ? 'looks at all' : `index on ${index}`;
}
