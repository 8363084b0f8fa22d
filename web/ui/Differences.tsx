import { type JSX, useState } from 'react';
import { oneLine } from './format.js';
import './differences.css';

export interface PathChange {
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

const FIRST_PATHS = 8;
const FIRST_CHARACTERS = 160;

/** What was before and what is after, path by path. */
export function Differences({ paths }: { readonly paths: readonly PathChange[] }): JSX.Element | null {
  const [isWhole, setWhole] = useState(false);
  if (paths.length === 0) return null;
  return (
    <dl className="differences small">
      {(isWhole ? paths : paths.slice(0, FIRST_PATHS)).map(({ path, before, after }) => (
        <div key={path}>
          <dt>{path}</dt>
          <dd>
            <del dir="auto">
              <Cut value={before} />
            </del>
            <span aria-hidden="true"> → </span>
            <ins dir="auto">
              <Cut value={after} />
            </ins>
          </dd>
        </div>
      ))}
      {paths.length > FIRST_PATHS && !isWhole && (
        <button className="link small" onClick={() => setWhole(true)}>
          {paths.length - FIRST_PATHS} more
        </button>
      )}
    </dl>
  );
}

/** A long value is cut until somebody wants all of it. */
function Cut({ value }: { readonly value: unknown }): JSX.Element {
  const [isWhole, setWhole] = useState(false);
  const text = oneLine(value);
  if (isWhole || text.length <= FIRST_CHARACTERS) return <>{text}</>;
  return (
    <>
      {text.slice(0, FIRST_CHARACTERS)}…{' '}
      <button className="link small" onClick={() => setWhole(true)}>
        show all ({text.length} characters)
      </button>
    </>
  );
}
