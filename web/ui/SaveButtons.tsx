import type { JSX } from 'react';
import { saveFile, toCsv } from './save.js';

interface SaveProps<Row> {
  /** Of the file. */
  readonly name: string;
  readonly rows: readonly Row[];
  /** Whether they stand in a line of words, not among buttons. */
  readonly isQuiet?: boolean;
  /** What stands in the files; the same keys for every row. */
  lineOf(row: Row): Readonly<Record<string, unknown>>;
}

/** The list as files. */
export function SaveButtons<Row>({ name, rows, isQuiet = false, lineOf }: SaveProps<Row>): JSX.Element {
  const save = (kind: 'csv' | 'json'): void => {
    const lines = rows.map(lineOf);
    const text = kind === 'json' ? JSON.stringify(lines, null, 2) : toCsv(Object.keys(lines[0]!), lines.map(Object.values));
    saveFile(`${name}.${kind}`, new Blob([text], { type: kind === 'json' ? 'application/json' : 'text/csv' }));
  };
  return (
    <span className="save" role="group" aria-label={`Save ${name}`}>
      {(['csv', 'json'] as const).map((kind) => (
        <button key={kind} className={isQuiet ? 'link small' : 'button'} disabled={rows.length === 0} onClick={() => save(kind)}>
          {kind.toUpperCase()}
        </button>
      ))}
    </span>
  );
}
