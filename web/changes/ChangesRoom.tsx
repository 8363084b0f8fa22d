import { type JSX, useMemo, useState } from 'react';
import { kindOf, type ListedChange } from '../data/changesOf.js';
import type { TopologyFilter } from '../data/follow.js';
import { Differences } from '../ui/Differences.js';
import { count, duration, durationMs } from '../ui/format.js';
import { Instant } from '../ui/Instant.js';
import { Problem } from '../ui/Problem.js';
import { SaveButtons } from '../ui/SaveButtons.js';
import './changes.css';
import { ChangesFilter, meantBy, type Shown } from './ChangesFilter.js';
import { type ChangeGroup, grouped, restInWords } from './grouped.js';
import { type Difference, type Entry, type Mark, MARKS } from './useDifference.js';
import { useHappened } from './useHappened.js';
import { type Names, useNames } from './useNames.js';

interface ChangesRoomProps {
  readonly difference: Difference;
  readonly filter: TopologyFilter | undefined;
  readonly range: string;
  readonly at: string | undefined;
  readonly since: string | undefined;
  readonly selected: string | undefined;
  readonly shown: Shown;
  onShown(shown: Shown): void;
  onSelect(selected: { readonly kind: 'node' | 'edge'; readonly id: string }): void;
  onTime(at: string): void;
  /** Shows what happened in the picture: the moment after it compared with the one before. */
  onMoment(moment: { readonly at: string; readonly since: string; readonly element: ListedChange['element'] }): void;
}

/** Entries that are shown at first, and more at a time. */
const ENTRIES = 100;

/** What happened, newest first, up to the moment that is looked at; or what is different between two moments. */
export function ChangesRoom(props: ChangesRoomProps): JSX.Element {
  return props.since === undefined ? <Happened {...props} /> : <Different {...props} />;
}

function Happened({ filter, range, at, selected, shown, onShown, onSelect, onTime, onMoment }: ChangesRoomProps): JSX.Element {
  const meant = meantBy(shown, filter);
  const { changes, failure, hasOlder, older } = useHappened(meant, range, at);
  const kinds = useMemo(() => new Set((changes ?? []).map(({ element }) => kindOf(element))), [changes]);
  const isNarrowed = meant.filter !== undefined || meant.ops !== undefined || meant.kinds !== undefined;
  const [most, setMost] = useState(ENTRIES);
  const groups = useMemo(() => grouped(changes ?? []), [changes]);
  const elements = useMemo(() => (changes ?? []).map(({ element }) => element), [changes]);
  const names = useNames(elements, at);
  const more = (): void => {
    if (groups.length <= most) older();
    setMost(most + ENTRIES);
  };
  return (
    <section className="room" aria-label="Changes">
      <header className="room-head">
        <h2>
          {at === undefined ? (
            `Changes of the last ${duration(durationMs(range))}`
          ) : (
            <>
              Changes of the {duration(durationMs(range))} before <Instant at={at} isRelative={false} />
            </>
          )}
        </h2>
        {changes && (
          <span className="small muted">
            {count(changes.length)} {changes.length === 1 ? 'change' : 'changes'} in {count(groups.length)}{' '}
            {groups.length === 1 ? 'event' : 'events'}
            {isNarrowed ? ', of what is asked for' : ''}
          </span>
        )}
        <SaveButtons name="changes" rows={changes ?? []} lineOf={lineOfChange} />
      </header>
      <ChangesFilter shown={shown} at={at} listed={kinds} onShown={onShown} />
      <Problem message={failure?.message} />
      {changes === undefined && !failure && <p className="empty">Reading the changes…</p>}
      {changes?.length === 0 && <p className="empty">Nothing {isNarrowed ? 'that is asked for ' : ''}happened in this time.</p>}
      <ol className="changes">
        {groups.slice(0, most).map((group) => (
          <Happening
            key={group.key}
            group={group}
            names={names}
            selected={selected}
            onSelect={onSelect}
            onTime={onTime}
            onMoment={onMoment}
          />
        ))}
      </ol>
      {(groups.length > most || (hasOlder && groups.length > 0)) && (
        <p className="changes-more">
          <button className="button" onClick={more}>
            Earlier changes
          </button>
        </p>
      )}
    </section>
  );
}

const SIGNS = { ADDED: ['+', 'added', 'appeared'], REMOVED: ['−', 'removed', 'went'], UPDATED: ['Δ', 'changed', 'changed'] } as const;

