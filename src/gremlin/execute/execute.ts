import type { Clock } from '../../common/clock.js';
import { pushDown } from '../cypher/pushDown.js';
import type { Kind } from '../kinds.js';
import { DEFAULT_RUN_LIMITS, type RunLimits } from '../limits.js';
import type { Plan } from '../plan.js';
import { withMeasurements } from './measuredPast.js';
import { noRows } from './rows.js';
import { Run, type GraphSource } from './run.js';
import type { QueriedGraph, Step, TimeSlice, Traversal } from './traversal.js';

/** What a run ends with. The rows are whole; what they hold is shared with the graph. */
export interface Outcome {
  readonly kind: Kind;
  /** Nodes, edges, paths, values, or pairs of id and entry; empty for a graph. */
  readonly rows: readonly unknown[];
  /** The graph that was read last, and that a result of kind `graph` is. */
  readonly graph: QueriedGraph;
  readonly slice: TimeSlice | undefined;
}

export interface RunOptions {
  /** For what is run again and again: a named id that is not there (yet, or any more) finds nothing, where a single question is told of its mistake. */
  readonly absentIsNothing?: boolean;
  readonly source: GraphSource;
  readonly clock: Clock;
  readonly limits?: Partial<RunLimits>;
  /** Stops the run; it then throws the signal's reason. */
  readonly signal?: AbortSignal;
  /** Whether the graph of the outcome is read beyond its rows, and so has to be whole where a database has found these. */
  readonly needsGraph?: boolean;
}

/** Runs the plan. Throws `LIMIT_EXCEEDED`, `DEADLINE_EXCEEDED`, and what steps refuse. */
export async function execute(plan: Plan, options: RunOptions): Promise<Outcome> {
  const { source, clock, limits, signal, absentIsNothing, needsGraph = false } = options;
  const run = new Run(source, { ...DEFAULT_RUN_LIMITS, ...limits }, clock, signal, absentIsNothing);
  run.check();
  const pushed = source.database && (await pushDown(plan, source.database, run, needsGraph));
  let state: Traversal = pushed?.state ?? { kind: 'graph', graph: source.present(), slice: undefined, marks: new Map(), rows: noRows };
  for (const step of plan.steps.slice(pushed?.steps ?? 0)) {
    const { slice: asked } = state;
    if (step.measured.length > 0 && asked !== undefined && !state.graph.isLive) {
      state = await withMeasurements(state, { paths: step.measured, slice: asked, walks: step.walks }, run);
    }
    const change: Step | Promise<Step> = step.execute(state, run);
    const {
      rows = noRows,
      graph = state.graph,
      slice = state.slice,
      marks = state.marks,
    }: Step = isPromise(change) ? await change : change;
    state = { kind: step.gives, graph, slice, marks, rows: run.counted(rows) };
  }
  return { kind: state.kind, rows: await run.all(state.rows), graph: state.graph, slice: state.slice };
}

const isPromise = <T>(value: T | Promise<T>): value is Promise<T> => value instanceof Promise;
