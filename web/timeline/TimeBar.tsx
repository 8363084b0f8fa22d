import { type JSX, type KeyboardEvent, type PointerEvent, useEffect, useRef, useState } from 'react';
import { type Bucket, firstChange, Histogram, lastChanges } from '../data/changesOf.js';
import type { TopologyFilter } from '../data/follow.js';
import { useAnswer } from '../data/useAnswer.js';
import { count, duration, durationMs, localTime } from '../ui/format.js';
import { Icon } from '../ui/Icon.js';
import { Tip, tipLine, type TipWords } from '../ui/Tip.js';
import { type Told, useTip } from '../ui/useTip.js';
import { isUnwatched, paintBars } from './bars.js';
import { MomentMenu } from './MomentMenu.js';
import './timeline.css';
import { useDragging } from './useDragging.js';
import { usePlaying } from './usePlaying.js';
import { useWindow } from './useWindow.js';

interface TimeBarProps {
  readonly at: string | undefined;
  readonly since: string | undefined;
  readonly range: string;
  readonly filter: TopologyFilter | undefined;
  readonly theme: string;
  /** `undefined` is live. */
  onTime(at: string | undefined): void;
  onSince(at: string | undefined): void;
  onRange(range: string): void;
}

const RANGES = ['15m', '1h', '6h', '24h', '7d', '14d'];
const BARS = 120;
/** Share of the bar's end that means live. */
const LIVE_SHARE = 0.004;
const SPEEDS = [1, 10, 60, 600];

