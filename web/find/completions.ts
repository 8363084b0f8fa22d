import { ask } from '../data/ask.js';
import { completedGremlin, completeGremlin, completeGremlinAt } from '../data/completeGremlin.js';
import { graphql } from '../data/graphql.js';
import type { Completed, Completion } from '../ui/useCompleting.js';
import { isGremlin, KEYS, STATES, type Word, wordsOf } from './parse.js';

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

const MOST = 10;
/** Paths of the metadata that have a place beside names. */
const MOST_PATHS = 4;

/** The word in which the caret stands. */
export const wordAt = (text: string, caret: number): Word =>
  wordsOf(text).find(({ from, to }) => caret >= from && caret <= to) ?? { text: '', from: caret, to: caret };

/** The text with a completion in it. */
export function completed(text: string, caret: number, completion: Completion): Completed {
  if (completion.from !== undefined) return completedGremlin(text, caret, completion);
  const { text: end } = completion;
  const word = wordAt(text, caret);
  const goesOn = end.endsWith(':');
  const put = goesOn ? end : `${end} `;
  return { next: `${text.slice(0, word.from)}${put}${text.slice(word.to).trimStart()}`, at: word.from + put.length, goesOn };
}

/** Keys of the language and of the metadata, and values, as they are in the network now; in a Gremlin string its steps, keys and values. */
export const complete = (text: string, caret: number, signal: AbortSignal): Promise<readonly Completion[]> =>
  isGremlin(text) ? completeGremlinAt(text, caret, signal) : completeWord(wordAt(text, caret).text, signal);

async function completeWord(word: string, signal: AbortSignal): Promise<readonly Completion[]> {
  const sign = word.startsWith('-') ? '-' : '';
  const body = sign ? word.slice(1) : word;
  const colon = body.indexOf(':');
  if (colon < 0) {
    const keys = Object.entries(KEYS)
      .filter(([key]) => key.startsWith(body))
      .map(([key, note]) => ({ text: `${sign}${key}:`, note }));
    if (body.length < 2) return keys;
    const [names, paths] = await Promise.all([namesWith(body, sign, signal), pathsWith(body, sign, signal)]);
    return [...keys, ...names.slice(0, MOST - Math.min(paths.length, MOST_PATHS)), ...paths].slice(0, MOST);
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

/** Keys of the metadata that begin so, or contain it in any letters; what most elements have comes first. */
async function pathsWith(part: string, sign: string, signal: AbortSignal): Promise<readonly Completion[]> {
  if (!/^[\w.\-/]+$/.test(part)) return [];
  const pathsAfter = async (begun: string) => (await completeGremlin(`G.V().Has('${begun}`, signal)).items;
  const exact = await pathsAfter(part);
  const found = exact.length > 0 ? exact : (await pathsAfter('')).filter(({ text }) => text.toLowerCase().includes(part.toLowerCase()));
  return found.map(({ text, doc }) => ({ text: `${sign}${text}:`, note: doc }));
}
