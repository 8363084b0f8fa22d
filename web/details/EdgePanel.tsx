import type { JSX } from 'react';
import { useAnswer } from '../data/useAnswer.js';
import { Instant } from '../ui/Instant.js';
import { Problem } from '../ui/Problem.js';
import { Tree } from '../ui/Tree.js';
import type { DetailsProps } from './DetailsRoom.js';
import { EdgeDetails } from './documents.js';
import { Facts } from '../ui/Facts.js';
import { RatesSection } from './RatesSection.js';
import { Section } from './Section.js';

/** A link: its ends, since when it is there, and the traffic of the interface that it starts at. */
export function EdgePanel({ id, at, onSelect, onFilter }: DetailsProps & { readonly id: string }): JSX.Element {
  const { data, failure, isAsking } = useAnswer(EdgeDetails, { id, at: at ?? null }, { subject: id });
  const edge = data?.edge;
  if (!edge) {
    return (
      <div className="details-body">
        <Problem message={failure?.message} />
        {!failure && <p className="muted">{isAsking ? 'Reading…' : 'There is no such link at this instant.'}</p>}
      </div>
    );
  }
  const to = ({ id: end, name, host }: { readonly id: string; readonly name: string; readonly host: string }): JSX.Element => (
    <button className="link" onClick={() => onSelect({ kind: 'node', id: end })}>
      {name} <span className="muted">on {host}</span>
    </button>
  );
  return (
    <div className="details-body">
      <header>
        <p className="small muted">Link</p>
        <h2 className="details-name">
          {edge.source.name} – {edge.target.name}
        </h2>
      </header>
      <Facts
        facts={[
          ['Relation', edge.relationType],
          ['From', to(edge.source)],
          ['To', to(edge.target)],
          ['Published by', edge.origin],
          ['Seen since', <Instant key="since" at={edge.createdAt} />],
          ['Changed', <Instant key="changed" at={edge.updatedAt} />],
        ]}
      />
      {edge.source.__typename === 'NetworkInterface' && <RatesSection id={edge.source.id} at={at} turn={0} />}
      <Section title="Metadata" isOpen>
        <Tree value={edge.metadata ?? {}} onFilter={onFilter} />
      </Section>
    </div>
  );
}
