import { CARD_HEIGHT, CARD_WIDTH, GROUP_GAP_X, GROUP_GAP_Y } from './measures.js';

/** A group and the cell that the analyzer keeps for it, if it does. */
export interface Placeable {
  readonly id: string;
  readonly label: string;
  readonly x: number | null;
  readonly y: number | null;
}

export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Puts groups on the screen: each row of cells is as high as its highest group, and within a row each follows the one before. Opening a group
 * moves only what is to the right of it and what is below.
 */
export function placeGroups(
  groups: readonly Placeable[],
  sizeOf: (id: string) => { readonly width: number; readonly height: number } | undefined,
): Map<string, Rectangle> {
  const rows = new Map<number, { readonly id: string; readonly column: number }[]>();
  for (const { id, column, row } of cellsOf(groups)) {
    const list = rows.get(row);
    if (list) list.push({ id, column });
    else rows.set(row, [{ id, column }]);
  }
  const placed = new Map<string, Rectangle>();
  let y = 0;
  for (const [, row] of [...rows].sort(([a], [b]) => a - b)) {
    row.sort((a, b) => a.column - b.column);
    let x = 0;
    let height = 0;
    let column = Math.min(...[...rows.values()].map((cells) => Math.min(...cells.map((cell) => cell.column))));
    for (const cell of row) {
      x += Math.max(0, cell.column - column) * (CARD_WIDTH + GROUP_GAP_X);
      const size = sizeOf(cell.id) ?? { width: CARD_WIDTH, height: CARD_HEIGHT };
      placed.set(cell.id, { x, y, ...size });
      x += size.width + GROUP_GAP_X;
      column = cell.column + 1;
      height = Math.max(height, size.height);
    }
    y += height + GROUP_GAP_Y;
  }
  return placed;
}

const collator = new Intl.Collator('en', { numeric: true });

/** Columns to rows at which cards fill a screen. */
const COLUMNS_PER_ROW = 0.9;

/** Cells of the groups; those for which the analyzer keeps none follow in rows below. */
function cellsOf(groups: readonly Placeable[]): { readonly id: string; readonly column: number; readonly row: number }[] {
  const kept = groups.filter((group) => group.x !== null && group.y !== null);
  const others = groups.filter((group) => group.x === null || group.y === null).sort((a, b) => collator.compare(a.label, b.label));
  const left = Math.min(0, ...kept.map(({ x }) => x!));
  const below = kept.length === 0 ? 0 : Math.max(...kept.map(({ y }) => y!)) + 1;
  const columns = Math.max(1, Math.ceil(Math.sqrt(others.length * COLUMNS_PER_ROW)));
  return [
    ...kept.map(({ id, x, y }) => ({ id, column: Math.round(x!), row: Math.round(y!) })),
    ...others.map(({ id }, index) => ({ id, column: left + (index % columns), row: below + Math.floor(index / columns) })),
  ];
}

/** The smallest rectangle around all; empty at the origin when there are none. */
export function boundsOf(rectangles: Iterable<Rectangle>): Rectangle {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { x, y, width, height } of rectangles) {
    left = Math.min(left, x);
    top = Math.min(top, y);
    right = Math.max(right, x + width);
    bottom = Math.max(bottom, y + height);
  }
  return left === Infinity ? { x: 0, y: 0, width: 0, height: 0 } : { x: left, y: top, width: right - left, height: bottom - top };
}

export const overlaps = (a: Rectangle, b: Rectangle): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

/** Whether the one is within the other. */
export const contains = (outer: Rectangle, inner: Rectangle): boolean =>
  outer.x <= inner.x &&
  outer.y <= inner.y &&
  outer.x + outer.width >= inner.x + inner.width &&
  outer.y + outer.height >= inner.y + inner.height;
