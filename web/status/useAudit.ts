import { useEffect, useRef, useState } from 'react';
import { ask } from '../data/ask.js';
import { type Failure, failureFrom } from '../data/failure.js';
import { graphql, type ResultOf } from '../data/graphql.js';

const Audit = graphql(`
  query Audit($who: String, $after: String) {
    audit(first: 500, who: $who, after: $after) {
      edges {
        cursor
        node {
          at
          who
          what
          with
          outcome
          code
          from
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

/** Somebody did something, or tried to; with its place in the log. */
export type Entry = NonNullable<ResultOf<typeof Audit>['audit']>['edges'][number];

/** What was read of the log so far. */
interface Read {
  /** The newest first; `undefined` until the first answer. */
  readonly entries: readonly Entry[] | undefined;
  readonly failure: Failure | undefined;
  readonly hasOlder: boolean;
}

const NOTHING: Read = { entries: undefined, failure: undefined, hasOlder: false };

/** The audit log, the newest first, page by page; of one viewer only when `who` is not empty. */
export function useAudit(who: string): Read & { older(): void; again(): void } {
  const [read, setRead] = useState(NOTHING);
  const [turn, setTurn] = useState(0);
  const readOlder = useRef<() => void>(() => undefined);
  useEffect(() => {
    const cancellation = new AbortController();
    let entries: readonly Entry[] = [];
    let after: string | null = null;
    let isReading = false;
    readOlder.current = () => {
      // A second press while the page is on its way would bring it twice.
      if (isReading) return;
      isReading = true;
      ask(Audit, { who: who || null, after }, cancellation.signal)
        .then(({ data: { audit }, missing }) => {
          entries = [...entries, ...(audit?.edges ?? [])];
          after = audit?.pageInfo.endCursor ?? after;
          setRead({ entries, failure: missing, hasOlder: audit?.pageInfo.hasNextPage ?? false });
        })
        .catch((error: unknown) => cancellation.signal.aborted || setRead((before) => ({ ...before, failure: failureFrom(error) })))
        .finally(() => (isReading = false));
    };
    readOlder.current();
    return () => cancellation.abort();
  }, [who, turn]);
  return { ...read, older: () => readOlder.current(), again: () => setTurn((now) => now + 1) };
}
