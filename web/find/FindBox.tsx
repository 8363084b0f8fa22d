import type { JSX, KeyboardEvent } from 'react';
import { Icon } from '../ui/Icon.js';
import { useCompleting } from '../ui/useCompleting.js';
import { complete, completed } from './completions.js';
import './find.css';
import type { FindResult } from './useFound.js';

interface FindBoxProps {
  readonly text: string;
  readonly mode: 'dim' | 'hide';
  readonly result: FindResult;
  onText(text: string): void;
  onMode(mode: 'dim' | 'hide'): void;
}

/** Finds by typing: what matches is lit, the rest dimmed or hidden. Completes keys and values from the network. */
export function FindBox({ text, mode, result, onText, onMode }: FindBoxProps): JSX.Element {
  const completing = useCompleting({ text, onText, complete, completed });
  const { reading, failure, found } = result;
  const problem = reading.kind === 'bad' ? reading.message : failure?.message;

  const keys = (event: KeyboardEvent): void => {
    if (completing.press(event)) return;
    if (event.key === 'Enter') completing.close();
    else if (event.key !== 'Escape') return;
    else if (text !== '') onText('');
    else completing.input.ref.current?.blur();
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div className={`find ${problem ? 'is-bad' : ''}`} role="search">
      <Icon name="search" />
      <input
        {...completing.input}
        id="find"
        aria-label="Find or hide"
        aria-invalid={problem !== undefined}
        placeholder="Find:  type:veth host:web-1 state:down ip:10.0.0.0/8"
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
      {completing.list}
      {problem && (
        <p className="find-problem small" role="alert">
          {reading.kind === 'bad' && <code>{text.slice(reading.from, reading.to)}</code>} {problem}
        </p>
      )}
    </div>
  );
}
