import { type JSX, useEffect, useId, useState } from 'react';
import type { VariablesOf } from '../data/graphql.js';
import { useAnswer } from '../data/useAnswer.js';
import { type End, Ends } from './documents.js';

type Filter = VariablesOf<typeof Ends>['filter'];

interface EndPickerProps {
  readonly title: string;
  readonly id: string | undefined;
  onId(id: string | undefined): void;
}

const wordsFor = (end: End): string => {
  const place = end.__typename === 'NetworkInterface' ? (end.namespace?.name ?? end.host) : end.host;
  const [address] = end.__typename === 'NetworkInterface' ? end.addresses : [];
  return [end.name, place, address].filter(Boolean).join(' · ');
};

/** Everything with an address in which each word occurs, or in whose namespace or host it does. */
const filterFor = (text: string): Filter => ({
  address: { exists: true },
  and: text
    .split(/[\s·]+/)
    .filter(Boolean)
    .map((word) => ({ or: [{ search: word }, { within: { name: { contains: word } } }] })),
});

/** Finds an interface with an address by typing a part of its name, its namespace, its address or its host. */
export function EndPicker({ title, id, onId }: EndPickerProps): JSX.Element {
  const list = useId();
  const [text, setText] = useState<string>();
  const chosen = useAnswer(Ends, id === undefined ? undefined : { filter: { id: [id] } }, { subject: id ?? '' });
  const known = chosen.data?.nodes.nodes[0];
  const { data } = useAnswer(Ends, { filter: filterFor(text ?? '') });
  const ends = data?.nodes.nodes ?? [];
  const meant = ends.find((end) => wordsFor(end) === text)?.id;
  // The answer may come after the words were chosen.
  useEffect(() => {
    if (text !== undefined) onId(meant);
  }, [text, meant]);
  return (
    <label>
      {title}
      <input
        className="input"
        list={list}
        autoComplete="off"
        value={text ?? (known ? wordsFor(known) : '')}
        onChange={(event) => setText(event.target.value)}
      />
      <datalist id={list}>
        {ends.map((end) => (
          <option key={end.id} value={wordsFor(end)} />
        ))}
      </datalist>
    </label>
  );
}
