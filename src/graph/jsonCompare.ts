import type { Json, JsonObject } from '../common/json.js';

/** Whether two JSON values say the same; the order of an object's keys does not matter, the order of an array's does. */
export function jsonEqual(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  const aIsArray = Array.isArray(a);
  if (aIsArray !== Array.isArray(b)) return false;
  return aIsArray ? arraysEqual(a, b as readonly Json[]) : objectsEqual(a as JsonObject, b as JsonObject);
}

function arraysEqual(a: readonly Json[], b: readonly Json[]): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index++) if (!jsonEqual(a[index], b[index])) return false;
  return true;
}

/** Counts keys instead of collecting them: this runs for every put of an element that is already there. */
function objectsEqual(a: JsonObject, b: JsonObject): boolean {
  let unmatched = 0;
  for (const key in a) {
    const value = b[key];
    if (value === undefined || (value !== a[key] && !jsonEqual(a[key], value))) return false;
    unmatched++;
  }
  for (const _key in b) unmatched--;
  return unmatched === 0;
}

/**
 * How much longer `after` is than `before` as JSON, by the measure of `jsonSize`; `undefined` when both say the same. One pass answers both questions,
 * and what is the same on both sides is never measured.
 */
export function sizeChange(before: JsonObject, after: JsonObject): number | undefined {
  let change = 0;
  let isSame = true;
  let unmatched = 0;
  for (const key in before) {
    const was = before[key] as Json;
    const now = after[key];
    unmatched++;
    if (now === was) continue;
    if (now === undefined) {
      change -= key.length + 3 + jsonSize(was);
      unmatched--;
    } else if (jsonEqual(was, now)) continue;
    else change += jsonSize(now) - jsonSize(was);
    isSame = false;
  }
  for (const _key in after) unmatched--;
  if (unmatched === 0) return isSame ? undefined : change;
  for (const key in after) if (before[key] === undefined) change += key.length + 3 + jsonSize(after[key]);
  return change;
}

/** Rough size of the value as JSON text in bytes, for quotas and bounds: texts count a byte a character, numbers eight. */
export function jsonSize(value: Json | undefined): number {
  switch (typeof value) {
    case 'string':
      return value.length + 3;
    case 'object': {
      if (value === null) return 5;
      let size = 2;
      if (Array.isArray(value)) for (const entry of value as readonly Json[]) size += jsonSize(entry);
      else for (const key in value) size += key.length + 3 + jsonSize((value as JsonObject)[key]);
      return size;
    }
    case 'undefined':
      return 0;
    default:
      return 8;
  }
}
