import { CanopyError, type ErrorCode } from '../common/errors.js';

/** What more is known of a mistake. */
export interface Hint {
  /** What could stand at the place. */
  readonly expected?: string;
  /** The step that was probably meant. */
  readonly nearest?: string;
}

/** Line and column, both from 1. */
export function placeOf(source: string, at: number): { readonly line: number; readonly column: number } {
  const before = source.slice(0, at);
  return { line: before.split('\n').length, column: at - before.lastIndexOf('\n') };
}

const error = (code: ErrorCode, message: string, source: string, at: number, hint: Hint): CanopyError =>
  new CanopyError(code, message, { details: { ...placeOf(source, at), ...hint } });

/** The string cannot be read. `message` is Skydive's own text; place and hint are in `details`. */
export const syntaxError = (message: string, source: string, at: number, hint: Hint = {}): CanopyError =>
  error('GREMLIN_SYNTAX', message, source, at, hint);

/** The string can be read and cannot be run. */
export const refusal = (message: string, source: string, at: number, hint: Hint = {}): CanopyError =>
  error('BAD_INPUT', message, source, at, hint);

/** One of the bounds of a string or a run; `budget` names it. */
export const overLimit = (budget: string, limit: number, message: string): CanopyError =>
  new CanopyError('LIMIT_EXCEEDED', message, { details: { budget, limit } });