interface HappeningProps extends Pick<ChangesRoomProps, 'selected' | 'onSelect' | 'onTime' | 'onMoment'> {
  readonly group: ChangeGroup;
  readonly names: Names;
}

/** One event: what says best what happened, the rest on request. */
function Happening({ group, names, selected, onSelect, onTime, onMoment }: HappeningProps): JSX.Element {
  const { lead, changes, isRepeated } = group;
  const newest = changes[0]!;
  const oldest = changes.at(-1)!;
  const moment = { at: newest.at, since: new Date(Date.parse(oldest.at) - 1).toISOString(), element: lead.element };
  return (
    <li className={`change ${changes.some(({ element }) => element.id === selected) ? 'is-chosen' : ''}`}>
      <button className="link small" title="Show it in the picture: before and after" onClick={() => onMoment(moment)}>
        <Instant at={newest.at} />
      </button>
      <div>
        <Line change={lead} names={names} times={isRepeated ? changes.length : 1} onSelect={onSelect} onTime={onTime} />
        <Differences paths={isRepeated ? newest.paths : lead.paths} />
        {changes.length > 1 && (
          <Rest
            words={isRepeated ? 'each time' : `with it ${restInWords(group)}`}
            changes={changes}
            show={(change) => (
              <>
                {isRepeated ? (
                  <Instant at={change.at} isRelative={false} />
                ) : (
                  <Line change={change} names={names} onSelect={onSelect} onTime={onTime} />
                )}
                <Differences paths={change.paths} />
              </>
            )}
          />
        )}
      </div>
    </li>
  );
}

interface RestProps {
  readonly words: string;
  readonly changes: readonly ListedChange[];
  show(change: ListedChange): JSX.Element;
}

/** What exists only while it is open, as an event may be thousands of changes; and then the first of them, until more are wanted. */
function Rest({ words, changes, show }: RestProps): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  const [most, setMost] = useState(ENTRIES);
  return (
    <>
      <button className="link small change-rest" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        {words}
      </button>
      {isOpen && (
        <ul className="change-all">
          {changes.slice(0, most).map((change) => (
            <li key={change.cursor}>{show(change)}</li>
          ))}
          {changes.length > most && (
            <li>
              <button className="link small" onClick={() => setMost(most * 10)}>
                {count(changes.length - most)} more
              </button>
            </li>
          )}
        </ul>
      )}
    </>
  );
}

interface LineProps extends Pick<ChangesRoomProps, 'onSelect' | 'onTime'> {
  readonly change: ListedChange;
  readonly names: Names;
  readonly times?: number;
}

function Line({ change, names, times = 1, onSelect, onTime }: LineProps): JSX.Element {
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
        {isLink ? linkInWords(element, names) : element.name}
      </button>{' '}
      <span className="muted">
        {isLink ? '' : `${element.type} `}
        {word} {times > 1 && `${times} times `}on {element.host || 'no host'}
        {change.reason && change.reason !== 'REMOVED' && ` (${change.reason.toLowerCase().replaceAll('_', ' ')})`}
      </span>
    </p>
  );
}

interface Link {
  readonly relationType: string;
  readonly sourceId: string;
  readonly targetId: string;
}

