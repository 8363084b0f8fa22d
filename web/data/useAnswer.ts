import { useEffect, useRef, useState } from 'react';
import { type Answer, ask, type Document, textOf } from './ask.js';
import { type Failure, failureFrom } from './failure.js';
import type { ResultOf, VariablesOf } from './graphql.js';

/** A question and what is known of its answer. */
export interface Asked<Data> {
  /** The last answer; stays while the next one is on its way, so that nothing flickers. */
  readonly data: Data | undefined;
  /** Why there is no answer to the present question, or what of it is missing. */
  readonly failure: Failure | undefined;
  readonly isAsking: boolean;
}

/** How many answers are kept for going back and forth. */
const KEPT_ANSWERS = 60;
const kept = new Map<string, Answer<unknown>>();

/** What could not be answered for now is asked again after so many milliseconds, and after twice as many each time, up to the most. */
const LEAST_WAIT_MS = 3_000;
const MOST_WAIT_MS = 30_000;

const IDLE: Asked<never> = { data: undefined, failure: undefined, isAsking: false };

export interface AskOptions {
  /** What is asked about: another one must not be shown with the answer of the one before. */
  readonly subject?: string;
  /** Asks again when it changes. */
  readonly turn?: number;
  /** Whether the answer may be kept: it is about a fixed instant. */
  readonly isFixed?: boolean;
}

/**
 * Asks, and asks again when the variables change, or when the analyzer had no time or could not be reached; `undefined` asks nothing. The
 * earlier question is cancelled.
 */
export function useAnswer<D extends Document>(
  document: D,
  variables: VariablesOf<D> | undefined,
  { subject = '', turn = 0, isFixed = false }: AskOptions = {},
): Asked<ResultOf<D>> {
  const key = variables === undefined ? undefined : JSON.stringify(variables);
  const [asked, setAsked] = useState<Asked<ResultOf<D>>>(IDLE);
  const shown = useRef('');
  useEffect(() => {
    if (key === undefined) return setAsked(IDLE);
    const id = `${textOf(document)} ${key}`;
    const known = isFixed ? (kept.get(id) as Answer<ResultOf<D>> | undefined) : undefined;
    if (known) {
      shown.current = subject;
      return setAsked({ data: known.data, failure: known.missing, isAsking: false });
    }
    const cancellation = new AbortController();
    setAsked((before) => ({ data: shown.current === subject ? before.data : undefined, failure: undefined, isAsking: true }));
    let timer: ReturnType<typeof setTimeout> | undefined;
    const askNow = (waitMs: number): void =>
      void ask(document, JSON.parse(key) as VariablesOf<D>, cancellation.signal)
        .then((answer) => {
          if (isFixed) keep(id, answer);
          shown.current = subject;
          setAsked({ data: answer.data, failure: answer.missing, isAsking: false });
        })
        .catch((error: unknown) => {
          if (cancellation.signal.aborted) return;
          const failure = failureFrom(error);
          setAsked((before) => ({ data: shown.current === subject ? before.data : undefined, failure, isAsking: false }));
          if (failure.isRetriable) timer = setTimeout(askNow, waitMs, Math.min(waitMs * 2, MOST_WAIT_MS));
        });
    askNow(LEAST_WAIT_MS);
    return () => {
      clearTimeout(timer);
      cancellation.abort();
    };
  }, [document, key, subject, turn, isFixed]);
  return asked;
}

function keep(id: string, answer: Answer<unknown>): void {
  kept.set(id, answer);
  if (kept.size > KEPT_ANSWERS) kept.delete(kept.keys().next().value!);
}