/** Changes over time; drag to a moment, step from change to change, play, compare, back to live. */
export function TimeBar({ at, since, range, filter, theme, onTime, onSince, onRange }: TimeBarProps): JSX.Element {
  const length = durationMs(range) || durationMs('1h');
  const { from, to } = useWindow(length, length / BARS, at);
  const { data } = useAnswer(
    Histogram,
    {
      between: { from: new Date(from).toISOString(), to: new Date(to).toISOString() },
      step: `${Math.ceil(length / BARS)}ms`,
      filter: filter ?? null,
    },
    { subject: `${range}` },
  );
  const buckets = data?.changeHistogram ?? [];
  const [speed, setSpeed] = useState(10);
  const moment = at === undefined ? to : Date.parse(at);
  const playing = usePlaying(moment, speed, onTime);
  const [isBusy, setBusy] = useState(false);
  const play = (): void => {
    // From the present there is nowhere to go: the whole stretch is played.
    if (at === undefined && !playing.isPlaying) onTime(new Date(from).toISOString());
    playing.turn();
  };

  const step = async (direction: 1 | -1): Promise<void> => {
    if (isBusy) return;
    setBusy(true);
    try {
      const now = Date.now();
      const here = at === undefined ? now : Date.parse(at);
      if (direction === 1) {
        const next = at === undefined ? undefined : await firstChange(here + 1, now, filter);
        onTime(next?.at);
      } else {
        // The state before a change is that of the millisecond before it, so the one before is looked for from there.
        const [previous] = await lastChanges(now - durationMs('14d'), here - 1, 1, { filter });
        if (previous) onTime(new Date(Date.parse(previous.at)).toISOString());
      }
    } finally {
      setBusy(false);
    }
  };
  const acts = useRef({ step, play });
  acts.current = { step, play };
  useEffect(() => {
    const press = (event: globalThis.KeyboardEvent): void => {
      if (
        event.ctrlKey ||
        event.metaKey ||
        event.altKey ||
        (event.target instanceof HTMLElement && /^(INPUT|TEXTAREA|SELECT|BUTTON)$|^$/.test(event.target.tagName))
      )
        return;
      if (event.target instanceof HTMLElement && event.target.isContentEditable) return;
      if (event.key === '[') void acts.current.step(-1);
      else if (event.key === ']') void acts.current.step(1);
      else if (event.key === ' ') acts.current.play();
      else return;
      event.preventDefault();
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, []);

  return (
    <footer className="timebar" aria-label="Time">
      <Bars buckets={buckets} from={from} to={to} at={at} since={since} theme={theme} onTime={onTime} onSince={onSince} />
      <div className="timebar-tools">
        <button
          className="button is-icon"
          title="The change before ([)"
          aria-label="The change before"
          disabled={isBusy}
          onClick={() => void step(-1)}
        >
          <Icon name="previous" />
        </button>
        <button
          className="button is-icon"
          title="Play (space)"
          aria-label={playing.isPlaying ? 'Pause' : 'Play'}
          aria-pressed={playing.isPlaying}
          onClick={play}
        >
          <Icon name={playing.isPlaying ? 'pause' : 'play'} />
        </button>
        <button
          className="button is-icon"
          title="The next change (])"
          aria-label="The next change"
          disabled={isBusy || at === undefined}
          onClick={() => void step(1)}
        >
          <Icon name="next" />
        </button>
        <label className="small">
          <span className="hidden-visually">Speed of playing</span>
          <select className="input" value={speed} onChange={(event) => setSpeed(Number(event.target.value))}>
            {SPEEDS.map((value) => (
              <option key={value} value={value}>
                ×{value}
              </option>
            ))}
          </select>
        </label>
        <button
          className="button"
          aria-pressed={since !== undefined}
          title={since === undefined ? 'Compare this moment with the one a quarter of the range earlier' : 'End the comparison'}
          onClick={() => onSince(since === undefined ? new Date(moment - length / 4).toISOString() : undefined)}
        >
          Compare
        </button>
        <span className="timebar-moment small">
          <MomentMenu at={at} onTime={onTime} />
        </span>
        <div className="timebar-ranges" role="group" aria-label="How far back">
          {RANGES.map((name) => (
            <button key={name} className="button is-plain small" aria-pressed={range === name} onClick={() => onRange(name)}>
              {name}
            </button>
          ))}
        </div>
        <button className="button" disabled={at === undefined} title="Back to live (l)" onClick={() => onTime(undefined)}>
          Live
        </button>
      </div>
    </footer>
  );
}

interface BarsProps {
  readonly buckets: readonly Bucket[];
  readonly from: number;
  readonly to: number;
  readonly at: string | undefined;
  readonly since: string | undefined;
  readonly theme: string;
  onTime(at: string | undefined): void;
  onSince(at: string | undefined): void;
}

/** The bars themselves: a slider over time, and a second one for the moment that is compared with. */
function Bars({ buckets, from, to, at, since, theme, onTime, onSince }: BarsProps): JSX.Element {
  const host = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const resize = new ResizeObserver(([entry]) => setWidth(entry!.contentRect.width));
    resize.observe(host.current!);
    return () => resize.disconnect();
  }, []);
  useEffect(() => {
    if (width > 0) paintBars(canvas.current!, width, buckets, from, to);
  }, [buckets, from, to, width, theme]);

  const moment = at === undefined ? to : Date.parse(at);
  const share = (time: number): number => Math.min(1, Math.max(0, (time - from) / (to - from)));
  const go = (time: number): void => onTime((to - time) / (to - from) < LIVE_SHARE ? undefined : new Date(Math.round(time)).toISOString());
  const compareWith = (time: number): void => onSince(new Date(Math.round(Math.min(Math.max(time, from), moment - 1))).toISOString());
  const dragging = useDragging(host, (place) => go(from + place * (to - from)));
  const draggingSince = useDragging(host, (place) => compareWith(from + place * (to - from)));
  /** What the keys of a slider mean at a moment. */
  const keysAt = (here: number, put: (time: number) => void) => (event: KeyboardEvent) => {
    const size = (to - from) / (event.shiftKey ? 10 : 100);
    if (event.key === 'ArrowLeft') put(Math.max(from, here - size));
    else if (event.key === 'ArrowRight') put(here + size);
    else if (event.key === 'Home') put(from);
    else if (event.key === 'End') put(to);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const tip = useTip<Bucket>();
  const told = tip.told && buckets.find(({ start }) => start === tip.told!.what.start);
  /** The bar at a moment, and its place on the screen. */
  const barAt = (time: number): Told<Bucket> | undefined => {
    const bucket = buckets.findLast(({ start }) => Date.parse(start) <= time);
    if (bucket === undefined) return undefined;
    const box = host.current!.getBoundingClientRect();
    const x = (when: number): number => box.left + box.width * share(when);
    const start = Date.parse(bucket.start);
    return { what: bucket, near: { left: x(start), right: x(start + lengthOf(buckets, from, to)), top: box.top, bottom: box.bottom } };
  };
  const hover = (event: PointerEvent): void => {
    if (event.pointerType === 'touch') return;
    const box = host.current!.getBoundingClientRect();
    const bar = barAt(from + ((event.clientX - box.left) / box.width) * (to - from));
    tip.point(bar?.what.start, () => bar);
  };
  const here = buckets.findLast(({ start }) => Date.parse(start) <= moment);
  const changes = buckets.reduce((sum, { added, removed, updated }) => sum + added + removed + updated, 0);
  return (
    <div className="bars-frame">
      <div
        ref={host}
        className="bars"
        role="slider"
        tabIndex={0}
        aria-label={`Moment, over ${changes} changes`}
        aria-description={buckets.some(isUnwatched) ? 'Time that is hatched was not watched by all' : undefined}
        aria-valuemin={Math.round(from)}
        aria-valuemax={Math.round(to)}
        aria-valuenow={Math.round(Math.min(to, Math.max(from, moment)))}
        aria-valuetext={[at === undefined ? 'live' : localTime(moment), here && tipLine(wordsOf(here, lengthOf(buckets, from, to)))]
          .filter(Boolean)
          .join('; ')}
        {...dragging}
        onPointerMove={(event) => {
          dragging.onPointerMove(event);
          hover(event);
        }}
        onPointerLeave={() => tip.point(undefined)}
        onFocus={(event) => event.currentTarget.matches(':focus-visible') && tip.tell(barAt(moment))}
        onBlur={() => tip.tell(undefined)}
        onKeyDown={keysAt(moment, (time) => {
          go(time);
          tip.tell(barAt(Math.min(time, to)));
        })}
      >
        <canvas ref={canvas} aria-hidden="true" />
        {since !== undefined && (
          <span className="bars-stretch" style={{ left: `${share(Date.parse(since)) * 100}%`, right: `${(1 - share(moment)) * 100}%` }} />
        )}
        <span className={`bars-moment ${at === undefined ? 'is-live' : ''}`} style={{ left: `${share(moment) * 100}%` }} />
        <span className="bars-edge small muted is-left">{localTime(from)}</span>
        <span className="bars-edge small muted is-right">now</span>
      </div>
      {told && <Tip words={wordsOf(told, lengthOf(buckets, from, to))} near={tip.told!.near} onHold={tip.hold} />}
      {since !== undefined && (
        <div
          className="bars-since"
          role="slider"
          tabIndex={0}
          aria-label="Moment that is compared with"
          aria-valuemin={Math.round(from)}
          aria-valuemax={Math.round(moment)}
          aria-valuenow={Math.round(Math.min(moment, Math.max(from, Date.parse(since))))}
          aria-valuetext={localTime(Date.parse(since))}
          title="Compared with this moment; drag it"
          style={{ left: `${share(Date.parse(since)) * 100}%` }}
          {...draggingSince}
          onKeyDown={keysAt(Date.parse(since), compareWith)}
        />
      )}
    </div>
  );
}

/** Milliseconds that a bar stands for. */
const lengthOf = ([first, second]: readonly Bucket[], from: number, to: number): number =>
  first && second ? Date.parse(second.start) - Date.parse(first.start) : to - from;

function wordsOf(bucket: Bucket, length: number): TipWords {
  const { start, added, removed, updated, watched } = bucket;
  return {
    title: localTime(Date.parse(start)),
    kind: `and ${duration(length)} after it`,
    facts: [
      ['Added', added > 0 ? count(added) : undefined],
      ['Removed', removed > 0 ? count(removed) : undefined],
      ['Changed', updated > 0 ? count(updated) : undefined],
      ['Changes', added + removed + updated === 0 ? 'none' : undefined],
      ['Watched', isUnwatched(bucket) ? (watched === 0 ? 'by nobody' : `${Math.floor(watched * 100)} %, so changes may lack`) : undefined],
    ],
  };
}
