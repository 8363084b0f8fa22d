import { type JSX, type KeyboardEvent, useLayoutEffect, useRef, useState } from 'react';
import { Icon } from '../ui/Icon.js';
import './find.css';
import { completed, useCompletions } from './useCompletions.js';
import type { FindResult } from './useFound.js';

interface FindBoxProps {
  readonly text: string;
  readonly mode: 'dim' | 'hide';
  readonly result: FindResult;
  onText(text: string): void;
  onMode(mode: 'dim' | 'hide'): void;
}

const LIST = 'find-completions';

/** Finds by typing: what matches is lit, the rest dimmed or hidden. Completes keys and values from the network. */
export function FindBox({ text, mode, result, onText, onMode }: FindBoxProps): JSX.Element {
  const input = useRef<HTMLInputElement>(null);
  const [caret, setCaret] = useState(text.length);
  const [isOpen, setOpen] = useState(false);
  const [chosen, setChosen] = useState(-1);
  // Where the caret goes with the text that was completed: before the next letter is typed.
  const moved = useRef<number>(undefined);
  useLayoutEffect(() => {
    if (moved.current === undefined) return;
    input.current?.setSelectionRange(moved.current, moved.current);
    moved.current = undefined;
  }, [text]);
  const completions = useCompletions(text, caret, isOpen);
  const { reading, failure, found } = result;
  const problem = reading.kind === 'bad' ? reading.message : failure?.message;

  const take = (index: number): void => {
    const completion = completions[index];
    if (!completion) return;
    const { next, at, goesOn } = completed(text, caret, completion);
    onText(next);
    setChosen(-1);
    setCaret(at);
    setOpen(goesOn);
    moved.current = at;
  };
  const keys = (event: KeyboardEvent): void => {
    const isShown = isOpen && completions.length > 0;
    if (event.key === 'ArrowDown' && isShown) setChosen((now) => (now + 1) % completions.length);
    else if (event.key === 'ArrowUp' && isShown) setChosen((now) => (now <= 0 ? completions.length : now) - 1);
    else if ((event.key === 'Enter' || event.key === 'Tab') && isShown && chosen >= 0) take(chosen);
    else if (event.key === 'Enter') setOpen(false);
    else if (event.key === 'Escape') {
      if (isShown) setOpen(false);
      else if (text !== '') onText('');
      else input.current?.blur();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div className={`find ${problem ? 'is-bad' : ''}`} role="search">
      <Icon name="search" />
      <input
        id="find"
        ref={input}
        role="combobox"
        aria-label="Find or hide"
        aria-expanded={isOpen && completions.length > 0}
        aria-controls={LIST}
        aria-autocomplete="list"
        aria-activedescendant={chosen >= 0 ? `${LIST}-${chosen}` : undefined}
        aria-invalid={problem !== undefined}
        placeholder="Find:  type:veth host:web-1 state:down ip:10.0.0.0/8"
        spellCheck={false}
        autoComplete="off"
        value={text}
        onChange={(event) => {
          onText(event.target.value);
          setCaret(event.target.selectionStart ?? event.target.value.length);
          setOpen(true);
          setChosen(-1);
        }}
        onSelect={(event) => setCaret(event.currentTarget.selectionStart ?? 0)}
        onFocus={() => setOpen(true)}
        onBlur={() => setOpen(false)}
        onKeyDown={keys}
      />
      {text !== '' && (
        <>
          <span className="find-count small muted" aria-live="polite">
            {problem ? '' : found ? `${found.total} found` : '…'}
          </span>
          <button
            className="button is-plain small"
            aria-pressed={mode === 'hide'}
            title="Leave out what does not match"
            onClick={() => onMode(mode === 'hide' ? 'dim' : 'hide')}
          >
            Hide rest
          </button>
          <button className="button is-plain is-icon" aria-label="Clear" onClick={() => onText('')}>
            <Icon name="close" />
          </button>
        </>
      )}
      <ul id={LIST} role="listbox" aria-label="Completions" className="find-list" hidden={!isOpen || completions.length === 0}>
        {completions.map(({ text: complete, note }, index) => (
          <li
            key={complete}
            id={`${LIST}-${index}`}
            role="option"
            aria-selected={index === chosen}
            onPointerDown={(event) => {
              event.preventDefault();
              take(index);
            }}
          >
            <span className="mono">{complete}</span> <span className="muted small">{note}</span>
          </li>
        ))}
      </ul>
      {problem && (
        <p className="find-problem small" role="alert">
          {reading.kind === 'bad' && <code>{text.slice(reading.from, reading.to)}</code>} {problem}
        </p>
      )}
    </div>
  );
}
