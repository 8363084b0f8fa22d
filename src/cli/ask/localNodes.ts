import type { ShownNode } from '../../../agent/doors/doors.js';
import type { JsonObject } from '../../common/json.js';
import { askAgent } from './agentDoor.js';
import type { Call } from '../command.js';
import { OK } from '../exitCodes.js';
import { stateColour } from '../output/colour.js';
import { printRows } from '../output/format.js';
import type { Column } from '../output/table.js';
import { usageError } from '../parse.js';
import { textPattern, type NodeFilterValues } from './filters.js';

/** Options that mean something without an analyzer. */
const USABLE = new Set(['agent', 'type', 'name', 'state', 'mac', 'output', 'config', 'set', 'all']);

const text = (value: unknown): string | undefined => (value === undefined || value === null ? undefined : String(value));
const texts = (value: unknown): string => (Array.isArray(value) ? value.join(' ') : '');

const COLUMNS: readonly Column<ShownNode>[] = [
  { title: 'NAME', value: ({ metadata }) => text(metadata.Name) },
  { title: 'TYPE', value: ({ metadata }) => text(metadata.Type) },
  { title: 'IN', value: ({ owner }) => owner },
  { title: 'STATE', value: ({ metadata }) => text(metadata.State), colour: ({ metadata }) => stateColour(text(metadata.State) ?? '') },
  { title: 'MAC', value: ({ metadata }) => text(metadata.MAC) },
  { title: 'ADDRESSES', value: ({ metadata }) => `${texts(metadata.IPV4)} ${texts(metadata.IPV6)}`.trim() },
  { title: 'UPDATED', value: ({ updatedAt }) => new Date(updatedAt).toISOString() },
  { title: 'ID', value: ({ id }) => id },
];

/** `canopy nodes --agent`: what the agent of this host sees now, all of it, without an analyzer. */
export async function listLocalNodes({ options, terminal, config }: Call, filter: NodeFilterValues, output?: string): Promise<number> {
  const useless = Object.keys(options).find((name) => !USABLE.has(name));
  if (useless !== undefined)
    throw usageError(
      `--${useless} asks the analyzer, and --agent goes without`,
      'With --agent there are --type, --name, --state and --mac.',
    );
  const nodes = await askAgent<readonly ShownNode[]>((await config()).config, '/nodes');
  const rows = nodes.filter(({ metadata }) => matches(metadata, filter));
  await printRows(rows, COLUMNS, output, terminal);
  return OK;
}

const matches = (metadata: JsonObject, { type, name, state, mac }: NodeFilterValues): boolean =>
  isOneOf(type, metadata.Type) && isOneOf(name, metadata.Name) && isOneOf(mac, metadata.MAC) && isOneOf(upper(state), metadata.State);

const upper = (values: readonly string[] | undefined): readonly string[] | undefined => values?.map((value) => value.toUpperCase());

const isOneOf = (patterns: readonly string[] | undefined, value: unknown): boolean =>
  patterns === undefined || (typeof value === 'string' && patterns.some((pattern) => fits(textPattern(pattern), value)));

/** The patterns of `--name`, as the analyzer understands them. */
function fits(
  pattern: { readonly eq?: string; readonly contains?: string; readonly startsWith?: string; readonly regex?: string },
  value: string,
): boolean {
  if (pattern.eq !== undefined) return value === pattern.eq;
  if (pattern.contains !== undefined) return value.includes(pattern.contains);
  if (pattern.startsWith !== undefined) return value.startsWith(pattern.startsWith);
  return new RegExp(pattern.regex ?? '').test(value);
}
