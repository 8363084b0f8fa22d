import type { Journal } from '../../journal/journal.js';
import type { Projection } from './position.js';
import type { SetAside } from './setAside.js';

export type ProjectionState = 'CONNECTING' | 'FOLLOWING' | 'REBUILDING' | 'AWAY' | 'STOPPED';

/** How the projection fares. */
export interface ProjectionStatus {
  /** `AWAY`: the database does not answer and is tried again. `STOPPED`: only a person can help; `error` says how. */
  readonly state: ProjectionState;
  readonly url: string;
  /** What the server says of itself, once it was reached. */
  readonly server: string | undefined;
  /** The last change that is in the database. */
  readonly seq: number;
  /** Durable changes that are not there yet, and how long the oldest of them waits, ms. */
  readonly behind: number;
  readonly lagMs: number;
  /** Why it is away or stopped. */
  readonly error: string | undefined;
  /** Since the start. */
  readonly written: number;
  readonly retries: number;
  /** Changes that the database refused, oldest first. */
  readonly setAside: readonly SetAside[];
  /** Elements of the journal's beginning and changes that are written, of how many, while `REBUILDING`. */
  readonly rebuild: { readonly done: number; readonly total: number } | undefined;
}

/** How far a rebuild is; `baseSize` is how many elements the journal begins with. */
export function progressOf({ phase, seq, baseDone }: Projection, baseSize: number, journal: Journal): ProjectionStatus['rebuild'] {
  const before = journal.oldestSeq - 1;
  const done = phase === 'follow' ? baseSize + Math.max(0, seq - before) : baseDone;
  return { done, total: baseSize + journal.keptSeq - before };
}
