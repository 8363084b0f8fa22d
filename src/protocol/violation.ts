import { CanopyError } from '../common/errors.js';

/**
 * A part of a message that is not what PROTOCOL.md says. Thrown by checks with the path as far as they know it;
 * each level that it passes puts its own part in front, so that a good message pays nothing for paths.
 */
export class Violation extends Error {
  path: string;
  readonly problem: string;

  constructor(path: string, problem: string) {
    super(problem);
    this.path = path;
    this.problem = problem;
  }

  /** Puts the part that holds this one in front: `metadata.Name` within `deltas[3]` is `deltas[3].metadata.Name`. */
  within(parent: string): this {
    this.path = joinPath(parent, this.path);
    return this;
  }
}

/** `a` and `b` make `a.b`, `a` and `[0]` make `a[0]`. */
export const joinPath = (parent: string, child: string): string =>
  parent === '' ? child : child === '' ? parent : child.startsWith('[') ? parent + child : `${parent}.${child}`;

/** Longest path that an error repeats: a hostile key must not fill the log. */
const SHOWN_PATH = 200;

/** The error that leaves the room: PROTOCOL_VIOLATION naming message, path and what would be valid. */
export function protocolViolation(message: string, violation: Violation): CanopyError {
  const path = violation.path.length > SHOWN_PATH ? `${violation.path.slice(0, SHOWN_PATH)}…` : violation.path;
  const place = path === '' ? message : `${message} ${path}`;
  return new CanopyError('PROTOCOL_VIOLATION', `${place}: ${violation.problem}`, {
    details: { message, path, problem: violation.problem },
  });
}
