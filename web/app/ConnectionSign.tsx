import { type JSX, useEffect, useState } from 'react';
import { connection } from '../data/connection.js';
import { useStore } from '../data/store.js';
import { duration, localTime } from '../ui/format.js';

/** Live, in the past, or without a line to the analyzer; what was told about the stream for who points at it. */
export function ConnectionSign({ at, onLive }: { readonly at: string | undefined; onLive(): void }): JSX.Element {
  const { state, since, notes } = useStore(connection);
  const now = useClock();
  const title = notes.length > 0 ? notes.join('\n') : undefined;
  if (state === 'lost') {
    return (
      <span className="sign is-lost" role="status" title={title}>
        <span className="sign-dot" /> no connection for {duration(now - since)}, trying again
      </span>
    );
  }
  if (at !== undefined) {
    return (
      <button className="button sign is-past" onClick={onLive} title="Back to live (l)">
        <span className="sign-dot" /> {localTime(Date.parse(at))}
      </button>
    );
  }
  return (
    <span className={`sign ${state === 'connected' ? 'is-live' : ''}`} title={title}>
      <span className="sign-dot" /> {state === 'connected' ? 'live' : 'connecting'} <time>{localTime(now)}</time>
    </span>
  );
}

function useClock(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}
