import type { JSX } from 'react';
import { useAnswer } from '../data/useAnswer.js';
import { count } from '../ui/format.js';
import { Problem } from '../ui/Problem.js';
import { Captures } from './documents.js';
import { Section, type SectionProps } from './Section.js';

type CapturesProps = SectionProps & { onCapture(): void };

/** Captures that run on it, and the way to start one. */
export const CapturesSection = (props: CapturesProps): JSX.Element => (
  <Section title="Captures">
    <Running {...props} />
  </Section>
);

function Running({ id, at, turn, onCapture }: CapturesProps): JSX.Element {
  const { data, failure } = useAnswer(Captures, { id, at: at ?? null }, { subject: id, turn });
  const captures = data?.node?.captures ?? [];
  return (
    <>
      <Problem message={failure?.message} />
      {captures.map(({ captureId, capture, state, error, packetsReceived }) => (
        <p key={captureId}>
          {capture?.name || 'Capture'}: {state.toLowerCase()}, {count(packetsReceived)} packets
          {error && <span className="state-DOWN"> {error}</span>}
        </p>
      ))}
      <p className="section-acts">
        <button className="button" onClick={onCapture}>
          Start a capture
        </button>
      </p>
    </>
  );
}
