import { formatDuration } from '../../common/duration.js';

/** What is asked of `status.projection`. */
export const PROJECTION_FIELDS = 'state url server seq behind lagMs error rebuild { done total } setAside { seq at id error }';

/** How Neo4j follows the log of changes. */
export interface ProjectionRow {
  readonly state: 'CONNECTING' | 'FOLLOWING' | 'REBUILDING' | 'AWAY' | 'STOPPED';
  readonly url: string;
  readonly server: string | null;
  readonly seq: number;
  readonly behind: number;
  readonly lagMs: number;
  readonly error: string | null;
  readonly rebuild: { readonly done: number; readonly total: number } | null;
  readonly setAside: readonly { readonly seq: number; readonly at: string; readonly id: string; readonly error: string }[];
}

/** A database that is this far behind is not just writing its last batch, milliseconds. */
const LATE_MS = 60_000;

/** One line for people. */
export function describeProjection({ state, url, server, behind, lagMs, rebuild }: ProjectionRow): string {
  const where = server === null ? url : `${server} at ${url}`;
  if (rebuild !== null) return `${where}: written anew, ${rebuild.done} of ${rebuild.total}`;
  const lag =
    behind === 0 ? 'up to date' : `${behind} changes behind, the oldest waits for ${formatDuration(Math.ceil(lagMs / 1_000) * 1_000)}`;
  return `${where}: ${state.toLowerCase()}, ${lag}`;
}

/** What somebody should look after. */
export function projectionProblems({ state, error, behind, lagMs, setAside }: ProjectionRow): string[] {
  const problems: string[] = [];
  if (state === 'AWAY') problems.push(`${error ?? 'Neo4j is away'} It is tried again; nothing is lost.`);
  if (state === 'STOPPED') problems.push(error ?? 'Neo4j is not followed any more');
  if (state === 'FOLLOWING' && lagMs > LATE_MS) problems.push(`Neo4j is ${behind} changes behind`);
  if (setAside.length > 0)
    problems.push(`Neo4j refused ${setAside.length} changes, the first with number ${setAside[0]!.seq}; see \`canopy history status\``);
  return problems;
}
