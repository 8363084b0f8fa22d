import { type JSX, useState } from 'react';
import { useAnswer } from '../data/useAnswer.js';
import { Problem } from '../ui/Problem.js';
import { Tree } from '../ui/Tree.js';
import { Metadata } from './documents.js';
import { Section, type SectionProps } from './Section.js';

type MetadataProps = SectionProps & { onFilter(path: string, value: unknown): void };

/** Everything that its source says. */
export const MetadataSection = (props: MetadataProps): JSX.Element => (
  <Section title="Metadata">
    <Everything {...props} />
  </Section>
);

function Everything({ id, at, turn, onFilter }: MetadataProps): JSX.Element {
  const [search, setSearch] = useState('');
  const { data, failure } = useAnswer(Metadata, { id, at: at ?? null }, { subject: id, turn });
  const metadata = data?.node?.metadata;
  return (
    <>
      <input
        className="input section-search"
        type="search"
        placeholder="Search in keys and values"
        aria-label="Search in metadata"
        value={search}
        onChange={(event) => setSearch(event.target.value)}
      />
      <Problem message={failure?.message} />
      {metadata !== undefined && metadata !== null && <Tree value={metadata} search={search} onFilter={onFilter} />}
    </>
  );
}
