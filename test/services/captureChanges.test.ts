import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { RequestContext } from '../../resolvers/context.js';
import type { Position } from '../../src/graph/position.js';
import { NOTHING_COUNTED, type CaptureActivity } from '../../src/protocol/capture.js';
import { captureEvents, type ShownCaptureEvent } from '../../src/services/captures/feed.js';
import { CaptureLog } from '../../src/services/captures/log.js';
import type { Capture } from '../../src/services/captures/capture.js';
import { everybody } from '../../src/services/viewer.js';
import { PATIENCE } from '../patience.js';
import { node, openWorld, owns, type World } from './world.js';

let world: World;
beforeAll(async () => {
  world = await openWorld();
  world.write(node('host', 'host', { Name: 'web-1' }));
  for (const name of ['eth0', 'eth1']) world.write(node(name, 'device', { Name: name }), owns('host', name));
});
afterAll(() => world.close());

const create = async (name: string, link: string): Promise<string> => {
  const input = { name, nodes: { name: { eq: link } }, bpf: `udp and port ${name}` };
  const made = await world.data<{ createCapture: { capture: { id: string } } }>(
    'mutation ($input: CreateCaptureInput!) { createCapture(input: $input) { capture { id } } }',
    { input },
  );
  return made.createCapture.capture.id;
};
const remove = (id: string): Promise<unknown> => world.data('mutation ($id: ID!) { deleteCapture(id: $id) { capture { id } } }', { id });
const activity = (capture: string, on: string, more: Partial<CaptureActivity> = {}): CaptureActivity => ({
  capture,
  node: on,
  state: 'ACTIVE',
  error: undefined,
  ...NOTHING_COUNTED,
  ...more,
});
const report = (...activities: readonly CaptureActivity[]): void => world.services.captures.captureStates('agent.test', activities);

/** One subscription, an event at a time. */
function subscribe(after?: Position) {
  const context = new RequestContext(world.services, everybody);
  const events = captureEvents(context, world.services.captures, after)[Symbol.asyncIterator]() as AsyncGenerator<ShownCaptureEvent>;
  const next = async (): Promise<ShownCaptureEvent> => {
    const { value, done } = (await events.next()) as IteratorResult<ShownCaptureEvent>;
    if (done === true) throw new Error('the stream has ended');
    return value;
  };
  return {
    /** The next so many, as short texts; the cursor of the last. */
    async take(count: number) {
      const texts: string[] = [];
      let cursor: Position | undefined;
      for (let index = 0; index < count; index++) {
        const event = await next();
        texts.push([event.op, event.capture?.name, event.activity?.state, event.node?.name].filter((part) => part !== undefined).join(' '));
        ({ cursor } = event);
      }
      return { texts, cursor: cursor! };
    },
    async end() {
      await events.return(undefined);
      context.release();
    },
  };
}

