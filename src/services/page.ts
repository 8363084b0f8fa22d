import type { Position } from '../graph/position.js';
import { decodePage, encodePage } from './cursor.js';
import { badValue } from '../graph/filter/badValue.js';
import { reversed, type Order, type SortKey } from './order.js';

/** Arguments of every list, after the Relay specification. */
export interface PageArgs {
  readonly first?: number | null;
  readonly after?: string | null;
  readonly last?: number | null;
  readonly before?: string | null;
}

/** Entries of a page when nothing is asked: what fits a screen. */
export const DEFAULT_PAGE_SIZE = 50;

/** Which part of a list is wanted, checked. */
export interface PageWindow {
  readonly size: number;
  readonly fromEnd: boolean;
  readonly after: SortKey | undefined;
  readonly before: SortKey | undefined;
  /** Moments that the cursor holds; `undefined` on a first page. */
  readonly moments: readonly Position[] | undefined;
}

const FIRST_PAGE: PageWindow = { size: DEFAULT_PAGE_SIZE, fromEnd: false, after: undefined, before: undefined, moments: undefined };

/** Throws `BAD_INPUT` naming the argument, its value and what is valid. */
export function readWindow({ first, after, last, before }: PageArgs, maxSize: number): PageWindow {
  if (first === undefined && after === undefined && last === undefined && before === undefined) return FIRST_PAGE;
  const from = typeof after === 'string' ? decodePage(after, 'after') : undefined;
  const until = typeof before === 'string' ? decodePage(before, 'before') : undefined;
  const hasFirst = typeof first === 'number';
  const hasLast = typeof last === 'number';
  if (hasFirst && hasLast) throw badValue('last', last, 'either first or last, not both');
  return {
    size: hasFirst ? checkSize(first, 'first', maxSize) : hasLast ? checkSize(last, 'last', maxSize) : DEFAULT_PAGE_SIZE,
    fromEnd: hasLast || (!hasFirst && until !== undefined && from === undefined),
    after: from?.key,
    before: until?.key,
    moments: (from ?? until)?.moments,
  };
}

function checkSize(size: number, field: string, maxSize: number): number {
  if (!Number.isInteger(size) || size < 0 || size > maxSize)
    throw badValue(field, size, `a number of entries from 0 to ${maxSize}; ask for more by pages, with after`);
  return size;
}

export interface PageInfo {
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  readonly startCursor: string | undefined;
  readonly endCursor: string | undefined;
}

export interface PageEdge<V> {
  readonly node: V;
  readonly cursor: string;
}

/** Where a list was read: positions of one view, or of two for a difference. */
export interface ListPlace {
  readonly positions: readonly Position[];
}

/** One page of a list, with the fields of a Relay connection. Cursors are made when they are read, because most pages are read without. */
export class Connection<E, V> {
  constructor(
    readonly nodes: readonly V[],
    readonly totalCount: number,
    private readonly entries: readonly E[],
    private readonly keyOf: (entry: E) => SortKey,
    private readonly place: ListPlace,
    private readonly hasNextPage: boolean,
    private readonly hasPreviousPage: boolean,
  ) {}

  get edges(): readonly PageEdge<V>[] {
    return this.nodes.map((node, index) => ({ node, cursor: this.cursorOf(this.entries[index]!) }));
  }

  get pageInfo(): PageInfo {
    const { entries, hasNextPage, hasPreviousPage } = this;
    const [start, end] = [entries[0], entries.at(-1)];
    return {
      hasNextPage,
      hasPreviousPage,
      startCursor: start === undefined ? undefined : this.cursorOf(start),
      endCursor: end === undefined ? undefined : this.cursorOf(end),
    };
  }

  private cursorOf(entry: E): string {
    return encodePage({ moments: this.place.positions, key: this.keyOf(entry) });
  }
}

/**
 * Cuts the page out of a list and shows its entries. The list is the caller's own and may be put in order here. Nothing is allocated but the
 * page: this runs for every list of every element of an answer.
 */
export function pageOf<E, V, P extends ListPlace>(
  list: E[],
  order: Order<E>,
  place: P,
  show: (entry: E, place: P) => V,
  window: PageWindow,
): Connection<E, V> {
  const { after, before, size, fromEnd } = window;
  const total = list.length;
  const inside = after === undefined && before === undefined ? list : list.filter((entry) => isInside(entry, order, window));
  const chosen = fromEnd ? leading(inside, size, reversed(order)).reverse() : leading(inside, size, order);
  const isCut = inside.length > chosen.length;
  const hasOutside = inside.length < total;
  const nodes = new Array<V>(chosen.length);
  for (let index = 0; index < chosen.length; index += 1) nodes[index] = show(chosen[index]!, place);
  const hasNext = fromEnd ? before !== undefined && hasOutside : isCut;
  const hasPrevious = fromEnd ? isCut : after !== undefined && hasOutside;
  return new Connection(nodes, total, chosen, order.keyOf, place, hasNext, hasPrevious);
}

const isInside = <E>(entry: E, order: Order<E>, { after, before }: PageWindow): boolean =>
  (after === undefined || order.compareToKey(entry, after) > 0) && (before === undefined || order.compareToKey(entry, before) < 0);

/** Above this many times the wanted number, choosing beats sorting. */
const SORT_BELOW_FACTOR = 4;
/** Up to here putting each entry into its place beats the engine's sort, which has more to set up. */
const INSERT_BELOW = 12;

/** The first `count` in order. The list may be put in order. */
export function leading<E>(list: E[], count: number, order: Order<NoInfer<E>>): E[] {
  if (list.length < 2) return count === 0 ? [] : list;
  if (list.length <= count * SORT_BELOW_FACTOR) {
    sort(list, order);
    return list.length <= count ? list : list.slice(0, count);
  }
  // Candidates are gathered and cut back whenever they have doubled: each entry is compared once with the worst that still counts.
  let kept: E[] = [];
  let worst: E | undefined;
  for (const entry of list) {
    if (worst !== undefined && order.compare(entry, worst) >= 0) continue;
    kept.push(entry);
    if (kept.length > 2 * count) {
      kept = kept.sort(order.compare).slice(0, count);
      worst = kept.at(-1);
      if (worst === undefined) return [];
    }
  }
  return kept.sort(order.compare).slice(0, count);
}

function sort<E>(list: E[], order: Order<E>): void {
  if (list.length > INSERT_BELOW) return void list.sort(order.compare);
  for (let end = 1; end < list.length; end += 1) {
    const entry = list[end]!;
    let place = end;
    for (; place > 0 && order.compare(list[place - 1]!, entry) > 0; place -= 1) list[place] = list[place - 1]!;
    list[place] = entry;
  }
}
