import type { GraphQLFormattedError } from 'graphql';

/** The operation was refused before it ran: told by an `error` message instead of a result. */
export class OperationRefused extends Error {
  constructor(readonly errors: readonly GraphQLFormattedError[]) {
    super(errors[0]?.message ?? 'refused');
  }
}

/**
 * One operation as graphql-ws drives it: `run` is called once, gives at most one result, and `stop` ends it from outside, also while it
 * runs. (A generator could not be stopped before its next event.)
 */
export function operationStream<Result>(run: () => Promise<Result | undefined>, stop: () => void): AsyncGenerator<Result> {
  let started = false;
  const done = { done: true as const, value: undefined };
  const stream: AsyncGenerator<Result> = {
    async next() {
      if (started) return done;
      started = true;
      const value = await run();
      return value === undefined ? done : { done: false, value };
    },
    return() {
      started = true;
      stop();
      return Promise.resolve(done);
    },
    throw(error) {
      stop();
      return Promise.reject(error as Error);
    },
    [Symbol.asyncIterator]: () => stream,
  };
  return stream;
}
