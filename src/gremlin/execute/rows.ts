import type { Rows } from './traversal.js';

/** First pieces are small, so that a limit is reached soon; later ones larger, so that little is spent on pieces. */
const FIRST_PIECE = 32;
const LARGEST_PIECE = 1_024;
/** A piece is handed on, however small, once so much was looked at for it: who drives can then stop or let others work. */
const LOOKED_AT = 4_096;

export const noRows: Rows<never> = [];

/** The items that pass, in pieces. */
export const pieces = <T>(items: Iterable<T>, test?: (item: T) => boolean): Rows<T> =>
  Array.isArray(items) ? piecesOfList(items as readonly T[], test) : piecesOfAny(items, test);

function* piecesOfList<T>(items: readonly T[], test: ((item: T) => boolean) | undefined): Rows<T> {
  let size = FIRST_PIECE;
  let start = 0;
  while (start < items.length) {
    const end = Math.min(items.length, start + size);
    if (test === undefined) yield items.slice(start, end);
    else {
      const piece: T[] = [];
      for (let index = start; index < end; index++) if (test(items[index] as T)) piece.push(items[index] as T);
      yield piece;
    }
    start = end;
    if (size < LOOKED_AT) size *= 2;
  }
}

function* piecesOfAny<T>(items: Iterable<T>, test: ((item: T) => boolean) | undefined): Rows<T> {
  let size = FIRST_PIECE;
  let piece: T[] = [];
  let seen = 0;
  for (const item of items) {
    if (test === undefined || test(item)) piece.push(item);
    if (piece.length < size && ++seen < LOOKED_AT) continue;
    yield piece;
    piece = [];
    seen = 0;
    if (size < LARGEST_PIECE) size *= 2;
  }
  if (piece.length > 0) yield piece;
}

export function* filterRows<T>(rows: Rows<T>, test: (row: T) => boolean): Rows<T> {
  for (const piece of rows) yield piece.filter(test);
}

export function* mapRows<T, R>(rows: Rows<T>, change: (row: T) => R | undefined): Rows<R> {
  for (const piece of rows) {
    const changed: R[] = [];
    for (const row of piece) {
      const made = change(row);
      if (made !== undefined) changed.push(made);
    }
    yield changed;
  }
}

/** For steps that make many rows of one: `spread` pushes them. A piece never grows much beyond the largest. */
export function* spreadRows<T, R>(rows: Rows<T>, spread: (row: T, into: R[]) => void): Rows<R> {
  for (const piece of rows) {
    let made: R[] = [];
    for (const row of piece) {
      spread(row, made);
      if (made.length < LARGEST_PIECE) continue;
      yield made;
      made = [];
    }
    yield made;
  }
}

/** Rows from the place `from` up to and without `to`; stops reading there. */
export function* sliceRows<T>(rows: Rows<T>, from: number, to: number): Rows<T> {
  if (to <= from) return;
  let seen = 0;
  for (const piece of rows) {
    if (seen >= from && seen + piece.length <= to) yield piece;
    else yield piece.slice(Math.max(0, from - seen), Math.max(0, to - seen));
    seen += piece.length;
    if (seen >= to) return;
  }
}
