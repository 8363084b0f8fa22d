import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { CanopyError } from '../../common/errors.js';
import { randomId } from '../../common/ids.js';
import type { Log } from '../../common/log.js';

/** Codes of Apollo that mean: the document or its variables are wrong. Their messages come from graphql-js and name the place. */
const CLIENT_CODES: ReadonlyMap<string, string> = new Map([
  ['GRAPHQL_PARSE_FAILED', 'BAD_USER_INPUT'],
  ['GRAPHQL_VALIDATION_FAILED', 'BAD_USER_INPUT'],
  ['OPERATION_RESOLUTION_FAILURE', 'BAD_USER_INPUT'],
  ['BAD_REQUEST', 'BAD_USER_INPUT'],
  ['BAD_USER_INPUT', 'BAD_USER_INPUT'],
  // A literal that one of our scalars does not take.
  ['BAD_INPUT', 'BAD_USER_INPUT'],
  ['PERSISTED_QUERY_NOT_FOUND', 'PERSISTED_QUERY_NOT_FOUND'],
  ['PERSISTED_QUERY_NOT_SUPPORTED', 'PERSISTED_QUERY_NOT_SUPPORTED'],
  ['LIMIT_EXCEEDED', 'LIMIT_EXCEEDED'],
]);

/** What leaves the house of an error, on both transports. */
export type ErrorFormatter = (formatted: GraphQLFormattedError, error: unknown) => GraphQLFormattedError;

/**
 * Ours go out with `code`, `retriable` and `details`; wrong documents as `BAD_USER_INPUT`; everything else is a fault of ours: it is logged
 * under an id, and only the id goes out.
 */
export const errorFormatter =
  (log: Log): ErrorFormatter =>
  (formatted, error) => {
    const cause = causeOf(error);
    if (cause instanceof CanopyError && cause.code !== 'INTERNAL') {
      const code = cause.code === 'BAD_INPUT' ? 'BAD_USER_INPUT' : cause.code;
      return { ...placeOf(formatted), message: cause.message, extensions: { code, retriable: cause.retriable, details: cause.details } };
    }
    const { details = {} } = formatted.extensions ?? {};
    const known = CLIENT_CODES.get(codeOf(error) ?? String(formatted.extensions?.code));
    if (known !== undefined) {
      return { ...placeOf(formatted), message: formatted.message, extensions: { code: known, retriable: false, details } };
    }
    // graphql-js itself refuses a variable or an argument before any resolver has run, and Apollo a way to name a document that it does not know.
    if (cause === undefined && isAboutInput(formatted)) {
      return { ...placeOf(formatted), message: formatted.message, extensions: { code: 'BAD_USER_INPUT', retriable: false, details } };
    }
    const id = randomId();
    log.error({ id, error: describe(cause ?? error), path: formatted.path }, 'a request failed by a fault of ours');
    return {
      ...placeOf(formatted),
      message: `internal error ${id}; the analyzer's log says more under this id`,
      extensions: { code: 'INTERNAL', retriable: false, details: { id } },
    };
  };

/** What a resolver threw, below the errors that executors wrap around it; `undefined` when graphql-js made the error itself. */
function causeOf(error: unknown): unknown {
  let cause = error;
  while (cause instanceof GraphQLError) cause = cause.originalError;
  return cause ?? undefined;
}

/** The code of the innermost error that has one: Apollo puts its own around those of our validation rules. */
function codeOf(error: unknown): string | undefined {
  let code: string | undefined;
  for (let inner = error; inner instanceof GraphQLError; inner = inner.originalError) {
    if (typeof inner.extensions?.code === 'string') code = inner.extensions.code;
  }
  return code;
}

const isAboutInput = ({ message, path }: GraphQLFormattedError): boolean =>
  path === undefined
    ? /^(Variable|Argument|Unknown operation|Must provide|Unsupported persisted query)/.test(message)
    : /^Argument "/.test(message);

const placeOf = ({ path, locations }: GraphQLFormattedError): Partial<GraphQLFormattedError> => ({
  ...(locations ? { locations } : {}),
  ...(path ? { path } : {}),
});

const describe = (error: unknown): object | string =>
  error instanceof Error
    ? { name: error.name, message: error.message, stack: error.stack, cause: String(error.cause ?? '') }
    : String(error);
