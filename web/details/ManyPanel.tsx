import type { JSX } from 'react';
import { graphql } from '../data/graphql.js';
import { useAnswer } from '../data/useAnswer.js';
import { Problem } from '../ui/Problem.js';
import type { DetailsProps } from './DetailsRoom.js';

const ManyNodes = graphql(`
  query ManyNodes($ids: [ID!]!, $at: DateTime) {
    nodes(filter: { id: $ids }, first: 200, orderBy: { field: NAME }, at: $at) {
      nodes {
        id
        name
        type
        state
        host
      }
    }
  }
`);

/** Several things that are selected: what they are, and what can be done with all of them. */
export function ManyPanel({ ids, at, onSelect, onSelectMany, onCapture }: DetailsProps & { readonly ids: readonly string[] }): JSX.Element {
  const { data, failure } = useAnswer(ManyNodes, { ids: [...ids], at: at ?? null }, { subject: at ?? '' });
  const nodes = (data?.nodes.nodes ?? []).filter(({ id }) => ids.includes(id));
  const types = new Map<string, number>();
  for (const { type } of nodes) types.set(type, (types.get(type) ?? 0) + 1);
  return (
    <div className="details-body">
      <header>
        <p className="small muted">Selection</p>
        <h2 className="details-name">{ids.length} things</h2>
        <p className="small muted">{[...types].map(([type, count]) => `${count} ${type}`).join(' · ')}</p>
      </header>
      <Problem message={failure?.message} />
      <p className="many-acts">
        <button className="button" onClick={onCapture}>
          Capture on all of them
        </button>
        <button className="button" onClick={() => onSelect(undefined)}>
          Select none
        </button>
      </p>
      <ul className="many" aria-label="Selected things">
        {nodes.map(({ id, name, type, state, host }) => (
          <li key={id}>
            <button className={`link state-${state}`} dir="auto" onClick={() => onSelect({ kind: 'node', id })}>
              {name}
            </button>
            <span className="small muted">
              {type} · {state.toLowerCase()} · {host}
            </span>
            <button
              className="button is-plain small"
              aria-label={`Take ${name} out of the selection`}
              onClick={() => onSelectMany(ids.filter((other) => other !== id))}
            >
              −
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
