import type { Executor } from './execute/traversal.js';
import { bestLookup } from './execute/source.js';
import type { CypherQuery } from './cypher/query.js';
import { measuredPaths } from './execute/measuredPast.js';
import { GO_TYPES, type Kind } from './kinds.js';
import type { ParsedQuery, ParsedStep } from './parse.js';
import type { Filter } from './predicates/filter.js';
import type { StepCall } from './step.js';

/** A step, checked and compiled. */
export interface PlannedStep {
  readonly call: StepCall;
  readonly takes: Kind;
  readonly gives: Kind;
  /** Filters behind it that it does itself. */
  readonly merged: readonly StepCall[];
  /** The index that leads to its elements; `undefined` where all are looked at, or where it starts from what was found before. */
  readonly index: string | undefined;
  /** Whether it reads more of the graph than its rows. */
  readonly walks: boolean;
  /** What it reads of measurements, where these are not in the graph: at an instant of the past. */
  readonly measured: readonly string[];
  readonly execute: Executor;
  /** Adds the step to a statement, where it can be said there. */
  readonly print: (query: CypherQuery) => boolean;
}

/** What runs, as often as one likes: nothing in it depends on a graph or an instant. */
export interface Plan {
  readonly source: string;
  readonly steps: readonly PlannedStep[];
  readonly gives: Kind;
}

/** What has measurements of its own, and what asks another store for them. */
const ofElements: ReadonlySet<Kind> = new Set<Kind>(['graph', 'nodes', 'edges']);
const ofOthers: ReadonlySet<Kind> = new Set<Kind>(['metrics', 'flows']);

/** Checks each step against what comes before it, brings the steps into the order in which they run, and compiles them. Throws `BAD_INPUT` with Skydive's text. */
export function plan({ source, steps }: ParsedQuery): Plan {
  const planned: PlannedStep[] = [];
  const waiting = filtersFirst(steps);
  let kind: Kind = 'graph';
  const isPast = steps[0]?.definition.name === 'Context' && steps[0].call.args.length === 1;
  const measuredBy = (call: StepCall): readonly string[] => (isPast ? measuredPaths(call) : []);
  for (let index = 0; index < waiting.length;) {
    const step = waiting[index++]!;
    const gives = outcomeOf(step, kind);
    const filters: Filter[] = [];
    const merged: StepCall[] = [];
    // Whose readings a filter needs is known when its rows are.
    while (step.definition.mergesFilters && waiting[index]?.definition.filter && measuredBy(waiting[index]!.call).length === 0) {
      const next = waiting[index++]!;
      outcomeOf(next, gives);
      filters.push(next.definition.filter!(next.args, gives, next.call));
      merged.push(next.call);
    }
    const { definition, args, call } = step;
    const takes = kind;
    planned.push({
      call,
      takes,
      gives,
      merged,
      index: bestLookup(filters)?.key,
      walks: definition.walks ?? false,
      measured: ofElements.has(takes) && !ofOthers.has(gives) ? measuredBy(call) : [],
      execute: definition.plan(args, takes, call, filters),
      print: (query) => definition.print?.(query, args, takes, call, filters) ?? false,
    });
    kind = gives;
  }
  return { source, steps: planned, gives: kind };
}

/** The kind after the step; an error in the dialect's words where the step does not go with the kind. */
function outcomeOf({ definition, call }: ParsedStep, kind: Kind): Kind {
  const gives = definition.on[kind];
  if (gives !== undefined) return gives;
  const { method } = definition;
  throw call.refuse(method === undefined ? 'Error while executing the query' : `Invalid step '${method}' on '${GO_TYPES[kind]}'`);
}

/** Where the dialect lets a source take a limit and then a filter for itself, it filters first: `V().Limit(1).Has('Type', 'x')` is the first x. */
function filtersFirst(steps: readonly ParsedStep[]): ParsedStep[] {
  const ordered = [...steps];
  for (let index = 0; index + 2 < ordered.length; index++) {
    const [source, limit, has] = ordered.slice(index, index + 3) as [ParsedStep, ParsedStep, ParsedStep];
    const least = source.definition.hasGoesFirst;
    if (least === undefined || source.call.args.length > 0 || has.definition.name !== 'Has' || has.call.args.length < least) continue;
    if (limit.definition.name !== 'Limit' && limit.definition.name !== 'Range') continue;
    ordered.splice(index + 1, 2, has, limit);
  }
  return ordered;
}
