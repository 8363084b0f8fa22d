import type { JSX } from 'react';
import { Menu } from './Menu.js';
import type { Column } from './Table.js';

interface ColumnMenuProps<Row> {
  readonly all: readonly Column<Row>[];
  /** What is wanted, and what of it the table has room for. */
  readonly wanted: readonly Column<Row>[];
  readonly shown: readonly Column<Row>[];
  readonly turned: ReadonlySet<string>;
  onTurned(turned: ReadonlySet<string>): void;
}

/** Which columns are wanted. What the table has no room for still is, and goes into files. */
export function ColumnMenu<Row>({ all, wanted, shown, turned, onTurned }: ColumnMenuProps<Row>): JSX.Element {
  const turn = (title: string): void => {
    const next = new Set(turned);
    if (!next.delete(title)) next.add(title);
    onTurned(next);
  };
  return (
    <Menu title="Columns" icon="table">
      <fieldset>
        <legend>Columns</legend>
        {all.map((column) => (
          <label key={column.title}>
            <input
              type="checkbox"
              checked={wanted.includes(column)}
              disabled={wanted.length === 1 && wanted[0] === column}
              onChange={() => turn(column.title)}
            />{' '}
            {column.title}
            {wanted.includes(column) && !shown.includes(column) && <span className="muted"> · no room</span>}
          </label>
        ))}
      </fieldset>
    </Menu>
  );
}
