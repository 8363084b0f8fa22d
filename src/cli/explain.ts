import { CanopyError } from '../common/errors.js';

/** An error as a person reads it: code, what happened, where, and what to do. `withStack` adds where in the program. */
export function explain(error: unknown, withStack = false): string {
  if (!(error instanceof Error)) return `${String(error)}\n`;
  const message = error instanceof CanopyError ? `${error.code}: ${error.message}` : `INTERNAL: ${error.message}`;
  return withStack && error.stack !== undefined ? `${message}\n${error.stack}\n` : `${message}\n`;
}
