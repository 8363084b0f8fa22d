import { useEffect, useRef, useState } from 'react';
import { ask } from '../data/ask.js';
import { ComingChanges, isMeant, lastChanges, type ListedChange, type Meant, NewestPlace } from '../data/changesOf.js';
import { note } from '../data/connection.js';
import { type Failure, failureFrom } from '../data/failure.js';
import { listen } from '../data/listen.js';
import { durationMs } from '../ui/format.js';

/** Changes that are read at once, and that are kept while more come. */
const WANTED = 300;
const MOST_KEPT = 5_000;
/** The analyzer's clock may be ahead of this one: what is later than its present means its present. */
const AHEAD_MS = 3_600_000;

/** What happened, newest first. */
export interface Happened {
  /** `undefined` until the first answer. */
  readonly changes: readonly ListedChange[] | undefined;
  readonly failure: Failure | undefined;
  /** Whether there may be earlier ones within the range. */
  readonly hasOlder: boolean;
  /** Reads earlier ones. */
  older(): void;
}

const NOTHING = { changes: undefined, failure: undefined, hasOlder: false } as const;

/** The changes of a range that ends at an instant; without one those of the present, and each that comes. */
export function useHappened(meant: Meant, range: string, at: string | undefined): Happened {
  const [happened, setHappened] = useState<Omit<Happened, 'older'>>(NOTHING);
  const readOlder = useRef<() => void>(() => undefined);
  const key = JSON.stringify(meant);
  useEffect(() => {
    const given = JSON.parse(key) as Meant;
    const end = at === undefined ? Date.now() : Date.parse(at);
    const from = end - durationMs(range);
    let cancellation = new AbortController();
    let stop = (): void => undefined;
    let changes: readonly ListedChange[] = [];
    const show = (next: readonly ListedChange[], hasOlder?: boolean): void => {
      changes = next;
      setHappened((before) => ({ changes: next, failure: undefined, hasOlder: hasOlder ?? before.hasOlder }));
    };
    const attempt = (act: (signal: AbortSignal) => Promise<void>): void => {
      const { signal } = cancellation;
      act(signal).catch((error: unknown) => signal.aborted || setHappened((before) => ({ ...before, failure: failureFrom(error) })));
    };
    const follow = (cursor: string): void => {
      let after = cursor;
      const known = new Set(changes.map((change) => change.cursor));
      stop = listen(ComingChanges, () => ({ filter: given.filter ?? null, after }), {
        refused: (failure) => setHappened((before) => ({ ...before, failure })),
        next({ topologyChanges: event }) {
          if (event.__typename === 'TopologyChanges') {
            after = event.cursor ?? after;
            // What came between the place and the list is in both.
            const fresh = event.changes.filter((change) => !known.has(change.cursor) && isMeant(given, change));
            if (fresh.length > 0) show([...fresh.reverse(), ...changes].slice(0, MOST_KEPT));
          } else if (event.__typename === 'EventsLost' || event.__typename === 'ResyncRequired') {
            note('changes were skipped; they were read again');
            begin();
          }
        },
      });
    };
    const begin = (): void => {
      cancellation.abort();
      stop();
      cancellation = new AbortController();
      attempt(async (signal) => {
        const cursor = at === undefined ? (await ask(NewestPlace, {}, signal)).data.status.cursor : undefined;
        show(await lastChanges(from, at === undefined ? Date.now() + AHEAD_MS : end, WANTED, given, signal), true);
        if (cursor !== undefined && !signal.aborted) follow(cursor);
      });
    };
    readOlder.current = () =>
      attempt(async (signal) => {
        const oldest = changes.at(-1);
        const older = oldest && (await lastChanges(from, Date.parse(oldest.at) - 1, WANTED, given, signal));
        if (older?.length) show([...changes, ...older], true);
        else show(changes, false);
      });
    setHappened((before) => ({ ...before, failure: undefined }));
    begin();
    return () => {
      cancellation.abort();
      stop();
    };
  }, [key, range, at]);
  return { ...happened, older: () => readOlder.current() };
}
