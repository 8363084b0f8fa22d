import type { Json } from '../../common/json.js';
import type { Revision } from '../../graph/element.js';
import { pieces } from '../execute/rows.js';
import type { Run } from '../execute/run.js';
import type { QueriedGraph, Traversal } from '../execute/traversal.js';
import type { Plan } from '../plan.js';
import { instantOf } from '../steps/context.js';
import type { CypherModel } from './model.js';
import { printPlan, reads, type PrintedPlan } from './print.js';
import type { Statement } from './query.js';

/** One row by its columns: elements, read again from what the database holds, and plain values. */
export type DatabaseRow = Readonly<Record<string, Revision | Json | undefined>>;

export interface DatabaseAnswer {
  readonly rows: readonly DatabaseRow[];
  /** The moment that was asked about. Only what it is, where it is and when can be read of it, not what is in it. */
  readonly moment: QueriedGraph;
}

/** A database that keeps the past, and does of plans what it can. */
export interface CypherDatabase {
  readonly model: CypherModel;
  /**
   * What the statement finds at the instant. `undefined` when the database cannot tell, because it is away or has not followed so far: the caller asks
   * elsewhere. Rows are counted in the run, which also says when to stop.
   */
  ask(statements: Readonly<Record<'past' | 'present', Statement>>, instant: number, run: Run): Promise<DatabaseAnswer | undefined>;
}

/** Where a run goes on, after a database has done the first steps. */
export interface PushedDown {
  readonly state: Traversal;
  readonly steps: number;
}

/**
 * Has the database do the first steps of a plan about one past instant, and asks again in memory what it was not sure of. `undefined` for other plans,
 * when the database cannot tell, and when a named element was not found: the graph itself then says whether it was there.
 */
export async function pushDown(plan: Plan, database: CypherDatabase, run: Run, needsGraph: boolean): Promise<PushedDown | undefined> {
  if (reads(plan) !== 'instant') return undefined;
  const instant = instantOf(plan.steps[0]!.call, run.now);
  // What is now is read where it happens.
  if (!(instant < run.now)) return undefined;
  let answered = await asked(plan, database, run, instant, false);
  if (answered !== undefined && isDoubtful(answered)) answered = await asked(plan, database, run, instant, true);
  if (answered === undefined) return undefined;
  const { printed, answer } = answered;
  const rows = checked(answer, printed.statement);
  if (printed.statement.isNamed && (rows.length === 0 || rows[0] === 0)) return undefined;
  const rest = plan.steps.slice(printed.steps);
  const graph = needsGraph || rest.some(({ walks }) => walks) ? await run.source.at(instant) : answer.moment;
  const slice = { from: instant, to: instant };
  const kind = plan.steps[printed.steps - 1]!.gives;
  return { steps: printed.steps, state: { kind, graph, slice, marks: new Map(), rows: run.counted(pieces(rows)) } };
}

interface Answered {
  readonly printed: PrintedPlan;
  readonly answer: DatabaseAnswer;
}

async function asked(plan: Plan, database: CypherDatabase, run: Run, instant: number, isCareful: boolean): Promise<Answered | undefined> {
  const past = printPlan(plan, database.model, 'past', isCareful);
  const present = printPlan(plan, database.model, 'present', isCareful);
  if (past === undefined || present === undefined) return undefined;
  const answer = await database.ask({ past: past.statement, present: present.statement }, instant, run);
  return answer && { printed: past, answer };
}

/** Whether the database met a value that it does not hold, and let it through. */
const isDoubtful = ({ printed, answer }: Answered): boolean =>
  printed.statement.hasDoubts && answer.rows.some(({ doubt }) => doubt === true);

/** What was found, in rows for which everything holds. An element that comes several times is looked at once. */
function checked({ rows, moment }: DatabaseAnswer, { checks }: Statement): unknown[] {
  const tests = checks.map(({ column, filter }) => {
    const test = filter.in(moment);
    const known = new Map<Revision, boolean>();
    return (row: DatabaseRow): boolean => {
      const element = row[column] as Revision;
      let holds = known.get(element);
      if (holds === undefined) known.set(element, (holds = test(element)));
      return holds;
    };
  });
  const found: unknown[] = [];
  for (const row of rows) if (tests.every((test) => test(row))) found.push(row.found);
  return found;
}
