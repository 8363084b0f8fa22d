import type { JSX } from 'react';
import { useAnswer } from '../data/useAnswer.js';
import { Differences } from '../ui/Differences.js';
import { Instant } from '../ui/Instant.js';
import { Problem } from '../ui/Problem.js';
import { History } from './documents.js';
import { Section, type SectionProps } from './Section.js';

type HistoryProps = SectionProps & { onTime(at: string): void };

/** Its changes, newest first, with what was different. */
export const HistorySection = (props: HistoryProps): JSX.Element => (
  <Section title="History">
    <Revisions {...props} />
  </Section>
);

const WORDS = { ADDED: 'appeared', REMOVED: 'went', UPDATED: 'changed' } as const;

function Revisions({ id, at, turn, onTime }: HistoryProps): JSX.Element {
  const { data, failure } = useAnswer(History, { id, at: at ?? null }, { subject: id, turn });
  const history = data?.node?.history;
  return (
    <>
      <Problem message={failure?.message} />
      <ol className="history">
        {history?.nodes.map(({ cursor, op, at: when, reason, paths }) => (
          <li key={cursor}>
            <p>
              <button className="link" onClick={() => onTime(when)} title="Go to this moment">
                <Instant at={when} />
              </button>{' '}
              {WORDS[op]}
              {reason && <span className="muted"> ({reason.toLowerCase().replaceAll('_', ' ')})</span>}
            </p>
            <Differences paths={paths} />
          </li>
        ))}
      </ol>
      {history && history.totalCount > history.nodes.length && (
        <p className="small muted">{history.totalCount - history.nodes.length} older changes.</p>
      )}
    </>
  );
}
