import type { JSX } from 'react';
import { localTime, relative, wholeTime } from './format.js';

/** An instant: local time, how long ago beside it, date and zone for who points at it. */
export function Instant({ at, isRelative = true }: { readonly at: string | number; readonly isRelative?: boolean }): JSX.Element {
  const time = typeof at === 'number' ? at : Date.parse(at);
  return (
    <time dateTime={new Date(time).toISOString()} title={wholeTime(time)}>
      {localTime(time)}
      {isRelative && <span className="muted"> · {relative(time)}</span>}
    </time>
  );
}
