import type { OptionTable, OptionValues } from '../command.js';
import { usageError } from '../parse.js';

/** Options that choose nodes, shared by all commands that do. */
export const NODE_FILTER_OPTIONS = {
  type: { type: 'list', placeholder: 'TYPE', doc: 'type of the node: veth, bridge, netns, host …; repeat it for several' },
  name: { type: 'list', placeholder: 'NAME', doc: 'name: exact, eth* (begins), *eth* (contains) or /eth[0-9]+/ (regular expression)' },
  host: { type: 'list', placeholder: 'HOST', doc: 'host that it belongs to; patterns as in --name' },
  origin: { type: 'list', placeholder: 'ORIGIN', doc: 'who published it; patterns as in --name' },
  state: {
    type: 'list',
    placeholder: 'STATE',
    choices: ['UP', 'DOWN', 'UNKNOWN', 'OTHER', 'up', 'down', 'unknown', 'other'],
    doc: 'up, down, unknown or other',
  },
  mac: { type: 'list', placeholder: 'MAC', doc: 'hardware address; patterns as in --name' },
  address: { type: 'text', placeholder: 'ADDRESS', doc: 'IP address, or all within a prefix such as 10.0.0.0/8' },
  search: { type: 'text', placeholder: 'TEXT', doc: 'free text in name, type, host and addresses' },
  within: { type: 'text', placeholder: 'NAME', doc: 'owned, at any depth, by a node of this name: a host, a namespace' },
  metadata: { type: 'list', placeholder: 'PATH=VALUE', doc: 'metadata at a dotted path, such as Driver=veth; PATH alone: it exists' },
  filter: { type: 'text', placeholder: 'JSON', doc: 'a whole NodeFilter of the schema as JSON, in addition' },
} as const satisfies OptionTable;

export type NodeFilterValues = OptionValues<typeof NODE_FILTER_OPTIONS>;

/** The options as a `NodeFilter` of the schema; `undefined` when nothing was chosen. Throws `BAD_INPUT`. */
export function nodeFilter(values: NodeFilterValues): object | undefined {
  const filter: Record<string, unknown> = {};
  for (const field of ['type', 'name', 'host', 'origin', 'mac'] as const) Object.assign(filter, texts(field, values[field]));
  if (values.state !== undefined) filter.state = values.state.map((state) => state.toUpperCase());
  if (values.address !== undefined) filter.address = values.address.includes('/') ? { within: values.address } : { eq: values.address };
  if (values.search !== undefined) filter.search = values.search;
  if (values.within !== undefined) filter.within = { name: { eq: values.within } };
  if (values.metadata !== undefined) filter.metadata = values.metadata.map(metadata);
  const all = [...several(filter), ...(values.filter === undefined ? [] : [parseObject('--filter', values.filter)])];
  return all.length === 0 ? undefined : all.length === 1 ? all[0] : { and: all };
}

/** Fields with several patterns become `or`; each such field is a filter of its own. */
function several(filter: Record<string, unknown>): object[] {
  const plain = Object.entries(filter).filter(([, value]) => !(value instanceof Alternatives));
  const alternatives = Object.entries(filter).flatMap(([field, value]) =>
    value instanceof Alternatives ? [{ or: value.patterns.map((pattern) => ({ [field]: pattern })) }] : [],
  );
  return [...(plain.length > 0 ? [Object.fromEntries(plain)] : []), ...alternatives];
}

class Alternatives {
  constructor(readonly patterns: readonly object[]) {}
}

function texts(field: string, values: readonly string[] | undefined): object {
  if (values === undefined) return {};
  const patterns = values.map(textPattern);
  if (patterns.length === 1) return { [field]: patterns[0] };
  if (patterns.every((pattern) => 'eq' in pattern)) return { [field]: { in: values } };
  return { [field]: new Alternatives(patterns) };
}

/** A `StringFilter`: `eth0`, `eth*`, `*eth*`, `*eth`, `e*h0`, `/^eth/`. */
export function textPattern(text: string): object {
  if (text.length > 2 && text.startsWith('/') && text.endsWith('/')) return { regex: text.slice(1, -1) };
  if (!text.includes('*')) return { eq: text };
  const middle = text.replace(/^\*|\*$/g, '');
  if (!middle.includes('*') && middle !== '') {
    if (text.startsWith('*') && text.endsWith('*')) return { contains: middle };
    if (text.endsWith('*')) return { startsWith: middle };
  }
  return { regex: `^${text.split('*').map(escapePattern).join('.*')}$` };
}

const escapePattern = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

/** `Driver=veth`, `MTU=1500`, `Up=true`, `Speed`. Numbers and booleans are compared as such. */
function metadata(entry: string): object {
  const split = entry.indexOf('=');
  if (split === -1) return { path: entry, exists: true };
  const path = entry.slice(0, split);
  const value = entry.slice(split + 1);
  if (path === '') throw usageError(`--metadata '${entry}' has no path`, 'Write --metadata PATH=VALUE, such as --metadata Driver=veth.');
  if (value === 'true' || value === 'false') return { path, bool: { eq: value === 'true' } };
  if (/^-?\d{1,15}$/.test(value)) return { path, int: { eq: Number(value) } };
  return { path, string: textPattern(value) };
}

/** A JSON object in an option. Throws `BAD_INPUT` with what the JSON parser says. */
export function parseObject(option: string, text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw usageError(`${option} is not JSON: ${(error as Error).message}`, `Write it in quotes: ${option} '{"type": {"eq": "veth"}}'`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw usageError(`${option} must be a JSON object`, `Write it in quotes: ${option} '{…}'`);
  return value as Record<string, unknown>;
}
