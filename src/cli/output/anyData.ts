import type { Terminal } from '../terminal.js';
import { printable } from './colour.js';
import { renderTable, type Column } from './table.js';

type Fields = Readonly<Record<string, unknown>>;

/** How deep fields of fields become columns; what lies deeper is shown as JSON in one. */
const DEEPEST_COLUMN = 3;

/** Shows the data of any GraphQL answer: lists as tables, objects as names and values. */
export function renderData(data: Fields, terminal: Terminal): string {
  const roots = Object.entries(data);
  return roots.map(([name, value]) => (roots.length > 1 ? `${name}\n` : '') + renderValue(value, terminal)).join('\n');
}

function renderValue(value: unknown, terminal: Terminal): string {
  const rows = rowsIn(value);
  if (rows !== undefined)
    return rows.length === 0
      ? '(none)\n'
      : renderTable(
          rows.map((row) => flatten(row)),
          columnsOf(rows),
          terminal,
        );
  if (!isFields(value)) return `${cell(value)}\n`;
  const fields = Object.entries(value);
  const lists = fields.filter(([, field]) => rowsIn(field) !== undefined);
  const plain = flatten(Object.fromEntries(fields.filter(([, field]) => rowsIn(field) === undefined)));
  const widest = Math.max(0, ...[...plain.keys()].map((name) => name.length));
  const lines = [...plain].map(([name, text]) => `${name.padEnd(widest)}  ${printable(text)}\n`).join('');
  return [lines, ...lists.map(([name, list]) => `${name}\n${renderValue(list, terminal)}`)].filter((part) => part !== '').join('\n');
}

/** A list of objects, also where it is the `nodes` or `edges` of a connection. */
function rowsIn(value: unknown): readonly Fields[] | undefined {
  if (Array.isArray(value)) return value.every(isFields) ? value : undefined;
  if (!isFields(value)) return undefined;
  if (Array.isArray(value.nodes)) return rowsIn(value.nodes.filter((node) => node !== null));
  if (!Array.isArray(value.edges) || !value.edges.every((edge) => isFields(edge) && isFields(edge.node))) return undefined;
  return value.edges.map((edge: Fields) => edge.node as Fields);
}

function columnsOf(rows: readonly Fields[]): Column<ReadonlyMap<string, string>>[] {
  const names = new Set(rows.flatMap((row) => [...flatten(row).keys()]));
  return [...names].map((name) => ({ title: name, value: (row) => row.get(name) }));
}

/** Fields by dotted name. */
function flatten(fields: Fields, prefix = '', depth = 1): Map<string, string> {
  const flat = new Map<string, string>();
  for (const [name, value] of Object.entries(fields)) {
    if (isFields(value) && depth < DEEPEST_COLUMN && rowsIn(value) === undefined) {
      for (const [path, text] of flatten(value, `${prefix}${name}.`, depth + 1)) flat.set(path, text);
    } else flat.set(`${prefix}${name}`, cell(value));
  }
  return flat;
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value) && value.every((entry) => typeof entry !== 'object')) return value.join(' ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);
