import { type JSX, useId } from 'react';
import { completedGremlin, completeGremlinAt } from '../data/completeGremlin.js';
import { useAnswer } from '../data/useAnswer.js';
import { useSettled } from '../data/useSettled.js';
import { count } from '../ui/format.js';
import { useCompleting } from '../ui/useCompleting.js';
import { CountByGremlin } from './documents.js';

/** Milliseconds after the last letter before it is looked what the string finds. */
const TYPING_MS = 300;

interface GremlinFieldProps {
  readonly title: string;
  readonly text: string;
  onText(text: string): void;
}

/** A Gremlin string, completed while it is typed, and what it finds now. */
export function GremlinField({ title, text, onText }: GremlinFieldProps): JSX.Element {
  const id = useId();
  const query = useSettled(text, TYPING_MS);
  const { data, failure } = useAnswer(CountByGremlin, query.trim() === '' ? undefined : { query }, { subject: query });
  const { input, list } = useCompleting({ text, onText, complete: completeGremlinAt, completed: completedGremlin });
  const found = data?.gremlin;
  const names = (found?.nodes ?? []).map(({ name }) => name).join(', ');
  return (
    <div className="field is-wide">
      <label htmlFor={id}>{title}</label>
      <div className="completing">
        <input {...input} id={id} className="input mono" required placeholder="G.V().Has('Name', 'eth0')" />
        {list}
      </div>
      <span className={`small ${failure ? 'state-DOWN' : ''}`} aria-live="polite">
        {failure?.message ?? (found && `${count(found.totalCount)} found now${names && `: ${names}${found.totalCount > 3 ? ', …' : ''}`}`)}
      </span>
    </div>
  );
}
