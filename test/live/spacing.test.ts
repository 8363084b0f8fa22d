import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Clock, systemClock } from '../../src/common/clock.js';
import type { TopologyEvent } from '../../src/services/live/events.js';
import { LiveService } from '../../src/services/live/liveService.js';
import { node, openWorld, OWN, type World } from './world.js';

/** A clock that stands still until it is moved. */
class StillClock implements Clock {
  #time = 0;
  readonly #timers = new Set<{ readonly due: number; readonly action: () => void }>();

  now = () => systemClock.now();
  monotonic = () => this.#time;

  after(delayMs: number, action: () => void) {
    const timer = { due: this.#time + delayMs, action };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  every(): never {
    throw new Error('streams have no periodic timers');
  }

  /** Lets time pass, and what waits for it run. */
  async pass(ms: number): Promise<void> {
    this.#time += ms;
    for (const timer of [...this.#timers]) {
      if (timer.due > this.#time) continue;
      this.#timers.delete(timer);
      timer.action();
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}

let world: World;
let clock: StillClock;
let live: LiveService;
beforeEach(async () => {
  world = await openWorld();
  clock = new StillClock();
  live = new LiveService({ ...world, clock });
});
afterEach(async () => {
  live.close();
  await world.close();
});

/** Reads on and on; what has come so far. */
function follow(everyMs: number): { readonly events: Extract<TopologyEvent, { kind: 'changes' }>[]; stop(): Promise<unknown> } {
  const after = world.recorder.position();
  const stream = live.topologyChanges({ scope: OWN, after, everyMs, maxChanges: 500 })[Symbol.asyncIterator]();
  const events: Extract<TopologyEvent, { kind: 'changes' }>[] = [];
  void (async () => {
    for (let next = await stream.next(); !next.done; next = await stream.next()) if (next.value.kind === 'changes') events.push(next.value);
  })();
  return { events, stop: () => stream.return!() };
}

describe('events', () => {
  it('of a quiet moment go out at once, and `every` spaces what follows', async () => {
    const { events, stop } = follow(1_000);
    await clock.pass(0);
    world.write(node('a'));
    await clock.pass(0);
    expect(events).toHaveLength(1);
    world.write(node('b'));
    world.write(node('c'));
    await clock.pass(999);
    expect(events).toHaveLength(1);
    await clock.pass(1);
    expect(events.map(({ changes }) => changes.map(({ element }) => element.id))).toEqual([['a'], ['b', 'c']]);
    await stop();
  });

  it('come empty every ten seconds with a newer cursor while nothing matches', async () => {
    const { events, stop } = follow(0);
    await clock.pass(0);
    world.write(node('bridge', 'bridge'));
    await clock.pass(9_999);
    expect(events).toEqual([]);
    await clock.pass(1);
    expect(events).toEqual([{ kind: 'changes', changes: [], position: world.recorder.position() }]);
    world.write(node('other', 'bridge'));
    await clock.pass(0);
    await clock.pass(10_000);
    expect(events[1]).toEqual({ kind: 'changes', changes: [], position: world.recorder.position() });
    await stop();
  });
});
