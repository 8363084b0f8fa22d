import type { JSX } from 'react';
import { saveFile, toCsv } from './save.js';

interface SaveProps<Row> {
  /** Of the file. */
  readonly name: string;
  readonly rows: readonly Row[];
  /** What stands in the files; the same keys for every row. */
  lineOf(row: Row): Readonly<Record<string, unknown>>;
}

/** The list as files. */
export function SaveButtons<Row>({ name, rows, lineOf }: SaveProps<Row>): JSX.Element {
  const save = (kind: 'csv' | 'json'): void => {
    const lines = rows.map(lineOf);
    const text = kind === 'json' ? JSON.stringify(lines, null, 2) : toCsv(Object.keys(lines[0]!), lines.map(Object.values));
    saveFile(`${name}.${kind}`, new Blob([text], { type: kind === 'json' ? 'application/json' : 'text/csv' }));
  };
  return (
    <span role="group" aria-label="Save the list">
      <button className="button" disabled={rows.length === 0} onClick={() => save('csv')}>
        CSV
      </button>{' '}
      <button className="button" disabled={rows.length === 0} onClick={() => save('json')}>
        JSON
      </button>
    </span>
  );
}
