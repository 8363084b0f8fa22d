import { CanopyError, type ErrorCode } from '../common/errors.js';

/** What the exit code of every command says, for scripts. */
export interface ExitCode {
  readonly code: number;
  readonly name: string;
  readonly says: string;
  /** Codes of errors that end in it. */
  readonly errors: readonly ErrorCode[];
}

export const OK = 0;
export const FAILURE = 1;
export const USAGE = 2;
export const UNREACHABLE = 3;
export const REFUSED = 4;
export const INCOMPLETE = 5;
export const NOT_FOUND = 6;
export const LIMITED = 7;
export const DATA_FOLDER = 8;
export const RESYNC = 9;
/** As a shell shows a process that SIGINT has ended. */
export const FORCED = 130;

export const EXIT_CODES: readonly ExitCode[] = [
  {
    code: OK,
    name: 'ok',
    says: 'Done; for `status` and `doctor`: all is well. Also a server or `--watch` that was asked to stop.',
    errors: [],
  },
  {
    code: FAILURE,
    name: 'failure',
    says: 'Something failed that has no code of its own; the message says what.',
    errors: ['INTERNAL', 'SYSTEM_CALL', 'PROTOCOL_VIOLATION'],
  },
  {
    code: USAGE,
    name: 'usage',
    says: 'The command, its arguments, the GraphQL document, the Gremlin string or the configuration is wrong, or what it asks for is there already. Nothing was done.',
    errors: ['BAD_INPUT', 'GREMLIN_SYNTAX', 'CONFIG_INVALID', 'CONFLICT'],
  },
  {
    code: UNREACHABLE,
    name: 'unreachable',
    says: 'The analyzer cannot be reached, or cannot answer just now. The same call may succeed later.',
    errors: ['UNAVAILABLE', 'STORE_UNAVAILABLE'],
  },
  {
    code: REFUSED,
    name: 'refused',
    says: 'The analyzer wants a token, or the token lacks the right.',
    errors: ['UNAUTHENTICATED', 'FORBIDDEN'],
  },
  {
    code: INCOMPLETE,
    name: 'incomplete',
    says: 'An answer came, but parts of it failed; for `status` and `doctor`: something is not well.',
    errors: [],
  },
  { code: NOT_FOUND, name: 'not found', says: 'What was asked for by its id does not exist at that instant.', errors: ['NOT_FOUND'] },
  {
    code: LIMITED,
    name: 'limited',
    says: 'A limit, a quota or the deadline was reached. Ask for less.',
    errors: ['LIMIT_EXCEEDED', 'QUOTA_EXCEEDED', 'DEADLINE_EXCEEDED'],
  },
  {
    code: DATA_FOLDER,
    name: 'data folder',
    says: 'The data folder is damaged, in use by another process, or written by a newer version.',
    errors: ['DATA_DAMAGED', 'DATA_LOCKED', 'DATA_NEWER'],
  },
  {
    code: RESYNC,
    name: 'resync',
    says: 'The given cursor is too old to continue from. Start again without it.',
    errors: ['RESYNC_REQUIRED'],
  },
  { code: FORCED, name: 'forced', says: 'A second signal ended a server before it had stopped cleanly.', errors: [] },
];

const BY_ERROR = new Map(EXIT_CODES.flatMap(({ code, errors }) => errors.map((error) => [error, code] as const)));

/** Exit code for an error of any kind. */
export const exitCodeOf = (error: unknown): number => (error instanceof CanopyError ? (BY_ERROR.get(error.code) ?? FAILURE) : FAILURE);