/** A link between what has a name here, or of what it has one. */
function linkInWords({ relationType, sourceId, targetId }: Link, names: Names): string {
  const ends = [names.get(sourceId), names.get(targetId)].filter((name) => name !== undefined);
  return ends.length > 0 ? `${relationType} of ${ends.join(' and ')}` : `a link (${relationType})`;
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
    ? { id: element.id, type: element.relationType, name: `${element.sourceId} – ${element.targetId}`, host: element.host }
    : { id: element.id, type: element.type, name: element.name, host: element.host };

function Different({ difference, since, at, selected, shown, onShown, onSelect }: ChangesRoomProps): JSX.Element {
  const kinds = useMemo(() => new Set(difference.entries.map(({ element }) => kindOfEntry(element))), [difference.entries]);
  const isNarrowed = shown.ops.length > 0 || shown.kinds.length > 0 || shown.host !== '';
  const entries = useMemo(
    () => (isNarrowed ? difference.entries.filter((entry) => isShown(shown, entry)) : difference.entries),
    [difference.entries, shown, isNarrowed],
  );
  const elements = useMemo(() => entries.map(({ element }) => element), [entries]);
  const names = useNames(elements, at);
  return (
    <section className="room" aria-label="Differences">
      <header className="room-head">
        <h2>
          Differences from <Instant at={since!} isRelative={false} /> to {at === undefined ? 'now' : <Instant at={at} isRelative={false} />}
        </h2>
        <SaveButtons name="differences" rows={entries} lineOf={lineOfEntry} />
      </header>
      <ChangesFilter shown={shown} at={at} listed={kinds} onShown={onShown} />
      {!difference.isRead && !difference.failure && <p className="empty">Comparing…</p>}
      {difference.isRead && entries.length === 0 && <p className="empty">Nothing {isNarrowed ? 'that is asked for ' : ''}is different.</p>}
      {MARKS.map((mark) => (
        <Marked
          key={mark}
          mark={mark}
          all={entries}
          names={names}
          total={isNarrowed ? undefined : difference.counts[mark]}
          selected={selected}
          onSelect={onSelect}
        />
      ))}
    </section>
  );
}

const MARK_OF = { ADDED: 'added', REMOVED: 'removed', UPDATED: 'changed' } as const;

const kindOfEntry = (element: Entry['element']): string => (element.__typename === 'Edge' ? element.relationType : element.type);

const isShown = ({ ops, kinds, host }: Shown, { mark, element }: Entry): boolean =>
  (ops.length === 0 || ops.some((op) => MARK_OF[op] === mark)) &&
  (kinds.length === 0 || kinds.includes(kindOfEntry(element))) &&
  (host === '' || element.host === host);

const HEADS = { added: 'Added', removed: 'Removed', changed: 'Changed' } as const;

interface MarkedProps extends Pick<ChangesRoomProps, 'selected' | 'onSelect'> {
  readonly names: Names;
  readonly mark: Mark;
  readonly all: readonly Entry[];
  /** How many there are in all, where more may be than are read. */
  readonly total: number | undefined;
}

/** What has one mark; the first of it, until more is wanted. */
function Marked({ mark, all, names, total: counted, selected, onSelect }: MarkedProps): JSX.Element | null {
  const [most, setMost] = useState(ENTRIES);
  // Things before the links that they brought.
  const entries = useMemo(() => {
    const marked = all.filter((entry) => entry.mark === mark);
    return [
      ...marked.filter(({ element }) => element.__typename !== 'Edge'),
      ...marked.filter(({ element }) => element.__typename === 'Edge'),
    ];
  }, [all, mark]);
  if (entries.length === 0) return null;
  const total = counted ?? entries.length;
  return (
    <>
      <h3 className={`mark-${mark}`}>
        {HEADS[mark]} {count(total)}
      </h3>
      <ol className="changes">
        {entries.slice(0, most).map((entry) => (
          <DifferenceLine key={entry.element.id} entry={entry} names={names} isChosen={selected === entry.element.id} onSelect={onSelect} />
        ))}
      </ol>
      {entries.length > most ? (
        <p className="changes-more">
          <button className="button" onClick={() => setMost(most * 10)}>
            More of {count(entries.length)}
          </button>
        </p>
      ) : (
        entries.length < total && <p className="changes-more muted small">{count(total - entries.length)} more are not listed.</p>
      )}
    </>
  );
}

function DifferenceLine({
  entry,
  names,
  isChosen,
  onSelect,
}: {
  readonly entry: Entry;
  readonly names: Names;
  readonly isChosen: boolean;
  onSelect: ChangesRoomProps['onSelect'];
}): JSX.Element {
  const { mark, element, paths } = entry;
  const isLink = element.__typename === 'Edge';
  return (
    <li className={`change is-different ${isChosen ? 'is-chosen' : ''}`}>
      <span className={`mark-${mark} small`}>{mark}</span>
      <div>
        <p>
          <button className="link" dir="auto" onClick={() => onSelect({ kind: isLink ? 'edge' : 'node', id: element.id })}>
            {element.__typename === 'Edge' ? linkInWords(element, names) : element.name}
          </button>{' '}
          {element.__typename !== 'Edge' && (
            <span className="muted">
              {element.type} on {element.host}
              {'addresses' in element && element.addresses.length > 0 && <span className="mono"> {element.addresses[0]}</span>}
            </span>
          )}
        </p>
        <Differences paths={paths} />
      </div>
    </li>
  );
}
