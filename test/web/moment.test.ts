import { describe, expect, it } from 'vitest';
import { readMoment } from '../../web/timeline/moment.js';

const NOW = new Date(2026, 4, 10, 12, 0, 0).getTime();
const HOUR = 3_600_000;

describe('a moment as somebody writes it', () => {
  it.each([
    ['1d2h3m5s', NOW - 26 * HOUR - 185_000],
    ['-90s', NOW - 90_000],
    ['2h ago', NOW - 2 * HOUR],
    ['11:30', NOW - HOUR / 2],
    ['11:30:15', NOW - HOUR / 2 + 15_000],
    // The clock last said so yesterday.
    ['13:00', NOW - 23 * HOUR],
    ['2026-05-09T12:00', NOW - 24 * HOUR],
  ])('%s', (text, time) => expect(readMoment(text, NOW)).toBe(time));

  it.each(['', ' ', 'ago', '-', 'soon', '25:00', '11:61', '2027-01-01'])('is not %j', (text) => {
    expect(readMoment(text, NOW)).toBeUndefined();
  });
});
