import type { TopologyFilter } from '../data/follow.js';

export type NodeFilter = NonNullable<TopologyFilter['nodes']>;

/** What somebody typed, read. */
export type Reading =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'filter'; readonly filter: NodeFilter }
  /** A string in Skydive's dialect; the analyzer reads it. */
  | { readonly kind: 'gremlin'; readonly query: string }
  | { readonly kind: 'bad'; readonly message: string; readonly from: number; readonly to: number };

/** A word of the text with its place. */
export interface Word {
  readonly text: string;
  readonly from: number;
  readonly to: number;
}

/** Keys with a meaning of their own; every other key is a dotted path of the metadata. */
export const KEYS = {
  type: 'what it is: veth, bridge, netns',
  host: 'where it was seen',
  name: 'a part of its name',
  state: 'up, down, unknown or other',
  ip: 'an address, or a network: 10.0.0.0/8',
  mac: 'its hardware address',
  in: 'inside of: a namespace, a host',
  origin: 'who published it',
  id: 'its id',
} as const;

export const STATES = ['up', 'down', 'unknown', 'other'] as const;

/** Whether the text is a string in Skydive's dialect. */
export const isGremlin = (text: string): boolean => /^\s*g\./i.test(text);

/** Words, where quotes keep blanks together: `name:"my link"`. */
export function wordsOf(text: string): readonly Word[] {
  const words: Word[] = [];
  const pattern = /(?:[^\s"]|"[^"]*"?)+/g;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    words.push({ text: match[0], from: match.index, to: match.index + match[0].length });
  }
  return words;
}

/**
 * Reads `type:veth host:web-1,web-2 -state:down ip:10.0.0.0/8 MTU:>1500 words`. All conditions must hold, a comma is one of several, a minus
 * turns a condition round, words without a key are looked for everywhere.
 */
export function readFind(text: string): Reading {
  const trimmed = text.trim();
  if (trimmed === '') return { kind: 'nothing' };
  if (isGremlin(text)) return { kind: 'gremlin', query: trimmed };
  const conditions: NodeFilter[] = [];
  const free: string[] = [];
  for (const word of wordsOf(text)) {
    const isNot = word.text.startsWith('-') && word.text.length > 1;
    const body = isNot ? word.text.slice(1) : word.text;
    const colon = body.indexOf(':');
    // A colon after an address or a MAC is no key.
    const key = colon > 0 && /^[A-Za-z][\w.\-/]*$/.test(body.slice(0, colon)) ? body.slice(0, colon) : undefined;
    if (key === undefined || isMac(body)) {
      if (isNot) conditions.push({ not: { search: unquoted(body) } });
      else free.push(unquoted(body));
      continue;
    }
    const value = unquoted(body.slice(colon + 1));
    const condition = value === '' ? `${key}: needs a value` : conditionOf(key, value);
    if (typeof condition === 'string') return { kind: 'bad', message: condition, from: word.from, to: word.to };
    conditions.push(isNot ? { not: condition } : condition);
  }
  if (free.length > 0) conditions.push({ search: free.join(' ') });
  return { kind: 'filter', filter: conditions.length === 1 ? conditions[0]! : { and: conditions } };
}

const isMac = (text: string): boolean => /^([0-9a-f]{2}:){2,5}[0-9a-f]{0,2}$/i.test(text);
const unquoted = (text: string): string => text.replaceAll('"', '');

/** A condition, or why there is none. */
function conditionOf(key: string, value: string): NodeFilter | string {
  const several = value.split(',').filter(Boolean);
  switch (key) {
    case 'type':
    case 'host':
    case 'origin':
      return oneOf(several, (one) => ({ [key]: textOf(one, 'eq') }));
    case 'name':
      return oneOf(several, (one) => ({ name: textOf(one, 'contains') }));
    case 'mac':
      return oneOf(several, (one) => ({ mac: textOf(one.toLowerCase(), 'eq') }));
    case 'id':
      return { id: several };
    case 'in':
      return oneOf(several, (one) => ({ within: { name: textOf(one, 'eq') } }));
    case 'state': {
      const states = several.map((one) => one.toUpperCase());
      const wrong = states.find((state) => !(STATES as readonly string[]).includes(state.toLowerCase()));
      if (wrong !== undefined) return `there is no state '${wrong.toLowerCase()}'; there are ${STATES.join(', ')}`;
      return { state: states as NonNullable<NodeFilter['state']> };
    }
    case 'ip': {
      const wrong = several.find((one) => !isAddress(one));
      if (wrong !== undefined) return `'${wrong}' is no address and no network such as 10.0.0.0/8`;
      return oneOf(several, (one) => ({ address: one.includes('/') ? { within: one } : { eq: one } }));
    }
    default:
      return oneOf(several, (one) => metadataOf(key, one));
  }
}

const oneOf = (values: readonly string[], condition: (value: string) => NodeFilter): NodeFilter =>
  values.length === 1 ? condition(values[0]!) : { or: values.map(condition) };

/** `*` at the ends stands for any text. */
function textOf(value: string, otherwise: 'eq' | 'contains'): NonNullable<NodeFilter['name']> {
  if (value === '*') return { exists: true };
  if (value.startsWith('*')) return { contains: value.replace(/^\*|\*$/g, '') };
  if (value.endsWith('*')) return { startsWith: value.slice(0, -1) };
  return otherwise === 'eq' ? { eq: value } : { contains: value };
}

function metadataOf(path: string, value: string): NodeFilter {
  const comparison = /^(>=|<=|>|<)(-?\d+)$/.exec(value);
  if (comparison) {
    const operator = ({ '>=': 'gte', '<=': 'lte', '>': 'gt', '<': 'lt' } as const)[comparison[1] as '>='];
    return { metadata: [{ path, int: { [operator]: Number(comparison[2]) } }] };
  }
  if (value === '*') return { metadata: [{ path, exists: true }] };
  if (value === 'true' || value === 'false')
    return { or: [{ metadata: [{ path, bool: value === 'true' }] }, { metadata: [{ path, string: { eq: value } }] }] };
  const text: NodeFilter = { metadata: [{ path, string: textOf(value, 'eq') }] };
  return /^-?\d{1,15}$/.test(value) ? { or: [{ metadata: [{ path, int: { eq: Number(value) } }] }, text] } : text;
}

/** Enough to catch a slip; the analyzer reads it exactly. */
function isAddress(text: string): boolean {
  const [address, length] = text.split('/');
  if (length !== undefined && !(/^\d+$/.test(length) && Number(length) <= 128)) return false;
  if (address!.includes(':')) return /^[0-9a-f:.]+$/i.test(address!);
  const parts = address!.split('.');
  return parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255);
}
