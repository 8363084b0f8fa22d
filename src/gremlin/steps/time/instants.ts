/** Milliseconds of each unit that Go's durations know. */
const UNITS: Readonly<Record<string, number>> = { ns: 1e-6, us: 1e-3, µs: 1e-3, μs: 1e-3, ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

const PART = /(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/y;

/** Milliseconds of a duration as Go writes it: `-1h30m`, `1.5s`, `0`. `undefined` for anything else. */
export function goDuration(text: string): number | undefined {
  const sign = text.startsWith('-') ? -1 : 1;
  const start = text.startsWith('-') || text.startsWith('+') ? 1 : 0;
  if (text.slice(start) === '0') return 0;
  let total = 0;
  let at = start;
  while (at < text.length) {
    PART.lastIndex = at;
    const found = PART.exec(text);
    if (found === null) return undefined;
    total += Number(found[1]) * UNITS[found[2]!]!;
    at = PART.lastIndex;
  }
  return at === start ? undefined : sign * total;
}

const RFC_1123 =
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (\d{2}) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) (\d{4}) (\d{2}):(\d{2}):(\d{2}) [A-Z]{3,5}$/;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Milliseconds since the epoch of `Mon, 02 Jan 2006 15:04:05 MST` (RFC 1123 §5.2.14), read as UTC whatever zone it names. */
export function rfc1123(text: string): number | undefined {
  const found = RFC_1123.exec(text);
  if (found === null) return undefined;
  const [day, year, hour, minute, second] = [found[1], found[3], found[4], found[5], found[6]].map(Number) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const month = MONTHS.indexOf(found[2]!);
  const instant = new Date(Date.UTC(year, month, day, hour, minute, second));
  // The thirtieth of February rolls over to another day, and is none.
  return instant.getUTCDate() === day && hour < 24 && minute < 60 && second < 60 ? instant.getTime() : undefined;
}
