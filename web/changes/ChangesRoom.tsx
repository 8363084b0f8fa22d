import { type JSX, useEffect, useState } from 'react';
import { lastChanges, type ListedChange } from '../data/changesOf.js';
import { type Failure, failureFrom } from '../data/failure.js';
import type { TopologyFilter } from '../data/follow.js';
import { Differences } from '../ui/Differences.js';
import { durationMs } from '../ui/format.js';
import { Instant } from '../ui/Instant.js';
import { Problem } from '../ui/Problem.js';
import { SaveButtons } from './SaveButtons.js';
import './changes.css';
import { grouped, type ChangeGroup } from './grouped.js';
import type { Difference, Entry } from './useDifference.js';

interface ChangesRoomProps {
  readonly difference: Difference;
  readonly filter: TopologyFilter | undefined;
  readonly range: string;
  readonly at: string | undefined;
  readonly since: string | undefined;
  readonly selected: string | undefined;
  onSelect(selected: { readonly kind: 'node' | 'edge'; readonly id: string }): void;
  onTime(at: string): void;
}

const WANTED = 300;
const AGAIN_MS = 2_000;

/** What happened, newest first, up to the moment that is looked at; or what is different between two moments. */
export function ChangesRoom(props: ChangesRoomProps): JSX.Element {
  return props.since === undefined ? <Happened {...props} /> : <Different {...props} />;
}

function Happened({ filter, range, at, selected, onSelect, onTime }: ChangesRoomProps): JSX.Element {
  const [changes, setChanges] = useState<readonly ListedChange[]>();
  const [failure, setFailure] = useState<Failure>();
  const key = JSON.stringify(filter ?? null);
  useEffect(() => {
    const cancellation = new AbortController();
    let timer: ReturnType<typeof setTimeout>;
    const look = (): void => {
      const to = at === undefined ? Date.now() : Date.parse(at);
      lastChanges(to - durationMs(range), to, WANTED, (JSON.parse(key) as TopologyFilter | null) ?? undefined, cancellation.signal)
        .then((found) => {
          setChanges(found);
          setFailure(undefined);
        })
        .catch((error: unknown) => cancellation.signal.aborted || setFailure(failureFrom(error)))
        .finally(() => {
          if (at === undefined && !cancellation.signal.aborted) timer = setTimeout(look, AGAIN_MS);
        });
    };
    look();
    return () => {
      clearTimeout(timer);
      cancellation.abort();
    };
  }, [key, range, at]);
  const groups = grouped(changes ?? []);
  return (
    <section className="room" aria-label="Changes">
      <header className="room-head">
        <h2>Changes of the last {range}</h2>
        <SaveButtons name="changes" rows={changes ?? []} lineOf={lineOfChange} />
      </header>
      <Problem message={failure?.message} />
      {changes === undefined && !failure && <p className="empty">Reading the changes…</p>}
      {changes?.length === 0 && <p className="empty">Nothing happened{filter ? ' to what matches the filter' : ''} in this time.</p>}
      <ol className="changes">
        {groups.map((group) => (
          <Happening key={group.key} group={group} selected={selected} onSelect={onSelect} onTime={onTime} />
        ))}
      </ol>
    </section>
  );
}

const SIGNS = { ADDED: ['+', 'added', 'appeared'], REMOVED: ['−', 'removed', 'went'], UPDATED: ['Δ', 'changed', 'changed'] } as const;

interface HappeningProps extends Pick<ChangesRoomProps, 'selected' | 'onSelect' | 'onTime'> {
  readonly group: ChangeGroup;
}

/** Changes that came together: one line, the rest on request. */
function Happening({ group, selected, onSelect, onTime }: HappeningProps): JSX.Element {
  const { lead, others } = group;
  return (
    <li className={`change ${selected === idOf(lead) ? 'is-chosen' : ''}`}>
      <button className="link small change-time" title="Go to this moment" onClick={() => onTime(lead.at)}>
        <Instant at={lead.at} />
      </button>
      <div>
        <Line change={lead} onSelect={onSelect} onTime={onTime} />
        <Differences paths={lead.paths} />
        {others.length > 0 && (
          <details>
            <summary className="small muted">and {others.length} more at the same moment</summary>
            {others.map((change) => (
              <Line key={change.cursor} change={change} onSelect={onSelect} onTime={onTime} />
            ))}
          </details>
        )}
      </div>
    </li>
  );
}

