import type { JSX } from 'react';
import type { Difference } from '../changes/useDifference.js';
import { count } from '../ui/format.js';
import { Icon } from '../ui/Icon.js';
import { Instant } from '../ui/Instant.js';
import { Problem } from '../ui/Problem.js';
import type { Address } from './address.js';
import { useUnwatched } from './useCoverage.js';

interface NoticesProps {
  readonly problems: readonly string[];
  readonly at: string | undefined;
  readonly since: string | undefined;
  readonly focus: Address['focus'];
  /** Whether there is something to step back to, within what is around things. */
  readonly isDeep: boolean;
  onStepBack(): void;
  readonly difference: Difference;
  change(change: Partial<Address>): void;
}

/** Bands above the room: what of the address made no sense, that this is the past, that two moments are compared, that only a part is shown. */
export function Notices({ problems, at, since, focus, isDeep, onStepBack, difference, change }: NoticesProps): JSX.Element {
  const unwatched = useUnwatched(at);
  return (
    <>
      {problems.length > 0 && (
        <p className="band is-bad">The address had parts that make no sense here and were left out: {problems.join(', ')}</p>
      )}
      {at !== undefined && (
        <p className="band is-past">
          This is the past: <Instant at={at} />
          {unwatched && <span className="muted">{unwatched}</span>}
          <button className="button" onClick={() => change({ at: undefined, since: undefined })}>
            Back to live
          </button>
        </p>
      )}
      {since !== undefined && (
        <p className="band is-compared">
          Compared with <Instant at={since} />
          {difference.isRead ? (
            <>
              <span className="mark-added">{signed('+', difference.counts.added)} added</span>
              <span className="mark-removed">{signed('−', difference.counts.removed)} removed</span>
              <span className="mark-changed">{signed('Δ', difference.counts.changed)} changed</span>
            </>
          ) : (
            <span className="muted">{difference.failure ? 'not known' : 'reading…'}</span>
          )}
          {difference.isIncomplete && <span className="muted">Part of this time was not watched.</span>}
          <button className="button" onClick={() => change({ room: 'changes' })}>
            List
          </button>
          <button className="button is-plain is-icon" aria-label="End the comparison" onClick={() => change({ since: undefined })}>
            <Icon name="close" />
          </button>
        </p>
      )}
      {focus !== undefined && (
        <p className="band">
          Only what is around one thing is shown.
          {[1, 2, 3].map((hops) => (
            <button
              key={hops}
              className="button"
              aria-pressed={focus.hops === hops}
              onClick={() => change({ focus: { id: focus.id, hops } })}
            >
              {hops === 1 ? '1 link' : `${hops} links`} away
            </button>
          ))}
          {isDeep && (
            <button className="button" title="Step back (Esc)" onClick={onStepBack}>
              Step back
            </button>
          )}
          <button className="button" onClick={() => change({ focus: undefined, trail: [] })}>
            Show everything
          </button>
        </p>
      )}
      <Problem message={difference.failure?.message} />
    </>
  );
}

/** Nothing has no sign. */
const signed = (sign: string, many: number): string => (many > 0 ? `${sign}${count(many)}` : '0');
