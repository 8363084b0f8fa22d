import type { JSX } from 'react';
import { Differences, type PathChange } from '../ui/Differences.js';
import { Instant } from '../ui/Instant.js';
import { SaveButtons } from '../ui/SaveButtons.js';

interface RevisionChange {
  readonly cursor: string;
  readonly op: 'ADDED' | 'REMOVED' | 'UPDATED';
  readonly at: string;
  readonly reason: string | null;
  readonly paths: readonly PathChange[];
}

interface RevisionListProps {
  /** Of the files. */
  readonly name: string;
  readonly changes: readonly RevisionChange[];
  /** Goes to a moment. */
  onTime(at: string): void;
}

const WORDS = { ADDED: 'appeared', REMOVED: 'went', UPDATED: 'changed' } as const;

/** Changes of one thing, with what was different each time. */
export const RevisionList = ({ name, changes, onTime }: RevisionListProps): JSX.Element => (
  <>
    <SaveButtons name={name} rows={changes} lineOf={({ at, op, reason, paths }) => ({ at, op, reason, paths })} isQuiet />
    <ol className="history">
      {changes.map(({ cursor, op, at, reason, paths }) => (
        <li key={cursor}>
          <p>
            <button className="link" onClick={() => onTime(at)} title="Go to this moment">
              <Instant at={at} />
            </button>{' '}
            {WORDS[op]}
            {reason && <span className="muted"> ({reason.toLowerCase().replaceAll('_', ' ')})</span>}
          </p>
          <Differences paths={paths} />
        </li>
      ))}
    </ol>
  </>
);
