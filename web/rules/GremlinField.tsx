import type { JSX } from 'react';
import { useAnswer } from '../data/useAnswer.js';
import { useSettled } from '../data/useSettled.js';
import { count } from '../ui/format.js';
import { CountByGremlin } from './documents.js';

/** Milliseconds after the last letter before it is looked what the string finds. */
const TYPING_MS = 300;

interface GremlinFieldProps {
  readonly title: string;
  readonly text: string;
  onText(text: string): void;
}

/** A Gremlin string, and what it finds now. */
export function GremlinField({ title, text, onText }: GremlinFieldProps): JSX.Element {
  const query = useSettled(text, TYPING_MS);
  const { data, failure } = useAnswer(CountByGremlin, query.trim() === '' ? undefined : { query }, { subject: query });
  const found = data?.gremlin;
  const names = (found?.nodes ?? []).map(({ name }) => name).join(', ');
  return (
    <label className="is-wide">
      {title}
      <input
        className="input mono"
        required
        placeholder="G.V().Has('Name', 'eth0')"
        value={text}
        onChange={(event) => onText(event.target.value)}
      />
      <span className={`small ${failure ? 'state-DOWN' : ''}`} aria-live="polite">
        {failure?.message ?? (found && `${count(found.totalCount)} found now${names && `: ${names}${found.totalCount > 3 ? ', …' : ''}`}`)}
      </span>
    </label>
  );
}
