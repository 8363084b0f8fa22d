import { CanopyError } from '../../common/errors.js';

/** What the old interface answers an error with: a status, and the message as text. */
export interface TextAnswer {
  readonly status: number;
  /** Ends with a line feed. */
  readonly body: string;
}

const STATUS: Partial<Record<CanopyError['code'], number>> = {
  BAD_INPUT: 400,
  GREMLIN_SYNTAX: 400,
  LIMIT_EXCEEDED: 400,
  RESYNC_REQUIRED: 400,
  NOT_FOUND: 404,
  CONFLICT: 409,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  DEADLINE_EXCEEDED: 503,
  UNAVAILABLE: 503,
  STORE_UNAVAILABLE: 503,
};

/** Old clients know a missing right by this status. */
const RIGHT_MISSING = 405;

/** RFC 6585 §4. */
const TOO_OFTEN = 429;

/** The answer for an error; `undefined` for a fault of ours, which is to be logged. */
export function textAnswer(error: unknown): TextAnswer | undefined {
  if (error instanceof CanopyError) {
    const isAboutRights = error.code === 'FORBIDDEN' && error.details.needed !== undefined;
    const isTooOften = error.details.retryAfterSeconds !== undefined;
    const status = isAboutRights ? RIGHT_MISSING : isTooOften ? TOO_OFTEN : STATUS[error.code];
    return status === undefined ? undefined : { status, body: `${error.message}\n` };
  }
  const { statusCode, message } = error as { readonly statusCode?: number; readonly message?: string };
  return statusCode !== undefined && statusCode < 500 ? { status: statusCode, body: `${message ?? 'bad request'}\n` } : undefined;
}
