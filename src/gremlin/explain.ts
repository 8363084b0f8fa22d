import { KIND_NAMES } from './kinds.js';
import type { Plan } from './plan.js';

/** One line of a plan. */
export interface ExplainedStep {
  /** As written, with the filters that it does itself. */
  readonly step: string;
  readonly takes: string;
  readonly gives: string;
  /** How it finds its elements: by which index, or by looking at all. Left out where it goes on from what was found before. */
  readonly access: string | undefined;
}

const SOURCES = new Set(['V', 'E']);

/** The plan for people. */
export const explain = (plan: Plan): ExplainedStep[] =>
  plan.steps.map(({ call, merged, takes, gives, index }) => ({
    step: [call, ...merged].map(({ text }) => text).join('.'),
    takes: KIND_NAMES[takes],
    gives: KIND_NAMES[gives],
    access: SOURCES.has(call.name) ? accessOf(call.args.length > 0, index) : undefined,
  }));

function accessOf(hasId: boolean, index: string | undefined): string {
  if (hasId || index === 'ID') return 'by id';
  return index === undefined ? 'looks at all' : `index on ${index}`;
}
