import { AREA_HEADER, ASPECT, CELL_HEIGHT, CELL_WIDTH, GAP, GROUP_HEADER, PADDING } from './measures.js';

/** A node to be placed within its group. */
export interface Item {
  readonly id: string;
  /** What owns it, if that is in the group too. */
  readonly parent: string | undefined;
  /** Order of kinds within an area. */
  readonly rank: number;
  readonly name: string;
}

/** Where things are, beginning at the group's corner. */
export interface GroupLayout {
  readonly width: number;
  readonly height: number;
  /** x, y, width, height for each item, in the order of the items. */
  readonly boxes: Float32Array;
}

/** What an area keeps from one layout to the next, so that what was there stays where it was. */
interface Row {
  /** Leaves in their places; `undefined` where something went. */
  readonly slots: (string | undefined)[];
  /** Leaves one below the other before the next column begins. */
  rows: number;
  /** Areas in their order, and the width at which they wrap. */
  areas: string[];
  wrap: number;
}

/** Places of one group, remembered. */
export type Memory = Map<string, Row>;

const ROOT = '';
/** An area that grew by so much is laid out anew: a column of a thousand is no order. */
const REFLOW = 1.6;

/**
 * Places the nodes of a group: what owns others is an area around them, the rest stands in columns by kind and name. What is new goes to a
 * free place or to the end; what was there stays.
 */
export function layoutGroup(items: readonly Item[], memory: Memory): GroupLayout {
  const byId = new Map(items.map((item, index) => [item.id, { item, index }]));
  const children = new Map<string, Item[]>([[ROOT, []]]);
  for (const item of items) {
    const parent = item.parent !== undefined && byId.has(item.parent) && !ownsItself(item, byId) ? item.parent : ROOT;
    const list = children.get(parent);
    if (list) list.push(item);
    else children.set(parent, [item]);
  }
  for (const id of memory.keys()) if (!children.has(id)) memory.delete(id);
  const boxes = new Float32Array(items.length * 4);
  const put = (id: string, x: number, y: number, width: number, height: number): void => {
    boxes.set([x, y, width, height], byId.get(id)!.index * 4);
  };

  const sizes = new Map<string, { readonly width: number; readonly height: number }>();
  const sizeOf = (id: string): { readonly width: number; readonly height: number } => {
    let size = sizes.get(id);
    if (size === undefined) sizes.set(id, (size = measure(id)));
    return size;
  };
  const measure = (id: string): { readonly width: number; readonly height: number } => arrange(id, 0, 0, false);

  /** Arranges what an area holds; places it when `isPlacing`, else only says how large it is. */
  function arrange(id: string, left: number, top: number, isPlacing: boolean): { readonly width: number; readonly height: number } {
    const header = id === ROOT ? GROUP_HEADER : AREA_HEADER;
    const held = children.get(id) ?? [];
    const leaves = held.filter((item) => !children.has(item.id));
    const areas = held.filter((item) => children.has(item.id));
    const row = rowOf(memory, id);
    settle(row, leaves, areas, (area) => sizeOf(area));
    const columns = Math.ceil(row.slots.length / row.rows);
    const gridHeight = Math.min(row.rows, row.slots.length) * CELL_HEIGHT;
    if (isPlacing) {
      row.slots.forEach((slot, index) => {
        if (slot === undefined) return;
        const x = left + PADDING + Math.floor(index / row.rows) * CELL_WIDTH;
        put(slot, x, top + header + (index % row.rows) * CELL_HEIGHT, CELL_WIDTH, CELL_HEIGHT);
      });
    }
    let width = columns * CELL_WIDTH;
    let y = header + gridHeight + (gridHeight > 0 && row.areas.length > 0 ? GAP : 0);
    let x = 0;
    let shelf = 0;
    for (const area of row.areas) {
      const size = sizeOf(area);
      if (x > 0 && x + size.width > row.wrap) {
        y += shelf + GAP;
        x = shelf = 0;
      }
      if (isPlacing) {
        put(area, left + PADDING + x, top + y, size.width, size.height);
        arrange(area, left + PADDING + x, top + y, true);
      }
      x += size.width + GAP;
      shelf = Math.max(shelf, size.height);
      width = Math.max(width, x - GAP);
    }
    return { width: Math.max(width, CELL_WIDTH) + 2 * PADDING, height: y + shelf + PADDING };
  }

  const { width, height } = sizeOf(ROOT);
  arrange(ROOT, 0, 0, true);
  return { width, height, boxes };
}

function rowOf(memory: Memory, id: string): Row {
  let row = memory.get(id);
  if (row === undefined) memory.set(id, (row = { slots: [], rows: 1, areas: [], wrap: 0 }));
  return row;
}

/** Brings what is remembered in line with what there is. */
function settle(
  row: Row,
  leaves: readonly Item[],
  areas: readonly Item[],
  sizeOf: (id: string) => { readonly width: number; readonly height: number },
): void {
  const present = new Set(leaves.map(({ id }) => id));
  row.slots.forEach((slot, index) => {
    if (slot !== undefined && !present.has(slot)) row.slots[index] = undefined;
  });
  while (row.slots.length > 0 && row.slots.at(-1) === undefined) row.slots.pop();
  const known = new Set(row.slots);
  const fresh = leaves.filter(({ id }) => !known.has(id)).sort(byOrder);
  const isNew = row.slots.length === 0;
  for (const { id } of fresh) {
    const free = isNew ? -1 : row.slots.indexOf(undefined);
    if (free >= 0) row.slots[free] = id;
    else row.slots.push(id);
  }
  const kept = new Set(areas.map(({ id }) => id));
  row.areas = row.areas.filter((id) => kept.has(id));
  const ordered = new Set(row.areas);
  row.areas.push(
    ...[...areas]
      .filter(({ id }) => !ordered.has(id))
      .sort(byOrder)
      .map(({ id }) => id),
  );
  // The leaves stand above the areas: together they tend to the form of a screen.
  const leafSurface = row.slots.length * CELL_WIDTH * CELL_HEIGHT;
  const surface = row.areas.reduce((sum, id) => sum + (sizeOf(id).width + GAP) * (sizeOf(id).height + GAP), leafSurface);
  const widest = Math.max(0, ...row.areas.map((id) => sizeOf(id).width));
  const wrap = Math.max(widest, Math.sqrt(surface * ASPECT), columnsFor(row.slots.length) * CELL_WIDTH);
  if (row.wrap === 0 || wrap > row.wrap * REFLOW || widest > row.wrap) row.wrap = wrap;
  // As wide as the areas below them.
  const columns = row.areas.length > 0 ? Math.max(1, Math.floor(wrap / CELL_WIDTH)) : columnsFor(row.slots.length);
  const ideal = Math.max(1, Math.ceil(row.slots.length / columns));
  if (isNew || ideal > row.rows * REFLOW) row.rows = ideal;
}

const columnsFor = (count: number): number => Math.max(1, Math.round(Math.sqrt((count * CELL_HEIGHT * ASPECT) / CELL_WIDTH)));

const collator = new Intl.Collator('en', { numeric: true });
const byOrder = (a: Item, b: Item): number => a.rank - b.rank || collator.compare(a.name, b.name) || (a.id < b.id ? -1 : 1);

/** Whether following the owners comes back to the item: publishers can say such a thing. */
function ownsItself(item: Item, byId: ReadonlyMap<string, { readonly item: Item }>): boolean {
  const seen = new Set<string>([item.id]);
  for (let parent = item.parent; parent !== undefined; parent = byId.get(parent)?.item.parent) {
    if (seen.has(parent)) return true;
    seen.add(parent);
  }
  return false;
}
