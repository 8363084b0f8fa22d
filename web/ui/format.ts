/** Numbers and times in words, with units and no more digits than say something. */

const PREFIXES = ['', 'k', 'M', 'G', 'T', 'P'];

function scaled(value: number, base: number, unit: string): string {
  let step = 0;
  let rest = Math.abs(value);
  while (rest >= base && step < PREFIXES.length - 1) {
    rest /= base;
    step += 1;
  }
  const digits = rest >= 100 || step === 0 ? 0 : rest >= 10 ? 1 : 2;
  const text = Number(rest.toFixed(digits)).toString();
  return `${value < 0 ? '−' : ''}${text} ${PREFIXES[step]}${unit}`;
}

/** Bits a second: `1.2 Gb/s`. */
export const bits = (value: number): string => scaled(value, 1_000, 'b/s');
/** Bytes: `3.4 MB`. */
export const bytes = (value: number): string => scaled(value, 1_000, 'B');
/** Packets a second. */
export const packets = (value: number): string => scaled(value, 1_000, 'p/s');

/** A number of any size and sign, in three digits: `1.5 k`, `0.25`. */
export const number = (value: number): string =>
  Math.abs(value) >= 10_000 ? scaled(value, 1_000, '').trim() : Number(value.toPrecision(4)).toString();
/** How often a second: `12/s`. */
export const perSecond = (value: number): string => `${number(value)}/s`;

const grouped = new Intl.NumberFormat('en');
export const count = (value: number): string => grouped.format(value);

/** A length of time: `3 s`, `12 min`, `2 h 5 min`, `3 d`. */
export function duration(ms: number): string {
  const seconds = Math.round(Math.abs(ms) / 1_000);
  if (seconds < 1) return '0 s';
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return minutes < 5 && seconds % 60 > 0 ? `${minutes} min ${seconds % 60} s` : `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 > 0 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
  const days = Math.floor(hours / 24);
  return hours % 24 > 0 && days < 3 ? `${days} d ${hours % 24} h` : `${days} d`;
}

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false });
const day = new Intl.DateTimeFormat(undefined, { month: 'short', day: 'numeric' });
const whole = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'long' });

/** Time of the day; with its date when that is not today. */
export function localTime(time: number, now = Date.now()): string {
  const isToday = new Date(time).toDateString() === new Date(now).toDateString();
  return isToday ? clock.format(time) : `${day.format(time)} ${clock.format(time)}`;
}

const short = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hour12: false });

/** Below a chart that spans so many seconds: the time of the day, of more than two days the date. */
export const axisTime = (time: number, spanSeconds: number): string => (spanSeconds > 172_800 ? day : short).format(time);

/** With date and zone, for who points at it. */
export const wholeTime = (time: number): string => whole.format(time);

export const relative = (time: number, now = Date.now()): string => (Math.abs(now - time) < 1_500 ? 'now' : `${duration(now - time)} ago`);

const DURATION = /^(\d+)(ms|s|m|h|d)$/;
const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of `15m`; 0 for what is none. */
export function durationMs(text: string): number {
  const match = DURATION.exec(text);
  return match ? Number(match[1]) * UNITS[match[2]!]! : 0;
}

/** Any JSON value on one line. */
export const oneLine = (value: unknown): string =>
  value === null || value === undefined ? '–' : typeof value === 'string' ? value : JSON.stringify(value);
