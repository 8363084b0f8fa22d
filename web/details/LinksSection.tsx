import type { JSX } from 'react';
import type { DetailsProps } from './DetailsRoom.js';
import type { NodeInDetail } from './documents.js';
import { Section } from './Section.js';

/** What it is linked to, and how. */
export function LinksSection({
  node,
  onSelect,
}: {
  readonly node: NodeInDetail;
  readonly onSelect: DetailsProps['onSelect'];
}): JSX.Element {
  const { nodes: edges, totalCount } = node.edges;
  return (
    <Section title={`Links ${totalCount}`}>
      <ul className="links">
        {edges.map(({ id, relationType, source, target }) => {
          const isSource = source.id === node.id;
          const other = isSource ? target : source;
          const word = relationType === 'ownership' ? (isSource ? 'owns' : 'owned by') : relationType;
          return (
            <li key={id}>
              <button className="link muted small" onClick={() => onSelect({ kind: 'edge', id })}>
                {word}
              </button>
              <button className="link" onClick={() => onSelect({ kind: 'node', id: other.id })}>
                {other.name}
              </button>
              <span className="muted small">{other.type}</span>
              <span className={`small state-${other.state}`}>{other.state.toLowerCase()}</span>
            </li>
          );
        })}
      </ul>
      {totalCount > edges.length && <p className="small muted">{totalCount - edges.length} more are not listed.</p>}
    </Section>
  );
}
