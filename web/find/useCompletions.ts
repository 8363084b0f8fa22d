import { useEffect, useState } from 'react';
import { ask } from '../data/ask.js';
import { graphql } from '../data/graphql.js';
import { KEYS, STATES, type Word, wordsOf } from './parse.js';

const Labels = graphql(`
  query Labels($groupBy: GroupBy, $metadataPath: String) {
    topologyOverview(groupBy: $groupBy, metadataPath: $metadataPath) {
      groups {
        label
      }
    }
  }
`);

const Names = graphql(`
  query Names($filter: NodeFilter!) {
    nodes(filter: $filter, first: 8, orderBy: { field: NAME }) {
      nodes {
        id
        name
        type
      }
    }
  }
`);

/** What a word may go on to. */
export interface Completion {
  readonly text: string;
  readonly note: string;
}

const WAIT_MS = 120;
const MOST = 10;

/** The word in which the caret stands. */
export const wordAt = (text: string, caret: number): Word =>
  wordsOf(text).find(({ from, to }) => caret >= from && caret <= to) ?? { text: '', from: caret, to: caret };

/** Keys, and values as they are in the network now. */
export function useCompletions(text: string, caret: number, isOpen: boolean): readonly Completion[] {
  const [completions, setCompletions] = useState<readonly Completion[]>([]);
  const word = wordAt(text, caret).text;
  useEffect(() => {
    if (!isOpen || /^\s*g\./i.test(text)) return setCompletions([]);
    const cancellation = new AbortController();
    const timer = setTimeout(() => {
      complete(word, cancellation.signal)
        .then(setCompletions)
        .catch(() => setCompletions([]));
    }, WAIT_MS);
    return () => {
      clearTimeout(timer);
      cancellation.abort();
    };
  }, [word, isOpen, text]);
  return completions;
}

async function complete(word: string, signal: AbortSignal): Promise<readonly Completion[]> {
  const sign = word.startsWith('-') ? '-' : '';
  const body = sign ? word.slice(1) : word;
  const colon = body.indexOf(':');
  if (colon < 0) {
    const keys = Object.entries(KEYS)
      .filter(([key]) => key.startsWith(body))
      .map(([key, note]) => ({ text: `${sign}${key}:`, note }));
    const names = body.length > 1 ? await namesWith(body, sign, signal) : [];
    return [...keys, ...names].slice(0, MOST);
  }
  const key = body.slice(0, colon);
  const list = body.slice(colon + 1).split(',');
  const begun = list.pop()!.replaceAll('"', '').toLowerCase();
  const head = `${sign}${key}:${[...list, ''].join(',')}`;
  const values = await valuesOf(key, begun, signal);
  return values
    .filter((value) => value.toLowerCase().includes(begun))
    .slice(0, MOST)
    .map((value) => ({ text: `${head}${/\s/.test(value) ? `"${value}"` : value}`, note: '' }));
}

async function valuesOf(key: string, begun: string, signal: AbortSignal): Promise<readonly string[]> {
  switch (key) {
    case 'state':
      return STATES;
    case 'type':
    case 'host':
    case 'origin': {
      const { data } = await ask(Labels, { groupBy: key.toUpperCase() as 'TYPE' | 'HOST' | 'ORIGIN' }, signal);
      return data.topologyOverview.groups.map(({ label }) => label).filter(Boolean);
    }
    case 'name': {
      const { data } = await ask(Names, { filter: { name: { contains: begun } } }, signal);
      return [...new Set(data.nodes.nodes.map(({ name }) => name))];
    }
    case 'in': {
      const { data } = await ask(Names, { filter: { type: { in: ['netns', 'host'] }, name: { contains: begun } } }, signal);
      return [...new Set(data.nodes.nodes.map(({ name }) => name))];
    }
    case 'ip':
    case 'mac':
    case 'id':
      return [];
    default: {
      // Any other key is a dotted path of the metadata: what stands there in the network.
      const { data } = await ask(Labels, { groupBy: 'METADATA', metadataPath: key }, signal);
      return data.topologyOverview.groups.map(({ label }) => label).filter(Boolean);
    }
  }
}

async function namesWith(part: string, sign: string, signal: AbortSignal): Promise<readonly Completion[]> {
  const { data } = await ask(Names, { filter: { name: { contains: part } } }, signal);
  return data.nodes.nodes.map(({ name, type }) => ({ text: `${sign}name:${/\s/.test(name) ? `"${name}"` : name}`, note: type }));
}
