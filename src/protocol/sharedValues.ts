import { LONGEST_SHAPE, shapedObject } from '../common/shapes.js';

/**
 * What agents say again and again (states, flags, features of a driver) is kept once. Only short texts, small numbers, and lists and objects of
 * those are looked for; two values are taken for one when they have the same parts.
 */

/** Hash of a value that is not looked for. */
export const UNIQUE = -1;

/** Lists and objects with more parts are not looked for. */
const MOST_PARTS = LONGEST_SHAPE;

/** Values that are remembered of each sort, by hash: a newer one takes the place of an older. Powers of two. */
const TEXTS = 8_192;
const LISTS = 4_096;
const OBJECTS = 4_096;

const texts: string[] = new Array<string>(TEXTS).fill('');
const lists: (readonly unknown[])[] = new Array<readonly unknown[]>(LISTS).fill([]);
const objects: Readonly<Record<string, unknown>>[] = new Array<Readonly<Record<string, unknown>>>(OBJECTS).fill({});
/** Keys of each of `objects`. */
const sizes = new Uint8Array(OBJECTS);

/** Hash of a container from its hash so far and that of its next part. */
export const joined = (hash: number, part: number): number =>
  hash === UNIQUE || part === UNIQUE ? UNIQUE : (Math.imul(hash, 31) + part) | 0;

const slotOf = (hash: number, slots: number): number => (hash ^ (hash >>> 15)) & (slots - 1);

/** The text of these bytes, which are ASCII. */
export function sharedText(bytes: Buffer, start: number, end: number, hash: number): string {
  const slot = slotOf(hash, TEXTS);
  const there = texts[slot] as string;
  return isText(there, bytes, start, end) ? there : (texts[slot] = bytes.toString('latin1', start, end));
}

function isText(text: string, bytes: Buffer, start: number, end: number): boolean {
  if (text.length !== end - start) return false;
  for (let index = start; index < end; index += 1) if (text.charCodeAt(index - start) !== bytes[index]) return false;
  return true;
}

/** The list, or an equal one from before. */
export function sharedList(list: readonly unknown[], hash: number): readonly unknown[] {
  if (hash === UNIQUE || list.length > MOST_PARTS) return list;
  const slot = slotOf(hash, LISTS);
  const there = lists[slot] as readonly unknown[];
  return areSame(list, there) ? there : (lists[slot] = list);
}

function areSame(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index += 1) if (a[index] !== b[index]) return false;
  return true;
}

/** An object of the keys and values that stand in the lists from `from` on, perhaps one from before. `shape` is a hash of the keys. */
export function sharedObject(
  keys: readonly string[],
  values: readonly unknown[],
  from: number,
  count: number,
  hash: number,
  shape: number,
): Readonly<Record<string, unknown>> {
  if (hash === UNIQUE || count > MOST_PARTS) return shapedObject(keys, values, from, count, shape);
  const slot = slotOf(hash, OBJECTS);
  const there = objects[slot] as Readonly<Record<string, unknown>>;
  if (sizes[slot] === count && hasParts(there, keys, values, from, count)) return there;
  const object = shapedObject(keys, values, from, count, shape);
  objects[slot] = object;
  sizes[slot] = count;
  return object;
}

function hasParts(
  object: Readonly<Record<string, unknown>>,
  keys: readonly string[],
  values: readonly unknown[],
  from: number,
  count: number,
): boolean {
  for (let index = from; index < from + count; index += 1) {
    const key = keys[index] as string;
    if (object[key] !== values[index] || !Object.hasOwn(object, key)) return false;
  }
  return true;
}
