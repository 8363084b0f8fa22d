import type { JSX } from 'react';
import { useAnswer } from '../data/useAnswer.js';
import { Problem } from '../ui/Problem.js';
import { Tree } from '../ui/Tree.js';
import { Metadata } from './documents.js';
import { SearchField } from './SearchField.js';
import { Section, type SectionProps } from './Section.js';

type MetadataProps = SectionProps & { onFilter(path: string, value: unknown): void };

/** Everything that its source says. */
export const MetadataSection = (props: MetadataProps): JSX.Element => (
  <Section title="Metadata">
    <Everything {...props} />
  </Section>
);

function Everything({ id, at, turn, onFilter }: MetadataProps): JSX.Element {
  const { data, failure } = useAnswer(Metadata, { id, at: at ?? null }, { subject: id, turn });
  const metadata = data?.node?.metadata;
  return (
    <SearchField>
      {(search) => (
        <>
          <Problem message={failure?.message} />
          {metadata !== undefined && metadata !== null && <Tree value={metadata} search={search} onFilter={onFilter} />}
        </>
      )}
    </SearchField>
  );
}
