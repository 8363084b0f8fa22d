import { useVirtualizer } from '@tanstack/react-virtual';
import { type JSX, type KeyboardEvent, type ReactNode, useMemo, useRef, useState } from 'react';
import { ColumnMenu } from './ColumnMenu.js';
import { fitting, leastOf, widthOf } from './columns.js';
import { count } from './format.js';
import { Icon } from './Icon.js';
import { SaveButtons } from './SaveButtons.js';
import { useWidth } from './useWidth.js';
import './table.css';

export interface Column<Row> {
  readonly title: string;
  /** What is sorted by, and what stands in files. */
  value(row: Row): string | number | boolean | null | undefined;
  /** What is shown; the value unless given. */
  show?(row: Row): ReactNode;
  readonly isNumber?: boolean;
  /** Holds buttons: nothing to sort by, and nothing for files. */
  readonly isAct?: boolean;
  /** Shown only to who asks for it. */
  readonly isExtra?: boolean;
  /** Gives way where the table has no room for all columns: the highest number first. */
  readonly yields?: number;
  /** CSS grid width with its least in pixels, such as `minmax(80px, 1fr)`. */
  readonly width?: string;
}

interface TableProps<Row> {
  /** Says what it is, for screen readers and for the name of a file. */
  readonly title: string;
  /** Stands above it. */
  readonly heading?: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  keyOf(row: Row): string;
  readonly onChoose?: ((row: Row) => void) | undefined;
  readonly chosen?: string | undefined;
  /** Said when there are no rows: also what to do about it. */
  readonly empty?: ReactNode;
  readonly isTall?: boolean;
}

const ROW_HEIGHT = 30;
const NONE: ReadonlySet<string> = new Set();

/** A table of any length: only the rows in sight exist. Sorted by a click on a title, saved as CSV or JSON. */
export function Table<Row>({
  title,
  heading,
  columns: all,
  rows,
  keyOf,
  onChoose,
  chosen,
  empty = 'Nothing here.',
  isTall,
}: TableProps<Row>): JSX.Element {
  const [order, setOrder] = useState<{ readonly column: string; readonly isDown: boolean }>();
  // Titles of columns that are shown although they are extra, or not although they are none.
  const [turned, setTurned] = useState<ReadonlySet<string>>(NONE);
  const wanted = useMemo(() => all.filter((column) => Boolean(column.isExtra) === turned.has(column.title)), [all, turned]);
  const scroller = useRef<HTMLDivElement>(null);
  const room = useWidth(scroller);
  const columns = useMemo(() => fitting(wanted, room), [wanted, room]);
  const sorted = useMemo(() => {
    const by = order && all.find((column) => column.title === order.column);
    return by ? [...rows].sort(comparator(by, order.isDown)) : rows;
  }, [rows, order, all]);
  const virtual = useVirtualizer({
    count: sorted.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
  });
  const hasChoice = columns.length < wanted.length || all.some(({ isExtra }) => isExtra);
  const widths = columns.map(widthOf);
  // Every row is a grid of its own: they stay in line because none is wider than the columns ask for, whatever is in it.
  const line = { gridTemplateColumns: widths.join(' '), minWidth: widths.reduce((sum, width) => sum + leastOf(width), 0) };
  const lineOf = (row: Row): Readonly<Record<string, unknown>> =>
    Object.fromEntries(wanted.filter(({ isAct }) => !isAct).map((column) => [column.title, column.value(row) ?? null]));
  return (
    <div className={`table ${isTall ? 'is-tall' : ''}`}>
      <div className="table-bar small muted">
        {heading !== undefined && <h3>{heading}</h3>}
        <span className="table-count">{rows.length > 0 && rowsText(rows.length)}</span>
        {rows.length > 0 && <SaveButtons name={title.toLowerCase().replace(/\W+/g, '-')} rows={sorted} lineOf={lineOf} isQuiet />}
        {hasChoice && <ColumnMenu all={all} wanted={wanted} shown={columns} turned={turned} onTurned={setTurned} />}
      </div>
      <div className="table-scroll" ref={scroller} role="table" aria-label={title} aria-rowcount={sorted.length + 1} tabIndex={0}>
        <div className="table-head" role="row" style={line}>
          {columns.map((column) => (
            <div
              key={column.title}
              role="columnheader"
              aria-sort={column.isAct ? undefined : order?.column === column.title ? (order.isDown ? 'descending' : 'ascending') : 'none'}
              className={column.isNumber ? 'is-number' : ''}
            >
              <button
                disabled={column.isAct}
                onClick={() =>
                  setOrder((now) => ({
                    column: column.title,
                    isDown: now?.column === column.title ? !now.isDown : Boolean(column.isNumber),
                  }))
                }
              >
                {column.title}
                {order?.column === column.title && (
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
                onKeyDown={onChoose && ((event) => event.target === event.currentTarget && press(event, () => onChoose(row)))}
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
        {rows.length === 0 && <div className="table-empty muted">{empty}</div>}
      </div>
    </div>
  );
}

/** Enter chooses a row, the arrows go to its neighbours. */
function press(event: KeyboardEvent<HTMLElement>, choose: () => void): void {
  const { key, currentTarget } = event;
  if (key === 'Enter') return choose();
  const neighbour = { ArrowDown: currentTarget.nextElementSibling, ArrowUp: currentTarget.previousElementSibling }[key];
  if (!(neighbour instanceof HTMLElement)) return;
  event.preventDefault();
  neighbour.focus();
}

const rowsText = (many: number): string => (many === 1 ? '1 row' : `${count(many)} rows`);

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
