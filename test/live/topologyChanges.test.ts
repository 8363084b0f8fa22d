import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Delta } from '../../src/graph/delta.js';
import type { Position } from '../../src/graph/position.js';
import type { TopologyEvent } from '../../src/services/live/events.js';
import { EVERYTHING, type LiveScope } from '../../src/services/live/scope.js';
import { Client, edge, node, openWorld, OTHERS, OWN, pictureOf, remove, type World } from './world.js';

const SCOPES: readonly (readonly [string, LiveScope])[] = [
  ['everything', EVERYTHING],
  ['own fields', OWN],
  ['others', OTHERS],
];

let world: World;
beforeEach(async () => void (world = await openWorld()));
afterEach(() => world.close());

const stream = (scope: LiveScope, after?: Position, everyMs = 0, maxChanges = 500) =>
  world.live.topologyChanges({ scope, after, everyMs, maxChanges })[Symbol.asyncIterator]();

/** Reads until the client stands at the newest change; the last position. */
async function readUp(events: AsyncIterator<TopologyEvent>, client: Client): Promise<Position> {
  let position: Position | undefined;
  const target = world.recorder.position().seq;
  while (position === undefined || position.seq < target) {
    const { value, done } = await events.next();
    if (done) throw new Error('the stream ended');
    client.take(value);
    if (value.kind === 'snapshot' || value.kind === 'changes') position = value.position ?? position;
  }
  return position;
}

/** A change that every scope tells of, so that a reader can be awaited. */
const beacon = (round: number): Delta[] => [node('zone', 'netns'), node('beacon', 'veth', { Round: round }), edge('zone', 'beacon')];

const NAMES = ['a', 'b', 'c', 'd', 'e'];
const name = fc.constantFrom(...NAMES);
const delta: fc.Arbitrary<Delta> = fc.oneof(
  fc
    .record({ id: name, type: fc.constantFrom('veth', 'bridge', 'netns'), n: fc.nat(3) })
    .map(({ id, type, n }) => node(id, type, { N: n })),
  fc
    .tuple(name, name)
    .filter(([a, b]) => a !== b)
    .map(([a, b]) => edge(a, b)),
  name.map(remove),
  fc.tuple(name, name).map(([a, b]) => remove(`${a}>${b}`)),
);
const batches = fc.array(fc.array(delta, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 12 });

describe.each(SCOPES)('topologyChanges of %s', (_title, scope) => {
  it('snapshot and changes make the later snapshot, wherever the stream is cut and resumed', async () => {
    let round = 0;
    await fc.assert(
      fc.asyncProperty(batches, fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }), fc.nat(3), async (all, cuts, max) => {
        const client = new Client();
        let events = stream(scope, undefined, 0, max + 1);
        world.write(...beacon(++round));
        let position = await readUp(events, client);
        for (const [index, deltas] of all.entries()) {
          world.write(...deltas);
          if (!cuts[index]) continue;
          world.write(...beacon(++round));
          position = await readUp(events, client);
          await events.return!();
          expect(client.picture()).toEqual(pictureOf(scope, world.recorder.present()));
          events = stream(scope, position, 0, max + 1);
        }
        world.write(...beacon(++round));
        await readUp(events, client);
        await events.return!();
        const view = world.recorder.present();
        expect(client.picture()).toEqual(pictureOf(scope, view));
        view.release();
      }),
      { numRuns: 40 },
    );
  });

  it('goes on across a restart of the analyzer', async () => {
    const client = new Client();
    let events = stream(scope);
    world.write(...beacon(1), node('a'), edge('zone', 'a'));
    const position = await readUp(events, client);
    await events.return!();
    world.write(node('a', 'veth', { N: 1 }), node('b'), edge('zone', 'b'));
    world = await world.restart();
    world.write(node('c'), edge('zone', 'c'), ...beacon(2));
    events = stream(scope, position);
    await readUp(events, client);
    await events.return!();
    expect(client.picture()).toEqual(pictureOf(scope, world.recorder.present()));
    expect(client.known.has('c')).toBe(true);
  });
});

describe('topologyChanges', () => {
  it('gives the cursor with the last page of a snapshot only', async () => {
    world.write(...Array.from({ length: 1_200 }, (_, index) => node(`n${index}`)));
    const events = stream(EVERYTHING);
    const pages = [await events.next(), await events.next(), await events.next()].map(({ value }) => value as TopologyEvent);
    await events.return!();
    expect(pages).toMatchObject([
      { kind: 'snapshot', complete: false, position: undefined },
      { kind: 'snapshot', complete: false, position: undefined },
      { kind: 'snapshot', complete: true, position: world.recorder.position() },
    ]);
  });

  it('never splits a delta batch, also where that makes a batch larger than asked for', async () => {
    const events = stream(EVERYTHING, world.recorder.position(), 0, 2);
    const first = events.next();
    await Promise.resolve();
    world.write(node('a'), node('b'), node('c'));
    world.write(node('d'));
    world.write(node('e'));
    const sizes: number[] = [];
    for (let event = await first; ; event = await events.next()) {
      const value = event.value as TopologyEvent;
      if (value.kind !== 'changes') throw new Error(value.kind);
      sizes.push(value.changes.length);
      if (value.position.seq === world.recorder.position().seq) break;
    }
    await events.return!();
    expect(sizes).toEqual([3, 2]);
  });

  it('says why an element appears or goes that itself is still there', async () => {
    world.write(node('zone', 'netns'), node('a', 'veth'), node('b', 'veth'), edge('zone', 'a'), edge('a', 'b', 'layer2'));
    const events = stream(OTHERS, world.recorder.position());
    const next = events.next();
    await Promise.resolve();
    world.write(remove('zone>a'));
    expect((await next).value).toMatchObject({ changes: [{ op: 'REMOVED', reason: 'STOPPED_MATCHING', element: { id: 'a' } }] });
    world.write(edge('zone', 'b'), edge('zone', 'a'));
    const { value } = await events.next();
    await events.return!();
    const seen = (value as Extract<TopologyEvent, { kind: 'changes' }>).changes.map(({ op, element }) => `${op} ${element.id}`);
    expect(seen).toEqual(['ADDED a', 'ADDED b', 'ADDED a>b']);
  });

  it('answers a cursor that leads nowhere with the reason and the oldest that does, and ends', async () => {
    world.write(node('a'));
    const { epoch } = world.recorder.position();
    const events = stream(EVERYTHING, { epoch, seq: 1_000_000 });
    expect((await events.next()).value).toMatchObject({ kind: 'resync', oldest: { seq: expect.any(Number) } });
    expect((await events.next()).done).toBe(true);
  });

  it('says what was lost where catching up would be too much, and begins anew in the same stream', async () => {
    await world.close();
    world = await openWorld(undefined, 10);
    world.write(node('a'));
    const after = world.recorder.position();
    for (let index = 0; index < 20; index++) world.write(node(`n${index}`));
    const events = stream(EVERYTHING, after);
    expect((await events.next()).value).toEqual({ kind: 'lost', count: 20, after });
    const snapshot = (await events.next()).value as Extract<TopologyEvent, { kind: 'snapshot' }>;
    expect([snapshot.complete, snapshot.nodes.length]).toEqual([true, 21]);
    world.write(node('b'));
    expect((await events.next()).value).toMatchObject({ kind: 'changes', changes: [{ op: 'ADDED', element: { id: 'b' } }] });
    await events.return!();
  });

  it('ends at once when its reader leaves while it waits', async () => {
    const events = stream(EVERYTHING, world.recorder.position());
    const waiting = events.next();
    await events.return!();
    expect((await waiting).done).toBe(true);
  });
});
