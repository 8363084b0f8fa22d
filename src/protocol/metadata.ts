import type { Json, JsonObject } from '../common/json.js';
import { describe } from './check.js';
import { MAX_KEY_LENGTH, MAX_METADATA_DEPTH, MAX_PATH_LENGTH, MAX_TEXT_LENGTH } from './limits.js';
import { joinPath, Violation } from './violation.js';

/** Segments that reach a prototype when a path is walked carelessly. */
const FORBIDDEN_SEGMENTS = new Set(['__proto__', 'constructor', 'prototype']);

/** A JSON object as metadata and rows hold it; negative zeros in it become zeros. */
export function jsonObject(value: unknown, field: string): JsonObject {
  if (isPlainObject(value) && isSoundObject(value, 1)) return value as JsonObject;
  throw isPlainObject(value) ? problemIn(value, field, 1) : new Violation(field, `expected an object, got ${describe(value)}`);
}

/** Any JSON value. */
export function json(value: unknown, field: string): Json {
  if (value === 0) return 0;
  if (isSound(value, 0)) return value as Json;
  throw problemIn(value, field, 1);
}

/** A dotted path into metadata: no empty segment, nothing that reaches a prototype. */
export function path(value: unknown, field: string): string {
  if (typeof value !== 'string' || value.length === 0 || value.length > MAX_PATH_LENGTH) {
    throw new Violation(field, `expected a dotted path of 1 to ${MAX_PATH_LENGTH} characters, got ${describe(value)}`);
  }
  if (!value.includes('.')) {
    if (!FORBIDDEN_SEGMENTS.has(value)) return value;
  } else if (value.split('.').every((segment) => segment !== '' && !FORBIDDEN_SEGMENTS.has(segment))) return value;
  throw new Violation(field, `a path may not hold an empty segment, ${[...FORBIDDEN_SEGMENTS].join(', ')}`);
}

const isPlainObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The check that good input passes; it says only yes or no, so that it stays fast. */
function isSound(value: unknown, depth: number): boolean {
  switch (typeof value) {
    case 'string':
      return value.length <= MAX_TEXT_LENGTH;
    case 'number':
      return Number.isFinite(value);
    case 'boolean':
      return true;
    case 'object':
      if (value === null) return true;
      if (depth >= MAX_METADATA_DEPTH) return false;
      return Array.isArray(value) ? isSoundList(value, depth + 1) : isSoundObject(value as Record<string, unknown>, depth + 1);
    default:
      return false;
  }
}

function isSoundList(values: unknown[], depth: number): boolean {
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index];
    if (value === 0) values[index] = 0;
    else if (!isSound(value, depth)) return false;
  }
  return true;
}

function isSoundObject(object: Record<string, unknown>, depth: number): boolean {
  for (const key in object) {
    if (key.length === 0 || key.length > MAX_KEY_LENGTH) return false;
    const value = object[key];
    if (value === 0) object[key] = 0;
    else if (!isSound(value, depth)) return false;
  }
  return true;
}

/** Finds what `isSound` refused, with its path. */
function problemIn(value: unknown, field: string, depth: number): Violation {
  return findProblem(value, field, depth) ?? new Violation(field, 'not JSON');
}

function findProblem(value: unknown, field: string, depth: number): Violation | undefined {
  if (typeof value === 'string') {
    return value.length > MAX_TEXT_LENGTH
      ? new Violation(field, `a text may have ${MAX_TEXT_LENGTH} characters, got ${value.length}`)
      : undefined;
  }
  if (typeof value !== 'object' || value === null) {
    return isSound(value, depth) ? undefined : new Violation(field, `expected JSON, got ${describe(value)}`);
  }
  if (depth > MAX_METADATA_DEPTH) return new Violation(field, `deeper than ${MAX_METADATA_DEPTH} levels`);
  if (Array.isArray(value)) return firstProblem(value.map((part, index) => findProblem(part, `${field}[${index}]`, depth + 1)));
  return firstProblem(
    Object.entries(value).map(([key, part]) => keyProblem(key, field) ?? findProblem(part, joinPath(field, key), depth + 1)),
  );
}

const keyProblem = (key: string, field: string): Violation | undefined =>
  key.length === 0 || key.length > MAX_KEY_LENGTH
    ? new Violation(field, `a key must have 1 to ${MAX_KEY_LENGTH} characters, got one of ${key.length}`)
    : undefined;

const firstProblem = (problems: readonly (Violation | undefined)[]): Violation | undefined =>
  problems.find((problem) => problem !== undefined);
