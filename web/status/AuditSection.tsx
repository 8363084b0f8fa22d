import { type JSX, useState } from 'react';
import { useSettled } from '../data/useSettled.js';
import { Instant } from '../ui/Instant.js';
import { Problem } from '../ui/Problem.js';
import { type Column, Table } from '../ui/Table.js';
import { type Entry, useAudit } from './useAudit.js';

const WORD = { DONE: 'UP', FAILED: 'OTHER', REFUSED: 'DOWN' } as const;
const TYPING_MS = 300;

const COLUMNS: readonly Column<Entry>[] = [
  { title: 'When', value: ({ node }) => node.at, show: ({ node }) => <Instant at={node.at} />, width: 'minmax(190px, 1fr)' },
  { title: 'Who', value: ({ node }) => node.who, width: 'minmax(110px, 1fr)' },
  { title: 'What', value: ({ node }) => node.what, width: 'minmax(150px, 1.4fr)' },
  {
    title: 'Outcome',
    value: ({ node }) => node.outcome.toLowerCase(),
    show: ({ node }) => <span className={`state-${WORD[node.outcome]}`}>{node.outcome.toLowerCase()}</span>,
  },
  { title: 'Why not', value: ({ node }) => node.code },
  { title: 'With', value: ({ node }) => node.with, width: 'minmax(180px, 3fr)' },
  { title: 'From', value: ({ node }) => node.from, width: 'minmax(110px, 1fr)' },
];

/** Who changed what, the newest first. For who may read it. */
export function AuditSection(): JSX.Element {
  const [who, setWho] = useState('');
  const [onlyRefused, setOnlyRefused] = useState(false);
  const { entries, failure, hasOlder, older, again } = useAudit(useSettled(who.trim(), TYPING_MS));
  return (
    <section className="audit" aria-label="Who changed what">
      <header className="room-head">
        <h3>Who changed what</h3>
        <input
          className="input"
          aria-label="Only what this user did"
          placeholder="Anybody"
          value={who}
          onChange={(event) => setWho(event.target.value)}
        />
        <button className="button" aria-pressed={onlyRefused} onClick={() => setOnlyRefused(!onlyRefused)}>
          Only what was not done
        </button>
        <button className="button" onClick={again}>
          Read again
        </button>
      </header>
      <Problem message={failure?.message} />
      <Table
        title="Audit"
        columns={COLUMNS}
        rows={onlyRefused ? (entries ?? []).filter(({ node }) => node.outcome !== 'DONE') : (entries ?? [])}
        keyOf={({ cursor }) => cursor}
        empty={entries ? 'Nothing was changed.' : 'Reading…'}
      />
      {hasOlder && (
        <p>
          <button className="button" onClick={older}>
            Earlier entries
          </button>
        </p>
      )}
    </section>
  );
}
