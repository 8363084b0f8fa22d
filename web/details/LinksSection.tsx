import type { JSX } from 'react';
import type { DetailsProps } from './DetailsRoom.js';
import { SaveButtons } from '../ui/SaveButtons.js';
import type { NodeInDetail } from './documents.js';
import { Section } from './Section.js';

interface LinksProps {
  readonly node: NodeInDetail;
  readonly onSelect: DetailsProps['onSelect'];
  /** Asks for more of them; `undefined` when no more can be had. */
  readonly onMore: (() => void) | undefined;
}

const lineOf = ({ id, relationType, source, target }: NodeInDetail['edges']['nodes'][number]): Readonly<Record<string, unknown>> => ({
  id,
  relation: relationType,
  from: source.name,
  fromType: source.type,
  fromId: source.id,
  to: target.name,
  toType: target.type,
  toId: target.id,
});

/** What it is linked to, and how. */
export function LinksSection({ node, onSelect, onMore }: LinksProps): JSX.Element {
  const { nodes: edges, totalCount } = node.edges;
  return (
    <Section title={`Links ${totalCount}`}>
      <SaveButtons name="links" rows={edges} lineOf={lineOf} isQuiet />
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
      {totalCount > edges.length && (
        <p className="section-acts">
          {onMore && (
            <button className="button" onClick={onMore}>
              More
            </button>
          )}{' '}
          <span className="small muted">{totalCount - edges.length} more are not listed.</span>
        </p>
      )}
    </Section>
  );
}
