/** A place in the picture: columns to the right and rows down, whole numbers; one group a cell. */
export interface Cell {
  readonly x: number;
  readonly y: number;
}

/** Two groups that are linked, and by how many links. */
export interface Pull {
  readonly a: string;
  readonly b: string;
  readonly count: number;
}

export interface Placed {
  readonly id: string;
  readonly label: string;
}

/** A cell is so many times as wide as it is high on a screen. */
const CELL_ASPECT = 2;
/** Columns to rows at which cells fill a screen. */
const COLUMNS_PER_ROW = 0.9;
/** Groups up to which places are exchanged until links are short: beyond, the first order has to do. */
const MOST_EXCHANGED = 150;
const ROUNDS = 4;
/** A cell off the middle counts a little, so that the picture stays together. */
const OUTWARD = 0.02;

const collator = new Intl.Collator('en', { numeric: true });
const byLabel = (a: Placed, b: Placed): number => collator.compare(a.label, b.label) || (a.id < b.id ? -1 : 1);

/**
 * Cells for all groups. Those that have one keep it, and what is new comes as near as it can to what it is linked with. Only where there is
 * more that is new than what was there, everything is laid out: linked groups near to each other, equal ones in the order of their names.
 * Pure: the same groups and links lie the same everywhere.
 */
export function placeCells(groups: readonly Placed[], links: readonly Pull[], kept: ReadonlyMap<string, Cell>): Map<string, Cell> {
  const fresh = groups.filter(({ id }) => !kept.has(id));
  const neighbours = neighboursOf(links);
  if (fresh.length > groups.length / 2) return layOut(groups, neighbours);
  const cells = new Map(kept);
  const taken = new Set([...cells.values()].map(keyOf));
  for (const { id } of inOrder(fresh, neighbours, cells)) {
    const cell = bestCell(free(taken, cells), pullsOf(id, neighbours, cells), middleOf(cells.values()));
    cells.set(id, cell);
    taken.add(keyOf(cell));
  }
  return cells;
}

type Neighbours = ReadonlyMap<string, ReadonlyMap<string, number>>;

function neighboursOf(links: readonly Pull[]): Neighbours {
  const all = new Map<string, Map<string, number>>();
  const add = (from: string, to: string, count: number): void => {
    const known = all.get(from);
    // Two groups with a thousand links belong together more than two with one, but not a thousand times more.
    const weight = 1 + Math.log10(count);
    if (known) known.set(to, (known.get(to) ?? 0) + weight);
    else all.set(from, new Map([[to, weight]]));
  };
  for (const { a, b, count } of links) {
    add(a, b, count);
    add(b, a, count);
  }
  return all;
}

const keyOf = ({ x, y }: Cell): string => `${x},${y}`;

function layOut(groups: readonly Placed[], neighbours: Neighbours): Map<string, Cell> {
  const columns = Math.max(1, Math.ceil(Math.sqrt(groups.length * COLUMNS_PER_ROW)));
  const open = groups.map((_, index): Cell => ({ x: index % columns, y: Math.floor(index / columns) }));
  const middle = middleOf(open);
  const cells = new Map<string, Cell>();
  for (const { id } of inOrder(groups, neighbours, cells)) {
    const pulls = pullsOf(id, neighbours, cells);
    const cell = bestCell(open, pulls, middle);
    open.splice(open.indexOf(cell), 1);
    cells.set(id, cell);
  }
  if (groups.length <= MOST_EXCHANGED) exchange(cells, neighbours, middle);
  sortEquals(groups, neighbours, cells);
  return cells;
}

/** First what has most neighbours, then always what is linked most with what has its place, so that places can be chosen beside it. */
function inOrder(groups: readonly Placed[], neighbours: Neighbours, placed: ReadonlyMap<string, Cell>): Placed[] {
  const left = [...groups].sort((a, b) => sizeOf(neighbours, b) - sizeOf(neighbours, a) || byLabel(a, b));
  const pull = new Map(left.map(({ id }) => [id, pullsOf(id, neighbours, placed).reduce((sum, { weight }) => sum + weight, 0)]));
  const order: Placed[] = [];
  while (left.length > 0) {
    let best = 0;
    for (let index = 1; index < left.length; index++) if (pull.get(left[index]!.id)! > pull.get(left[best]!.id)!) best = index;
    const [next] = left.splice(best, 1);
    order.push(next!);
    for (const [id, weight] of neighbours.get(next!.id) ?? []) if (pull.has(id)) pull.set(id, pull.get(id)! + weight);
  }
  return order;
}

