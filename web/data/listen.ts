import { openClient, waitBefore } from './connection.js';
import { type Document, textOf } from './ask.js';
import { type Failure, failureFrom, failureOf } from './failure.js';
import type { ResultOf, VariablesOf } from './graphql.js';
import { refreshSession } from './session.js';

/** What somebody who listens is told. */
export interface Listener<Data> {
  next(data: Data): void;
  /** The analyzer refuses the subscription: a fault in the document or a variable. It is not tried again. */
  refused(failure: Failure): void;
}

/**
 * Listens until the returned function is called. When the line is lost it is opened again, with the variables of that moment: pass a
 * function that knows the last cursor, and nothing is missed.
 */
export function listen<D extends Document>(document: D, variables: () => VariablesOf<D>, listener: Listener<ResultOf<D>>): () => void {
  let isOver = false;
  let attempt = 0;
  let stop = (): void => undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const again = (): void => {
    if (isOver) return;
    timer = setTimeout(open, waitBefore(attempt++));
  };
  const open = (): void => {
    if (isOver) return;
    stop = openClient().subscribe(
      { query: textOf(document), variables: variables() as Record<string, unknown> },
      {
        next({ data, errors }) {
          attempt = 0;
          if (isOver) return;
          if (errors?.length && !data) listener.refused(failureOf(errors));
          else listener.next(data as ResultOf<D>);
        },
        error(error) {
          if (isOver) return;
          if (Array.isArray(error)) return listener.refused(failureOf(error as Parameters<typeof failureOf>[0]));
          if (isForbidden(error)) void comeBack();
          else again();
        },
        complete: again,
      },
    );
  };
  /** A session that ended may be followed by the next. */
  const comeBack = async (): Promise<void> => {
    if (attempt === 0 && (await refreshSession())) return again();
    if (isOver) return;
    isOver = true;
    listener.refused({ ...failureFrom(new Error('this analyzer asks who you are')), code: 'UNAUTHENTICATED' });
  };
  open();
  return () => {
    isOver = true;
    clearTimeout(timer);
    stop();
  };
}

/** The analyzer closes the line with these codes when nobody signed in, or the token is wrong. */
const FORBIDDEN_CODES = [4401, 4403];
const isForbidden = (error: unknown): boolean => error instanceof CloseEvent && FORBIDDEN_CODES.includes(error.code);
