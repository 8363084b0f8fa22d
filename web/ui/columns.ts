import type { Column } from './Table.js';

type Sized = Pick<Column<never>, 'width' | 'isNumber' | 'yields'>;

/** CSS grid width of a column, with its least in pixels. */
export const widthOf = ({ width, isNumber }: Sized): string => width ?? (isNumber ? 'minmax(84px, 0.6fr)' : 'minmax(88px, 1fr)');

/** Pixels of `minmax(88px, 1fr)`. */
export const leastOf = (width: string): number => Number(/(\d+)px/.exec(width)?.[1] ?? 0);

/** The columns that have room beside each other in so many pixels; those that yield give way, the highest first. `undefined` is room for all. */
export function fitting<One extends Sized>(columns: readonly One[], room: number | undefined): readonly One[] {
  if (room === undefined) return columns;
  const left = [...columns];
  const yielding = columns.filter((column) => column.yields !== undefined).sort((a, b) => b.yields! - a.yields!);
  let needed = columns.reduce((sum, column) => sum + leastOf(widthOf(column)), 0);
  for (const column of yielding) {
    if (needed <= room) break;
    left.splice(left.indexOf(column), 1);
    needed -= leastOf(widthOf(column));
  }
  return left;
}
