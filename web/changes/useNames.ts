import { useEffect, useMemo, useRef, useState } from 'react';
import { ask } from '../data/ask.js';
import { graphql } from '../data/graphql.js';

const NamesOfEnds = graphql(`
  query NamesOfEnds($ids: [ID!]!, $at: DateTime) {
    nodes(filter: { id: $ids }, first: 1000, at: $at) {
      nodes {
        id
        name
      }
    }
  }
`);

/** Ends that are asked for at a time: no list shows more links at once. */
const MOST = 500;

/** Names of things by id, as far as they are known. */
export type Names = ReadonlyMap<string, string>;

type Element =
  | { readonly __typename: 'Edge'; readonly sourceId: string; readonly targetId: string }
  | { readonly __typename: 'CustomNode' | 'Host' | 'NetworkInterface' | 'NetworkNamespace'; readonly id: string; readonly name: string };

/** Names of what is listed, and of the ends of listed links: those that the list itself does not name are asked for. */
export function useNames(elements: readonly Element[], at: string | undefined): Names {
  const [more, setMore] = useState<Names>(new Map());
  const asked = useRef(new Set<string>());
  const listed = useMemo(() => {
    const names = new Map<string, string>();
    for (const element of elements) if (element.__typename !== 'Edge') names.set(element.id, element.name);
    return names;
  }, [elements]);
  useEffect(() => {
    const unknown = new Set<string>();
    for (const element of elements) {
      if (element.__typename !== 'Edge') continue;
      for (const id of [element.sourceId, element.targetId]) if (!listed.has(id) && !asked.current.has(id)) unknown.add(id);
      if (unknown.size >= MOST) break;
    }
    if (unknown.size === 0) return;
    for (const id of unknown) asked.current.add(id);
    ask(NamesOfEnds, { ids: [...unknown], at: at ?? null })
      .then(({ data }) => setMore((before) => new Map([...before, ...data.nodes.nodes.map(({ id, name }) => [id, name] as const)])))
      // A list without some names is still a list.
      .catch(() => undefined);
  }, [elements, listed, at]);
  return useMemo(() => new Map([...more, ...listed]), [more, listed]);
}
