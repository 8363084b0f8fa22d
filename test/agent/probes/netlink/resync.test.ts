import { describe, expect, it } from 'vitest';
import { Resync } from '../../../../agent/probes/netlink/resync.js';
import { SteppedClock } from '../../steppedClock.js';

describe('reading again what was lost', () => {
  const setUp = () => {
    const clock = new SteppedClock();
    const reads: [string, number][] = [];
    return { clock, reads, resync: new Resync<string>(clock, (thing) => reads.push([thing, clock.monotonic()])) };
  };

  it('waits for a second of quiet, each for itself', async () => {
    const { clock, reads, resync } = setUp();
    expect(resync.lost('a')).toBe(true);
    await clock.step(600);
    expect(resync.lost('a')).toBe(false);
    resync.lost('b');
    expect(resync.waiting).toBe(2);
    await clock.step(5_000);
    expect(reads).toEqual([
      ['a', 1_600],
      ['b', 1_600],
    ]);
    expect(resync.waiting).toBe(0);
  });

  it('waits no longer than five seconds, and ever longer while it does not help, up to a minute', async () => {
    const { clock, reads, resync } = setUp();
    for (let tick = 0; tick < 3_000; tick++) {
      resync.lost('a');
      await clock.step(100);
    }
    const times = reads.map(([, at]) => at);
    const pauses = times.slice(1).map((at, index) => at - times[index]!);
    expect(times[0]).toBe(5_000);
    for (const pause of pauses) expect(pause).toBeGreaterThanOrEqual(5_000);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(60_200);
    expect(pauses.at(-1)!).toBeGreaterThan(pauses[0]!);
  });

  it('is off when nobody wants it any more', async () => {
    const { clock, reads, resync } = setUp();
    resync.lost('a');
    resync.lost('b');
    resync.forget('a');
    resync.stop();
    await clock.step(60_000);
    expect(reads).toEqual([]);
  });
});
