import type { Terminal } from '../terminal.js';
import { renderTable, type Column } from './table.js';

/** The option `-o` of every command with answers. */
export const outputOption = {
  type: 'text',
  short: 'o',
  placeholder: 'FORMAT',
  choices: ['table', 'json', 'yaml'],
  doc: 'table (aligned text), json (one JSON line for each event with --watch) or yaml',
} as const;

/** Data for programs: JSON with two spaces, or YAML. */
export async function printData(data: unknown, format: string, terminal: Terminal): Promise<void> {
  if (format === 'yaml') {
    const { stringify } = await import('yaml');
    return terminal.out(stringify(data, { aliasDuplicateObjects: false }));
  }
  terminal.out(`${JSON.stringify(data, null, 2)}\n`);
}

/** Rows for people, the same rows whole for programs. */
export async function printRows<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  format: string | undefined,
  terminal: Terminal,
): Promise<void> {
  if (format === 'json' || format === 'yaml') return printData(rows, format, terminal);
  if (rows.length > 0) terminal.out(renderTable(rows, columns, terminal));
}
