import type { Json, JsonObject } from '../common/json.js';

/** Longest path that is taken, in steps: deeper ones are a mistake or an attack. */
export const MAX_PATH_STEPS = 32;

export const isJsonObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The steps of a dotted path; `undefined` when a step is empty or there are too many. */
export function pathSteps(path: string): readonly string[] | undefined {
  const steps = path.split('.');
  return steps.length > MAX_PATH_STEPS || steps.includes('') ? undefined : steps;
}

/**
 * What a dotted path reaches. An array on the way is walked: the answer is then the array of what the path reaches in each of its objects,
 * objects that lack it left out. `undefined` when there is nothing.
 */
export function readPath(metadata: JsonObject, path: string): Json | undefined {
  return path.includes('.') ? readSteps(metadata, path.split('.'), 0) : ownValue(metadata, path);
}

const ownValue = (object: JsonObject, key: string): Json | undefined => (Object.hasOwn(object, key) ? object[key] : undefined);

function readSteps(value: Json | undefined, steps: readonly string[], from: number): Json | undefined {
  let reached = value;
  for (let index = from; index < steps.length; index++) {
    if (Array.isArray(reached)) return readEach(reached as readonly Json[], steps, index);
    if (!isJsonObject(reached)) return undefined;
    reached = ownValue(reached, steps[index] as string);
  }
  return reached;
}

function readEach(list: readonly Json[], steps: readonly string[], from: number): Json {
  const reached: Json[] = [];
  for (const entry of list) {
    const found = typeof entry === 'object' && entry !== null ? readSteps(entry, steps, from) : undefined;
    if (found !== undefined) reached.push(found);
  }
  return reached;
}

/** The object with the path set, sharing what did not change; `undefined` when something on the way is not an object. */
export function setPath(object: JsonObject, steps: readonly string[], value: Json, from = 0): JsonObject | undefined {
  const key = steps[from] as string;
  if (from === steps.length - 1) return { ...object, [key]: value };
  const inner = ownValue(object, key);
  if (inner !== undefined && !isJsonObject(inner)) return undefined;
  const replaced = setPath(inner ?? {}, steps, value, from + 1);
  return replaced && { ...object, [key]: replaced };
}

/** The object without the path, and without the parents that this empties; the same object when the path was not there. */
export function unsetPath(object: JsonObject, steps: readonly string[], from = 0): JsonObject {
  const key = steps[from] as string;
  const inner = ownValue(object, key);
  if (inner === undefined) return object;
  if (from === steps.length - 1) return without(object, key);
  if (!isJsonObject(inner)) return object;
  const replaced = unsetPath(inner, steps, from + 1);
  if (replaced === inner) return object;
  return Object.keys(replaced).length === 0 ? without(object, key) : { ...object, [key]: replaced };
}

/** Key by key, because the object that rest syntax makes is slower to make and to read. */
function without(object: JsonObject, left: string): JsonObject {
  const kept: Record<string, Json> = {};
  for (const key in object) if (key !== left) define(kept, key, object[key] as Json);
  return kept;
}

/** Assigns, also where the key is `__proto__`. */
function define(object: Record<string, Json>, key: string, value: Json): void {
  if (key !== '__proto__') object[key] = value;
  else Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
}

/** The object with keys left out and values replaced, in one copy; a copy of the whole is much faster than one key by key. */
export function withKeys(object: JsonObject, set: readonly (readonly [key: string, value: Json])[], unset: readonly string[]): JsonObject {
  const isUnset = unset.some((key) => Object.hasOwn(object, key));
  const copy: Record<string, Json> = isUnset ? {} : { ...object };
  if (isUnset) for (const key in object) if (!unset.includes(key)) define(copy, key, object[key] as Json);
  for (const [key, value] of set) define(copy, key, value);
  return copy;
}

/** Lays one object over another by path: objects merge, everything else replaces. Both stay as they are. */
export function mergeObjects(under: JsonObject, over: JsonObject): JsonObject {
  const merged: Record<string, Json> = { ...under };
  for (const [key, value] of Object.entries(over)) {
    const below = ownValue(under, key);
    const entry = isJsonObject(below) && isJsonObject(value) ? mergeObjects(below, value) : value;
    define(merged, key, entry);
  }
  return merged;
}

/** Base and overlays as one object; where writers disagree, the one whose name sorts last wins, so that every replay agrees. */
export function mergeOverlays(base: JsonObject, overlays: Readonly<Record<string, JsonObject>> | undefined): JsonObject {
  if (overlays === undefined) return base;
  let merged = base;
  for (const writer of Object.keys(overlays).sort()) merged = mergeObjects(merged, overlays[writer] as JsonObject);
  return merged;
}