function Line({
  change,
  onSelect,
  onTime,
}: { readonly change: ListedChange } & Pick<ChangesRoomProps, 'onSelect' | 'onTime'>): JSX.Element {
  const [sign, mark, word] = SIGNS[change.op];
  const { element } = change;
  const isLink = element.__typename === 'Edge';
  const show = (): void => {
    // What went can be seen in the moment before.
    if (change.op === 'REMOVED') onTime(new Date(Date.parse(change.at) - 1).toISOString());
    onSelect({ kind: isLink ? 'edge' : 'node', id: element.id });
  };
  return (
    <p>
      <span className={`change-sign mark-${mark}`} aria-hidden="true">
        {sign}
      </span>
      <button className="link" dir="auto" onClick={show}>
        {isLink ? `a link (${element.relationType})` : element.name}
      </button>{' '}
      <span className="muted">
        {isLink ? '' : `${element.type} `}
        {word} on {element.host || 'no host'}
        {change.reason && change.reason !== 'REMOVED' && ` (${change.reason.toLowerCase().replaceAll('_', ' ')})`}
      </span>
    </p>
  );
}

const lineOfChange = ({ at, op, reason, element, paths }: ListedChange): Readonly<Record<string, unknown>> => ({
  at,
  op,
  reason,
  ...elementLine(element),
  paths,
});

const lineOfEntry = ({ mark, element, paths }: Entry): Readonly<Record<string, unknown>> => ({ mark, ...elementLine(element), paths });

const elementLine = (element: ListedChange['element'] | Entry['element']): Readonly<Record<string, unknown>> =>
  element.__typename === 'Edge'
    ? { id: element.id, type: element.relationType, name: `${element.sourceId} – ${element.targetId}`, host: '' }
    : { id: element.id, type: element.type, name: element.name, host: element.host };

const idOf = ({ element }: ListedChange): string => element.id;

function Different({ difference, since, at, selected, onSelect }: ChangesRoomProps): JSX.Element {
  return (
    <section className="room" aria-label="Differences">
      <header className="room-head">
        <h2>
          Differences from <Instant at={since!} isRelative={false} /> to {at === undefined ? 'now' : <Instant at={at} isRelative={false} />}
        </h2>
        <SaveButtons name="differences" rows={difference.entries} lineOf={lineOfEntry} />
      </header>
      {difference.entries.length === 0 && !difference.failure && <p className="empty">Nothing is different.</p>}
      <ol className="changes">
        {difference.entries.map((entry) => (
          <DifferenceLine
            key={`${entry.mark} ${entry.element.id}`}
            entry={entry}
            isChosen={selected === entry.element.id}
            onSelect={onSelect}
          />
        ))}
      </ol>
    </section>
  );
}

function DifferenceLine({
  entry,
  isChosen,
  onSelect,
}: {
  readonly entry: Entry;
  readonly isChosen: boolean;
  onSelect: ChangesRoomProps['onSelect'];
}): JSX.Element {
  const { mark, element, paths } = entry;
  const isLink = element.__typename === 'Edge';
  return (
    <li className={`change ${isChosen ? 'is-chosen' : ''}`}>
      <span className={`mark-${mark} small`}>{mark}</span>
      <div>
        <p>
          <button className="link" dir="auto" onClick={() => onSelect({ kind: isLink ? 'edge' : 'node', id: element.id })}>
            {element.__typename === 'Edge' ? `a link (${element.relationType})` : element.name}
          </button>{' '}
          {element.__typename !== 'Edge' && (
            <span className="muted">
              {element.type} on {element.host}
            </span>
          )}
        </p>
        <Differences paths={paths} />
      </div>
    </li>
  );
}
