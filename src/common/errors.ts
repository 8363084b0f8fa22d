/** What went wrong, for programs: GraphQL shows it as `extensions.code`, REST maps it to a status, the command line to an exit code. */
export type ErrorCode =
  | 'BAD_INPUT'
  | 'CONFIG_INVALID'
  | 'CONFLICT'
  | 'DATA_DAMAGED'
  | 'DATA_LOCKED'
  | 'DATA_NEWER'
  | 'DEADLINE_EXCEEDED'
  | 'FORBIDDEN'
  | 'GREMLIN_SYNTAX'
  | 'INTERNAL'
  | 'LIMIT_EXCEEDED'
  | 'NOT_FOUND'
  | 'PROTOCOL_VIOLATION'
  | 'QUOTA_EXCEEDED'
  | 'RESYNC_REQUIRED'
  | 'STORE_UNAVAILABLE'
  | 'SYSTEM_CALL'
  | 'UNAUTHENTICATED'
  | 'UNAVAILABLE';

export interface ErrorContext {
  /** Whether the same call may succeed later without being changed. */
  readonly retriable?: boolean;
  readonly cause?: unknown;
  /** Facts for programs: field, value, what would be valid. Never a secret. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** The one base class of errors that leave a room. The message says what happened, where, and what to do. */
export class CanopyError extends Error {
  readonly code: ErrorCode;
  readonly retriable: boolean;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, context: ErrorContext = {}) {
    super(message, context.cause === undefined ? undefined : { cause: context.cause });
    this.name = 'CanopyError';
    this.code = code;
    this.retriable = context.retriable ?? false;
    this.details = context.details ?? {};
  }
}
