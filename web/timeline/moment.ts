const RELATIVE = /^[-−]?\s*(?:(\d+)d)?\s*(?:(\d+)h)?\s*(?:(\d+)m)?\s*(?:(\d+)s)?(?:\s*ago)?$/;
const CLOCK = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/;
const UNITS_MS = [86_400_000, 3_600_000, 60_000, 1_000];

/**
 * The moment that somebody wrote, epoch milliseconds: `14:05` or `14:05:30` (the last time that the clock said so), `1d2h3m5s` ago, or a date in
 * any form that the browser reads. `undefined` for what is none, and for what has not come yet.
 */
export function readMoment(text: string, now: number): number | undefined {
  const written = text.trim().toLowerCase();
  if (written === '') return undefined;
  const relative = RELATIVE.exec(written);
  if (relative?.slice(1).some(Boolean)) {
    return now - relative.slice(1).reduce((sum, count, index) => sum + Number(count ?? 0) * UNITS_MS[index]!, 0);
  }
  const clock = CLOCK.exec(written);
  if (clock) {
    const [hours, minutes, seconds] = clock.slice(1).map((part) => Number(part ?? 0)) as [number, number, number];
    if (hours > 23 || minutes > 59 || seconds > 59) return undefined;
    const today = new Date(now).setHours(hours, minutes, seconds, 0);
    return today <= now ? today : new Date(today).setDate(new Date(today).getDate() - 1);
  }
  const time = Date.parse(text.trim());
  return Number.isNaN(time) || time > now ? undefined : time;
}