describe('captureChanges', () => {
  it('begins with what there is, and goes on after a cursor with what happened meanwhile, each once', async () => {
    const one = await create('1001', 'eth0');
    const first = subscribe();
    expect(await first.take(2)).toMatchObject({ texts: ['CREATED 1001', 'CHANGED 1001 STARTING eth0'] });
    report(activity(one, 'eth0', { packetsReceived: 1 }));
    const { texts, cursor } = await first.take(1);
    expect(texts).toEqual(['CHANGED 1001 ACTIVE eth0']);
    await first.end();

    const two = await create('1002', 'eth1');
    await vi.waitFor(() => expect(world.services.captures.activitiesOf(two)).toHaveLength(1), PATIENCE);
    for (const packetsReceived of [2, 3]) report(activity(one, 'eth0', { packetsReceived }), activity(two, 'eth1', { packetsReceived }));
    const three = await create('1003', 'eth1');
    await vi.waitFor(() => expect(world.services.captures.activitiesOf(three)).toHaveLength(1), PATIENCE);
    await remove(three);
    const again = subscribe(cursor);
    const missed = await again.take(4);
    expect(missed.texts).toEqual(['CREATED 1002', 'CHANGED 1001 ACTIVE eth0', 'CHANGED 1002 ACTIVE eth1', 'DELETED 1003']);
    await remove(two);
    expect((await again.take(1)).texts).toEqual(['DELETED 1002']);
    await again.end();

    // In the middle of what was missed, too.
    const third = subscribe(missed.cursor);
    expect((await third.take(1)).texts).toEqual(['DELETED 1002']);
    await third.end();
    await remove(one);
  });

  it('tells when a capture ends on a node that does not match any more', async () => {
    const id = await create('2001', 'eth0');
    const events = subscribe();
    expect((await events.take(2)).texts).toEqual(['CREATED 2001', 'CHANGED 2001 STARTING eth0']);
    report(activity(id, 'eth0', { packetsReceived: 7 }));
    expect((await events.take(1)).texts).toEqual(['CHANGED 2001 ACTIVE eth0']);
    world.write({ op: 'patch', id: 'eth0', set: [['Name', 'uplink']] });
    const { texts, cursor } = await events.take(1);
    expect(texts).toEqual(['CHANGED 2001 STOPPED uplink']);
    await events.end();
    // Whoever comes anew hears of what runs only.
    const anew = subscribe();
    expect((await anew.take(1)).texts).toEqual(['CREATED 2001']);
    world.write({ op: 'patch', id: 'eth0', set: [['Name', 'eth0']] });
    expect((await anew.take(1)).texts).toEqual(['CHANGED 2001 STARTING eth0']);
    await anew.end();
    const resumed = subscribe(cursor);
    expect((await resumed.take(1)).texts).toEqual(['CHANGED 2001 STARTING eth0']);
    await resumed.end();
    await remove(id);
  });

  it('says when a cursor leads on no more, and begins again', async () => {
    await create('3001', 'eth0');
    const events = subscribe({ epoch: 1, seq: 5 });
    const { texts, cursor } = await events.take(3);
    expect(texts).toEqual(['RESET', 'CREATED 3001', 'CHANGED 3001 STARTING eth0']);
    await events.end();
    world.clock.advance(1_000);
    world = await world.restart();
    const after = subscribe(cursor);
    expect((await after.take(2)).texts).toEqual(['RESET', 'CREATED 3001']);
    await after.end();
  });

  it('asks for its arguments by name', async () => {
    const answer = await world.ask('subscription { captureChanges(after: "soon") { op cursor } }');
    expect(String(answer.errors?.[0]?.message)).toMatch(/soon/);
  });
});

describe('the log of captures', () => {
  const capture = (id: string): Capture => ({ id }) as Capture;

  it('stays bounded however much comes and goes, and knows what it forgot', () => {
    const log = new CaptureLog(9);
    log.add({ op: 'CREATED', capture: capture('stays') });
    const early = log.position;
    for (let index = 0; index < 25_000; index++) {
      log.add({ op: 'CREATED', capture: capture(`c${index}`) });
      log.add({ op: 'CHANGED', capture: capture(`c${index}`), activity: activity(`c${index}`, 'n') });
      log.add({ op: 'DELETED', capture: capture(`c${index}`) });
    }
    expect(log.standing().map(({ event }) => event.capture.id)).toEqual(['stays']);
    expect(log.leadsOn(early)).toBe(false);
    expect(log.since(early).length).toBeLessThanOrEqual(10_001);
    const late = log.position;
    log.add({ op: 'CHANGED', capture: capture('stays'), activity: activity('stays', 'n', { state: 'STOPPED' }) });
    expect(log.leadsOn(late)).toBe(true);
    expect(log.since(late)).toHaveLength(1);
    expect(log.leadsOn({ epoch: 8, seq: late.seq })).toBe(false);
    expect(log.leadsOn({ epoch: 9, seq: log.position.seq + 1 })).toBe(false);
  });
});
