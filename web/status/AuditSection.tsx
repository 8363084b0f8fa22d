import { type JSX, useState } from 'react';
import { graphql, type ResultOf } from '../data/graphql.js';
import { useAnswer } from '../data/useAnswer.js';
import { useSettled } from '../data/useSettled.js';
import { Instant } from '../ui/Instant.js';
import { Problem } from '../ui/Problem.js';
import { type Column, Table } from '../ui/Table.js';

const Audit = graphql(`
  query Audit($who: String) {
    audit(first: 1000, who: $who) {
      at
      who
      what
      with
      outcome
      code
      from
    }
  }
`);
type Entry = NonNullable<ResultOf<typeof Audit>['audit']>[number];

const WORD = { DONE: 'UP', FAILED: 'OTHER', REFUSED: 'DOWN' } as const;
const TYPING_MS = 300;

const COLUMNS: readonly Column<Entry>[] = [
  { title: 'When', value: ({ at }) => at, show: ({ at }) => <Instant at={at} />, width: 'minmax(190px, 1fr)' },
  { title: 'Who', value: ({ who }) => who, width: 'minmax(110px, 1fr)' },
  { title: 'What', value: ({ what }) => what, width: 'minmax(150px, 1.4fr)' },
  {
    title: 'Outcome',
    value: ({ outcome }) => outcome.toLowerCase(),
    show: ({ outcome }) => <span className={`state-${WORD[outcome]}`}>{outcome.toLowerCase()}</span>,
  },
  { title: 'Why not', value: ({ code }) => code },
  { title: 'With', value: (entry) => entry.with, width: 'minmax(180px, 3fr)' },
  { title: 'From', value: ({ from }) => from, width: 'minmax(110px, 1fr)' },
];

/** Who changed what, the newest first. For who may read it. */
export function AuditSection(): JSX.Element {
  const [who, setWho] = useState('');
  const [onlyRefused, setOnlyRefused] = useState(false);
  const [turn, setTurn] = useState(0);
  const asked = useSettled(who.trim(), TYPING_MS);
  const { data, failure } = useAnswer(Audit, { who: asked || null }, { turn });
  const entries = data?.audit ?? [];
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
        <button className="button" onClick={() => setTurn((now) => now + 1)}>
          Read again
        </button>
      </header>
      <Problem message={failure?.message} />
      <Table
        title="Audit"
        columns={COLUMNS}
        rows={onlyRefused ? entries.filter(({ outcome }) => outcome !== 'DONE') : entries}
        keyOf={(entry) => JSON.stringify(entry)}
        empty={data ? 'Nothing was changed.' : 'Reading…'}
      />
    </section>
  );
}