const sizeOf = (neighbours: Neighbours, { id }: Placed): number => neighbours.get(id)?.size ?? 0;

interface Weighted {
  readonly cell: Cell;
  readonly weight: number;
}

function pullsOf(id: string, neighbours: Neighbours, cells: ReadonlyMap<string, Cell>): Weighted[] {
  const pulls: Weighted[] = [];
  for (const [other, weight] of neighbours.get(id) ?? []) {
    const cell = cells.get(other);
    if (cell !== undefined) pulls.push({ cell, weight });
  }
  return pulls;
}

const distance = (a: Cell, b: Cell): number => Math.hypot((a.x - b.x) * CELL_ASPECT, a.y - b.y);

const costOf = (cell: Cell, pulls: readonly Weighted[], middle: Cell): number =>
  pulls.reduce((sum, pull) => sum + pull.weight * distance(cell, pull.cell), OUTWARD * distance(cell, middle));

function bestCell(candidates: readonly Cell[], pulls: readonly Weighted[], middle: Cell): Cell {
  let best = candidates[0]!;
  let least = Infinity;
  for (const cell of candidates) {
    const cost = costOf(cell, pulls, middle);
    if (cost < least) [least, best] = [cost, cell];
  }
  return best;
}

/** Two groups change places as long as that makes links shorter. */
function exchange(cells: Map<string, Cell>, neighbours: Neighbours, middle: Cell): void {
  const ids = [...cells.keys()];
  const cost = (id: string): number => costOf(cells.get(id)!, pullsOf(id, neighbours, cells), middle);
  for (let round = 0; round < ROUNDS; round++) {
    let isBetter = false;
    for (const [index, a] of ids.entries())
      for (const b of ids.slice(index + 1)) {
        const before = cost(a) + cost(b);
        const [cellA, cellB] = [cells.get(a)!, cells.get(b)!];
        cells.set(a, cellB).set(b, cellA);
        if (cost(a) + cost(b) < before - 1e-9) isBetter = true;
        else cells.set(a, cellA).set(b, cellB);
      }
    if (!isBetter) return;
  }
}

/** Groups with the same neighbours share their cells out in the order in which one reads. */
function sortEquals(groups: readonly Placed[], neighbours: Neighbours, cells: Map<string, Cell>): void {
  const equals = new Map<string, Placed[]>();
  for (const group of groups) {
    const key = JSON.stringify([...(neighbours.get(group.id)?.keys() ?? [])].sort());
    const list = equals.get(key);
    if (list) list.push(group);
    else equals.set(key, [group]);
  }
  for (const list of equals.values()) {
    const theirs = list.map(({ id }) => cells.get(id)!).sort((a, b) => a.y - b.y || a.x - b.x);
    list.sort(byLabel).forEach(({ id }, index) => cells.set(id, theirs[index]!));
  }
}

/** Free cells within what is taken, and one around it. */
function free(taken: ReadonlySet<string>, cells: ReadonlyMap<string, Cell>): Cell[] {
  const xs = [...cells.values()].map(({ x }) => x);
  const ys = [...cells.values()].map(({ y }) => y);
  const [left, right] = [Math.min(0, ...xs), Math.max(0, ...xs)];
  const [top, bottom] = [Math.min(0, ...ys), Math.max(0, ...ys)];
  const inside: Cell[] = [];
  const around: Cell[] = [];
  for (let y = top; y <= bottom + 1; y++)
    for (let x = left; x <= right + 1; x++) {
      const cell = { x, y };
      if (taken.has(keyOf(cell))) continue;
      if (x <= right && y <= bottom) inside.push(cell);
      else around.push(cell);
    }
  if (inside.length > 0) return inside;
  // A whole picture grows where that keeps it as wide as a screen.
  const isWide = right - left + 1 >= (bottom - top + 1) * COLUMNS_PER_ROW;
  return around.filter(({ x, y }) => (isWide ? y > bottom && x <= right : x > right && y <= bottom));
}

function middleOf(cells: Iterable<Cell>): Cell {
  let [x, y, count] = [0, 0, 0];
  for (const cell of cells) {
    x += cell.x;
    y += cell.y;
    count += 1;
  }
  return count === 0 ? { x: 0, y: 0 } : { x: x / count, y: y / count };
}
