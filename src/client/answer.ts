import { CanopyError, type ErrorCode } from '../common/errors.js';

/** One error of a GraphQL answer, as the specification has it (§7.1.2). */
export interface GraphqlFault {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly locations?: readonly { readonly line: number; readonly column: number }[];
  readonly extensions?: { readonly code?: string; readonly [name: string]: unknown };
}

export interface Answer<T> {
  readonly data: T;
  /** Of parts that are null in `data` because they failed. */
  readonly errors: readonly GraphqlFault[];
}

/** Codes of GraphQL servers in general, in our terms. */
const FOREIGN_CODES: Readonly<Record<string, ErrorCode>> = {
  GRAPHQL_PARSE_FAILED: 'BAD_INPUT',
  GRAPHQL_VALIDATION_FAILED: 'BAD_INPUT',
  BAD_USER_INPUT: 'BAD_INPUT',
  BAD_REQUEST: 'BAD_INPUT',
  OPERATION_RESOLUTION_FAILURE: 'BAD_INPUT',
  PERSISTED_QUERY_NOT_FOUND: 'BAD_INPUT',
  INTERNAL_SERVER_ERROR: 'INTERNAL',
};

/** The errors as one that can be thrown; the first gives the code. With the document, a caret shows each place in it. */
export function faultsToError(faults: readonly GraphqlFault[], document?: string): CanopyError {
  const code = faults[0]?.extensions?.code ?? 'INTERNAL';
  const message = faults.map((fault) => describeFault(fault, document)).join('\n');
  return new CanopyError(FOREIGN_CODES[code] ?? (code as ErrorCode), message, { details: { errors: faults } });
}

/** One error with its path in the answer and its place in the document. */
export function describeFault({ message, path, locations }: GraphqlFault, document?: string): string {
  const where = path === undefined ? '' : ` (at ${path.join('.')})`;
  const excerpts = document === undefined ? [] : (locations ?? []).map(({ line, column }) => excerpt(document, line, column));
  return [`${message}${where}`, ...excerpts].join('\n');
}

/** A line of a text with a caret below the column, both counted from 1. */
export function excerpt(document: string, line: number, column: number): string {
  const source = document.split('\n')[line - 1] ?? '';
  // Tabs stay tabs, so that the caret stands below its letter however wide they are shown.
  const blank = source.slice(0, column - 1).replace(/[^\t]/g, ' ');
  return `  ${source}\n  ${blank}^`;
}
