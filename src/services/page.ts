import type { Position } from '../graph/position.js';
import { decodePage, encodePage } from './cursor.js';
import { badValue } from './filters/values.js';
import type { Order, SortKey } from './order.js';

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

/** One page of a list, with the fields of a Relay connection. Cursors are made when they are read, because most pages are read without. */
export class Connection<E, V> {
  constructor(
    readonly nodes: readonly V[],
    readonly totalCount: number,
    private readonly entries: readonly E[],
    private readonly keyOf: (entry: E) => SortKey,
    private readonly moments: () => readonly Position[],
    private readonly hasMore: { readonly next: boolean; readonly previous: boolean },
  ) {}

  get edges(): readonly PageEdge<V>[] {
    return this.nodes.map((node, index) => ({ node, cursor: this.#cursorOf(this.entries[index]!) }));
  }

  get pageInfo(): PageInfo {
    const [start, end] = [this.entries[0], this.entries.at(-1)];
    return {
      hasNextPage: this.hasMore.next,
      hasPreviousPage: this.hasMore.previous,
      startCursor: start === undefined ? undefined : this.#cursorOf(start),
      endCursor: end === undefined ? undefined : this.#cursorOf(end),
    };
  }

  #cursorOf(entry: E): string {
    return encodePage({ moments: this.moments(), key: this.keyOf(entry) });
  }
}

/** What a page is cut from. */
export interface PageSource<E, V> {
  /** All entries, in any order. */
  readonly entries: readonly E[];
  readonly order: Order<E>;
  /** Positions of the views they were read from; asked only for a cursor. */
  readonly moments: () => readonly Position[];
  readonly show: (entry: E) => V;
}

/** Cuts the page out of the list. Only what the page needs is put in order. */
export function pageOf<E, V>({ entries, order, moments, show }: PageSource<E, V>, window: PageWindow): Connection<E, V> {
  const { after, before, size, fromEnd } = window;
  const inside =
    after === undefined && before === undefined
      ? entries
      : entries.filter(
          (entry) =>
            (after === undefined || order.compareToKey(entry, after) > 0) &&
            (before === undefined || order.compareToKey(entry, before) < 0),
        );
  const chosen = fromEnd ? leading(inside, size, (a, b) => order.compare(b, a)).reverse() : leading(inside, size, order.compare);
  const isCut = inside.length > chosen.length;
  const hasMore = fromEnd
    ? { next: before !== undefined && inside.length < entries.length, previous: isCut }
    : { next: isCut, previous: after !== undefined && inside.length < entries.length };
  return new Connection(chosen.map(show), entries.length, chosen, order.keyOf, moments, hasMore);
}

/** Above this many times the wanted number, choosing beats sorting. */
const SORT_BELOW_FACTOR = 4;

/** The first `count` in order. The input stays as it is. */
export function leading<E>(entries: readonly E[], count: number, compare: (a: E, b: E) => number): E[] {
  if (entries.length < 2) return entries.slice(0, count);
  if (entries.length <= count * SORT_BELOW_FACTOR) return entries.toSorted(compare).slice(0, count);
  // Candidates are gathered and cut back whenever they have doubled: each entry is compared once with the worst that still counts.
  let kept: E[] = [];
  let worst: E | undefined;
  for (const entry of entries) {
    if (worst !== undefined && compare(entry, worst) >= 0) continue;
    kept.push(entry);
    if (kept.length >= 2 * count + 1) {
      kept = kept.sort(compare).slice(0, count);
      worst = kept.at(-1);
      if (worst === undefined) return [];
    }
  }
  return kept.sort(compare).slice(0, count);
}
