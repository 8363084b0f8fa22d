import { excerpt, type GraphqlFault } from '../client/answer.js';
import { CanopyError } from '../common/errors.js';

/** An error as a person reads it: code, what happened, where, and what to do. `withStack` adds where in the program. */
export function explain(error: unknown, withStack = false): string {
  if (!(error instanceof Error)) return `${String(error)}\n`;
  const message = error instanceof CanopyError ? `${error.code}: ${error.message}${filterExcerpt(error)}` : `INTERNAL: ${error.message}`;
  return withStack && error.stack !== undefined ? `${message}\n${error.stack}\n` : `${message}\n`;
}

/** A filter of libpcap with the place where it is wrong, for an error of this machine. */
function filterExcerpt({ details: { filter, line, column } }: CanopyError): string {
  return typeof filter === 'string' && typeof line === 'number' && typeof column === 'number' ? `\n${excerpt(filter, line, column)}` : '';
}

/** GraphQL's words for a value that an argument cannot have: where it stands, and what is wrong with it. */
const BAD_VARIABLE = /^Variable "\$(\w+)" got invalid value .*?(?: at "\w+\.([^"]+)")?; (.*)$/s;

/** The analyzer's error for somebody who wrote no GraphQL: without places in a document that is not theirs. */
export function withoutDocument(error: unknown): unknown {
  if (!(error instanceof CanopyError) || !Array.isArray(error.details.errors)) return error;
  const faults = error.details.errors as readonly GraphqlFault[];
  const messages = faults.map(({ message }) =>
    message.replace(BAD_VARIABLE, (_, variable, field, wrong) => `${field ?? variable}: ${wrong}`),
  );
  return new CanopyError(error.code, messages.join('\n'), { retriable: error.retriable, details: error.details, cause: error });
}
