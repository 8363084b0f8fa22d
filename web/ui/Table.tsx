import { useVirtualizer } from '@tanstack/react-virtual';
import { type JSX, type ReactNode, useMemo, useRef, useState } from 'react';
import { Icon } from './Icon.js';
import { saveFile, toCsv } from './save.js';
import './table.css';

export interface Column<Row> {
  readonly title: string;
  /** What is sorted by, and what stands in files. */
  value(row: Row): string | number | boolean | null | undefined;
  /** What is shown; the value unless given. */
  show?(row: Row): ReactNode;
  readonly isNumber?: boolean;
  /** CSS grid width with its least in pixels, such as `minmax(80px, 1fr)`. */
  readonly width?: string;
}

interface TableProps<Row> {
  /** Says what it is, for screen readers and for the name of a file. */
  readonly title: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  keyOf(row: Row): string;
  readonly onChoose?: ((row: Row) => void) | undefined;
  readonly chosen?: string | undefined;
  /** Said when there are no rows. */
  readonly empty?: string;
  readonly isTall?: boolean;
}

const ROW_HEIGHT = 30;

/** A table of any length: only the rows in sight exist. Sorted by a click on a title, saved as CSV or JSON. */
export function Table<Row>({
  title,
  columns,
  rows,
  keyOf,
  onChoose,
  chosen,
  empty = 'Nothing here.',
  isTall,
}: TableProps<Row>): JSX.Element {
  const [order, setOrder] = useState<{ readonly column: number; readonly isDown: boolean }>();
  const scroller = useRef<HTMLDivElement>(null);
  const sorted = useMemo(() => (order ? [...rows].sort(comparator(columns[order.column]!, order.isDown)) : rows), [rows, order, columns]);
  const virtual = useVirtualizer({
    count: sorted.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
  });
  const widths = columns.map(({ width, isNumber }) => width ?? (isNumber ? 'minmax(72px, 0.6fr)' : 'minmax(88px, 1fr)'));
  // Every row is a grid of its own: they stay in line because none is wider than the columns ask for, whatever is in it.
  const line = { gridTemplateColumns: widths.join(' '), minWidth: widths.reduce((sum, width) => sum + leastOf(width), 0) };
  const save = (kind: 'csv' | 'json'): void => {
    const name = `${title.toLowerCase().replace(/\W+/g, '-')}.${kind}`;
    const values = sorted.map((row) => columns.map((column) => column.value(row) ?? null));
    const head = columns.map((column) => column.title);
    const text =
      kind === 'csv'
        ? toCsv(head, values)
        : JSON.stringify(
            values.map((row) => Object.fromEntries(row.map((value, index) => [head[index], value]))),
            null,
            2,
          );
    saveFile(name, new Blob([text], { type: kind === 'csv' ? 'text/csv' : 'application/json' }));
  };
  return (
    <div className={`table ${isTall ? 'is-tall' : ''}`}>
      <div className="table-bar small muted">
        <span>{sorted.length === 1 ? '1 row' : `${sorted.length} rows`}</span>
        <button className="link small" onClick={() => save('csv')} disabled={rows.length === 0}>
          CSV
        </button>
        <button className="link small" onClick={() => save('json')} disabled={rows.length === 0}>
          JSON
        </button>
      </div>
      <div className="table-scroll" ref={scroller} role="table" aria-label={title} aria-rowcount={sorted.length + 1} tabIndex={0}>
        <div className="table-head" role="row" style={line}>
          {columns.map((column, index) => (
            <div
              key={column.title}
              role="columnheader"
              aria-sort={order?.column === index ? (order.isDown ? 'descending' : 'ascending') : 'none'}
              className={column.isNumber ? 'is-number' : ''}
            >
              <button
                onClick={() =>
                  setOrder((now) => ({ column: index, isDown: now?.column === index ? !now.isDown : Boolean(column.isNumber) }))
                }
              >
                {column.title}
                {order?.column === index && (
                  <span className={`table-order ${order.isDown ? 'is-down' : ''}`}>
                    <Icon name="chevron" />
                  </span>
                )}
              </button>
            </div>
          ))}
        </div>
        <div className="table-body" role="rowgroup" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => {
            const row = sorted[item.index]!;
            const key = keyOf(row);
            return (
              <div
                key={key}
                role="row"
                aria-rowindex={item.index + 2}
                className={`table-row ${chosen === key ? 'is-chosen' : ''} ${onChoose ? 'is-choosable' : ''}`}
                style={{ ...line, transform: `translateY(${item.start}px)` }}
                tabIndex={onChoose ? 0 : undefined}
                onClick={onChoose && (() => onChoose(row))}
                onKeyDown={onChoose && ((event) => event.key === 'Enter' && event.target === event.currentTarget && onChoose(row))}
              >
                {columns.map((column) => (
                  <div key={column.title} role="cell" className={column.isNumber ? 'is-number' : ''} title={titleOf(column.value(row))}>
                    {column.show ? column.show(row) : (column.value(row) ?? '–')}
                  </div>
                ))}
              </div>
            );
          })}
        </div>
        {rows.length === 0 && <p className="table-empty muted">{empty}</p>}
      </div>
    </div>
  );
}

/** Pixels of `minmax(88px, 1fr)`. */
const leastOf = (width: string): number => Number(/(\d+)px/.exec(width)?.[1] ?? 0);

const MOST_TITLE = 300;
const titleOf = (value: unknown): string | undefined => (typeof value === 'string' ? value.slice(0, MOST_TITLE) : undefined);

const collator = new Intl.Collator('en', { numeric: true });

function comparator<Row>({ value }: Column<Row>, isDown: boolean): (a: Row, b: Row) => number {
  const sign = isDown ? -1 : 1;
  return (a, b) => {
    const [left, right] = [value(a), value(b)];
    if (left === right) return 0;
    if (left === null || left === undefined) return 1;
    if (right === null || right === undefined) return -1;
    if (typeof left === 'number' && typeof right === 'number') return (left - right) * sign;
    return collator.compare(String(left), String(right)) * sign;
  };
}
