import type { Duplex } from 'node:stream';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { systemClock } from '../../src/common/clock.js';
import type { TopologyEvent } from '../../src/services/live/events.js';
import { EVERYTHING } from '../../src/services/live/scope.js';
import type { TopologyFeed } from '../../src/services/live/topologyFeed.js';
import { payloadOf } from '../../src/server/subscriptions/frame.js';
import type { SubscriptionCounters } from '../../src/server/subscriptions/group.js';
import { LogGroup } from '../../src/server/subscriptions/logGroup.js';
import { Subscriber } from '../../src/server/subscriptions/subscriber.js';
import { Wire } from '../../src/server/subscriptions/wire.js';
import { node, openWorld, type World } from '../live/world.js';

let world: World;
let counters: SubscriptionCounters;
beforeEach(async () => {
  world = await openWorld(undefined, 50);
  counters = { events: 0, delivered: 0, fellOff: 0, resyncs: 0, lostChanges: 0 };
});
afterEach(() => world.close());

const feed = () => world.live.topologyChanges({ scope: EVERYTHING, after: undefined, everyMs: 0, maxChanges: 5 }) as TopologyFeed;

/** What is left out of an event here: the kind and the ends say enough. */
const brief = (event: TopologyEvent): object =>
  event.kind === 'changes' ? { kind: event.kind, ids: event.changes.map(({ element }) => element.id) } : { kind: event.kind };

const groupOf = () =>
  new LogGroup(feed(), {
    clock: systemClock,
    counters,
    serialize: (event) => Promise.resolve(payloadOf(brief(event as TopologyEvent))),
    onClose: () => undefined,
  });

/** A subscriber on a pipe that is read only when the test does. */
function subscriberOn(pipe: PassThrough): Subscriber {
  const open = { readyState: 1, OPEN: 1 } as unknown as WebSocket;
  return new Subscriber(new Wire(open, pipe as unknown as Duplex), Buffer.from('>'), counters);
}

/** Payloads on the pipe so far. */
const textOf = (chunks: readonly Buffer[]): string => Buffer.concat(chunks).toString('latin1');

describe('a group on the log', () => {
  it('takes a subscriber that fell off everything back with what was lost and a fresh picture', async () => {
    const group = groupOf();
    const pipe = new PassThrough({ highWaterMark: 1 });
    const subscriber = subscriberOn(pipe);
    group.join(subscriber, feed());
    const filling = 'x'.repeat(4_000);
    // Nobody reads: its buffer fills, then the ring goes over it, then the log is too far ahead.
    for (let index = 0; index < 3_000; index++) {
      world.write(node(`${filling}${index}`));
      if (index % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    const chunks: Buffer[] = [];
    pipe.on('data', (chunk: Buffer) => void chunks.push(chunk));
    const deadline = performance.now() + 15_000;
    while (!textOf(chunks.slice(-4)).includes('beacon') && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      if (textOf(chunks).includes('"lost"')) world.write(node('beacon', 'veth', { At: performance.now() }));
    }
    const text = textOf(chunks);
    expect(text.includes('"lost"')).toBe(true);
    expect(counters.fellOff).toBeGreaterThan(0);
    expect(counters.lostChanges).toBeGreaterThan(50);
    expect(text.lastIndexOf('"snapshot"')).toBeGreaterThan(text.indexOf('"lost"'));
    expect(group.bytes).toBeLessThan(16 * 1024 * 1024);
    group.leave(subscriber);
    expect(group.size).toBe(0);
  });
});
