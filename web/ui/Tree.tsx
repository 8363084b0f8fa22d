import { type JSX, useMemo, useState } from 'react';
import { Icon } from './Icon.js';
import { oneLine } from './format.js';
import './tree.css';

interface TreeProps {
  readonly value: unknown;
  /** Shows only what has this text in its path or its value. */
  readonly search?: string;
  /** Adds a button that filters by a path and its value. */
  readonly onFilter?: ((path: string, value: unknown) => void) | undefined;
}

/** Entries of a list or an object that are shown before somebody asks for more. */
const FIRST_ENTRIES = 100;
/** Characters of a text that are shown before somebody asks for all. */
const FIRST_CHARACTERS = 400;

/** Any JSON value as a tree: opened step by step, searched, its values and paths copied. Texts are shown as texts, whatever is in them. */
export function Tree({ value, search = '', onFilter }: TreeProps): JSX.Element {
  const wanted = search.trim().toLowerCase();
  const shown = useMemo(() => (wanted === '' ? value : filtered(value, wanted, '')), [value, wanted]);
  if (shown === undefined) return <p className="muted small">Nothing has “{search}” in it.</p>;
  return (
    <div className="json">
      <Entries value={shown} path="" isOpen={wanted !== ''} onFilter={onFilter} />
    </div>
  );
}

function Entries({
  value,
  path,
  isOpen,
  onFilter,
}: {
  readonly value: unknown;
  readonly path: string;
  readonly isOpen: boolean;
  readonly onFilter: TreeProps['onFilter'];
}): JSX.Element {
  const [most, setMost] = useState(FIRST_ENTRIES);
  const entries = Object.entries(value as object);
  return (
    <ul>
      {entries.slice(0, most).map(([key, entry]) => (
        <Entry
          key={key}
          name={key}
          value={entry}
          path={Array.isArray(value) ? path : path === '' ? key : `${path}.${key}`}
          isOpen={isOpen}
          onFilter={onFilter}
        />
      ))}
      {entries.length > most && (
        <li>
          <button className="link small" onClick={() => setMost(entries.length)}>
            {entries.length - most} more
          </button>
        </li>
      )}
    </ul>
  );
}

interface EntryProps {
  readonly name: string;
  readonly value: unknown;
  readonly path: string;
  readonly isOpen: boolean;
  readonly onFilter: TreeProps['onFilter'];
}

function Entry({ name, value, path, isOpen: isForced, onFilter }: EntryProps): JSX.Element {
  const [isOpened, setOpened] = useState(false);
  const isBranch = typeof value === 'object' && value !== null && Object.keys(value).length > 0;
  const isOpen = isForced || isOpened;
  if (!isBranch) {
    return (
      <li className="json-leaf">
        <span className="json-key">{name}</span>
        <Value value={value} />
        <span className="json-acts">
          <button
            className="button is-plain is-icon"
            title={`Copy the value of ${path}`}
            aria-label={`Copy the value of ${path}`}
            onClick={() => copy(oneLine(value))}
          >
            <Icon name="copy" />
          </button>
          <button className="link small" title={`Copy the path ${path}`} onClick={() => copy(path)}>
            path
          </button>
          {onFilter && isSimple(value) && (
            <button
              className="button is-plain is-icon"
              title={`Find everything with ${path} so`}
              aria-label={`Find everything with ${path} so`}
              onClick={() => onFilter(path, value)}
            >
              <Icon name="filter" />
            </button>
          )}
        </span>
      </li>
    );
  }
  const size = Object.keys(value).length;
  return (
    <li>
      <div className="json-head">
        <button className="json-branch" aria-expanded={isOpen} onClick={() => setOpened(!isOpened)}>
          <span className={`json-mark ${isOpen ? 'is-open' : ''}`}>
            <Icon name="chevron" />
          </span>
          <span className="json-key">{name}</span>
          <span className="muted small">{Array.isArray(value) ? `${size} entries` : `${size} keys`}</span>
        </button>
        <span className="json-acts">
          <button
            className="button is-plain is-icon"
            title={`Copy all of ${path}`}
            aria-label={`Copy all of ${path}`}
            onClick={() => copy(JSON.stringify(value, null, 2))}
          >
            <Icon name="copy" />
          </button>
        </span>
      </div>
      {isOpen && <Entries value={value} path={path} isOpen={isForced} onFilter={onFilter} />}
    </li>
  );
}

function Value({ value }: { readonly value: unknown }): JSX.Element {
  const [isWhole, setWhole] = useState(false);
  const text = oneLine(value);
  const isCut = text.length > FIRST_CHARACTERS && !isWhole;
  return (
    <span className="json-value" dir="auto">
      {isCut ? `${text.slice(0, FIRST_CHARACTERS)}… ` : text}
      {isCut && (
        <button className="link small" onClick={() => setWhole(true)}>
          show all ({text.length} characters)
        </button>
      )}
    </span>
  );
}

const copy = (text: string): void => void navigator.clipboard?.writeText(text);
const isSimple = (value: unknown): boolean => ['string', 'number', 'boolean'].includes(typeof value);

/** The value with only the branches that have the text in their path or their value; `undefined` when nothing has. */
function filtered(value: unknown, wanted: string, path: string): unknown {
  if (path.toLowerCase().includes(wanted)) return value;
  if (typeof value !== 'object' || value === null) return oneLine(value).toLowerCase().includes(wanted) ? value : undefined;
  const kept = Object.entries(value)
    .map(([key, entry]) => [key, filtered(entry, wanted, path === '' ? key : `${path}.${key}`)] as const)
    .filter(([, entry]) => entry !== undefined);
  if (kept.length === 0) return undefined;
  // A list stays one: no path leads through the numbers of its entries.
  return Array.isArray(value) ? kept.map(([, entry]) => entry) : Object.fromEntries(kept);
}
