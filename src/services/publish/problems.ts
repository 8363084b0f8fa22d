import { CanopyError, type ErrorCode } from '../../common/errors.js';

/** One bad part of a call: where it is and what would be valid. */
export interface Problem {
  /** Dotted path in the call: `nodes[3].metadata.MTU`. */
  readonly path: string;
  readonly message: string;
  readonly code: Extract<ErrorCode, 'BAD_INPUT' | 'FORBIDDEN' | 'NOT_FOUND'>;
}

/** Bad parts that one error lists; the others are counted. */
const LISTED = 50;

/** Gathers what is wrong with a call, so that its author sees all of it at once. */
export class Problems {
  readonly #found: Problem[] = [];

  add(path: string, message: string, code: Problem['code'] = 'BAD_INPUT'): void {
    this.#found.push({ path, message, code });
  }

  /** Throws one error with the path of each bad part; nothing of the call may have been applied yet. */
  throwIfAny(what: string): void {
    const [first] = this.#found;
    if (first === undefined) return;
    const lines = this.#found.slice(0, 5).map(({ path, message }) => `${path}: ${message}`);
    const more = this.#found.length > lines.length ? `; and ${this.#found.length - lines.length} more` : '';
    throw new CanopyError(first.code, `${what} was refused as a whole, nothing has changed: ${lines.join('; ')}${more}`, {
      details: { problems: this.#found.slice(0, LISTED), count: this.#found.length },
    });
  }
}
