import { type JSX, useState } from 'react';
import { useAnswer } from '../data/useAnswer.js';
import { Problem } from '../ui/Problem.js';
import { History } from './documents.js';
import { RevisionList } from './RevisionList.js';
import { Section, type SectionProps } from './Section.js';

type HistoryProps = SectionProps & { onTime(at: string): void };

/** Its changes, newest first, with what was different. */
export const HistorySection = (props: HistoryProps): JSX.Element => (
  <Section title="History">
    <Revisions {...props} />
  </Section>
);

/** Changes that are read at first, and as a multiple when more are wanted; a question gives no more than `MOST`. */
const FIRST = 50;
const MORE = 4;
const MOST = 1_000;

function Revisions({ id, at, turn, onTime }: HistoryProps): JSX.Element {
  const [first, setFirst] = useState(FIRST);
  const { data, failure } = useAnswer(History, { id, at: at ?? null, first }, { subject: id, turn });
  const history = data?.node?.history;
  const older = history ? history.totalCount - history.nodes.length : 0;
  return (
    <>
      <Problem message={failure?.message} />
      <RevisionList name="history" changes={history?.nodes ?? []} onTime={onTime} />
      {older > 0 && (
        <p className="section-acts">
          {first < MOST && (
            <button className="button" onClick={() => setFirst(Math.min(MOST, first * MORE))}>
              Earlier changes
            </button>
          )}{' '}
          <span className="small muted">{older} older changes.</span>
        </p>
      )}
    </>
  );
}
