/**
 * Objects of the same keys in the same order, made in one step. An object that is filled key by key turns into a hash table beyond some
 * sixteen keys, which takes three times the memory of one made whole and is slower to read; those made here share one description of
 * their keys.
 */

/** Objects with more keys than this are filled key by key: their keys are names of something (rows of a table), no shape. */
export const LONGEST_SHAPE = 64;

/** A list of keys is worth a function of its own once it was seen so often. */
const USES_UNTIL_COMPILED = 8;

/** Functions that are ever made: shapes are few, unless somebody makes them up. */
const MOST_COMPILED = 1_000;

/** Places for lists of keys by their hash; a power of two. */
const SLOTS = 4_096;

type Make = (values: readonly unknown[], from: number) => Record<string, unknown>;

interface Shape {
  readonly keys: readonly string[];
  uses: number;
  make: Make | undefined;
}

const shapes: (Shape | undefined)[] = new Array<Shape | undefined>(SLOTS).fill(undefined);
let compiled = 0;

/**
 * The object whose keys and values stand in the lists from `from` on; `hash` is any number that is the same for the same keys. A key that comes twice
 * has the later value.
 */
export function shapedObject(
  keys: readonly string[],
  values: readonly unknown[],
  from: number,
  count: number,
  hash: number,
): Record<string, unknown> {
  if (count > LONGEST_SHAPE) return filledObject(keys, values, from, count);
  const slot = (hash ^ (hash >>> 16)) & (SLOTS - 1);
  const shape = shapes[slot];
  if (shape !== undefined && hasKeys(shape.keys, keys, from, count)) {
    if (shape.make !== undefined) return shape.make(values, from);
    shape.uses += 1;
    if (shape.uses >= USES_UNTIL_COMPILED && compiled < MOST_COMPILED) {
      compiled += 1;
      shape.make = compile(shape.keys);
    }
  } else if (shape?.make === undefined) {
    shapes[slot] = { keys: keys.slice(from, from + count), uses: 1, make: undefined };
  }
  return filledObject(keys, values, from, count);
}

function hasKeys(known: readonly string[], keys: readonly string[], from: number, count: number): boolean {
  if (known.length !== count) return false;
  for (let index = 0; index < count; index += 1) if (known[index] !== keys[from + index]) return false;
  return true;
}

/** A function that returns an object literal: what the engine lays out best. Keys get into its text as JSON only. */
function compile(keys: readonly string[]): Make | undefined {
  // In a literal, this one would be the prototype.
  if (keys.includes('__proto__')) return undefined;
  const fields = keys.map((key, index) => `${JSON.stringify(key)}:values[from+${index}]`).join();
  // No other construct lays out an object whose keys are known at run time only.
  return new Function('values', 'from', `return {${fields}}`) as Make;
}

function filledObject(keys: readonly string[], values: readonly unknown[], from: number, count: number): Record<string, unknown> {
  const object: Record<string, unknown> = {};
  for (let index = from; index < from + count; index += 1) {
    const key = keys[index] as string;
    if (key === '__proto__')
      Object.defineProperty(object, key, { value: values[index], writable: true, enumerable: true, configurable: true });
    else object[key] = values[index];
  }
  return object;
}
