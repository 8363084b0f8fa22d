import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RequestContext } from '../../resolvers/context.js';
import { flowFeed, type FlowEventView, type FlowStreamQuery } from '../../src/services/flows/feed.js';
import { LiveFlows } from '../../src/services/flows/liveFlows.js';
import { everybody } from '../../src/services/viewer.js';
import { Captured, udp } from '../flowstore/packets.js';
import { node, openWorld, owns, type World } from './world.js';

let world: World;
beforeAll(async () => {
  world = await openWorld();
  // Nobody is asked: flows come by themselves.
  world.agentPort.present.clear();
  world.write(node('host', 'host', { Name: 'web-1' }), node('eth0', 'veth', { Name: 'eth0', TID: 't-eth0' }), owns('host', 'eth0'));
});
afterAll(() => world.close());

const call = (port: number) => ({ from: '10.0.0.1', to: '10.0.0.2', fromPort: 5_000, toPort: port });

async function ship(batches: ReturnType<Captured['update']>): Promise<void> {
  for (const batch of batches) await world.services.flows.take('agent.test', batch, 0);
}

/** One subscription, an event at a time. */
function subscribe(query: FlowStreamQuery) {
  const context = new RequestContext(world.services, everybody);
  const events = flowFeed(context, world.services.flows, query)[Symbol.asyncIterator]() as AsyncGenerator<FlowEventView>;
  const next = async (): Promise<FlowEventView> => {
    const { value, done } = (await events.next()) as IteratorResult<FlowEventView>;
    if (done === true) throw new Error('the stream has ended');
    return value;
  };
  return {
    next,
    /** The next event with flows, as their ports and packets. */
    async changes() {
      for (;;) {
        const event = await next();
        if (event.__typename !== 'FlowChanges') throw new Error(JSON.stringify(event));
        const flows = event.flows.map(({ flow }) => [flow.Transport!.B, flow.Metric!.ABPackets]);
        if (flows.length > 0) return { flows, cursor: event.cursor };
      }
    },
    async end() {
      await events.return(undefined);
      context.release();
    },
  };
}

describe('flowChanges', () => {
  it('goes on after a cursor: every flow that changed meanwhile once, as it stands or ended', async () => {
    const filter = { capture: 'resumed' };
    const captured = new Captured('resumed', 'eth0', 't-eth0');
    const first = subscribe({ filter });
    expect(await first.next()).toMatchObject({ __typename: 'FlowChanges', flows: [] });
    captured.packet(1_000, call(1));
    captured.packet(1_000, call(2));
    await ship(captured.update(2_000));
    const { flows, cursor } = await first.changes();
    expect(flows).toEqual([
      [1, 1],
      [2, 1],
    ]);
    await first.end();

    const other = new Captured('other', 'eth0', 't-eth0');
    other.packet(2_500, call(9));
    await ship(other.update(3_000));
    captured.packet(3_000, call(2));
    captured.packet(3_000, call(3));
    await ship(captured.update(4_000));
    captured.packet(4_000, call(2));
    await ship(captured.refresh(4_500));
    await ship(captured.stop());

    const again = subscribe({ filter, after: cursor });
    const missed = await again.changes();
    expect(new Map(missed.flows as [number, number][])).toEqual(
      new Map([
        [1, 1],
        [2, 3],
        [3, 1],
      ]),
    );
    expect(missed.flows).toHaveLength(3);
    await again.end();

    const nothing = subscribe({ filter, after: missed.cursor });
    expect(await nothing.next()).toMatchObject({ __typename: 'FlowChanges', flows: [] });
    await nothing.end();
  });

  it('tells of a flow when it changes, and not each time that agents say how it stands', async () => {
    const captured = new Captured('told', 'eth0', 't-eth0');
    const stream = subscribe({ filter: { capture: 'told' }, batch: { every: 250 } });
    await stream.next();
    captured.packet(1_000, call(1));
    captured.packet(1_000, call(2));
    await ship(captured.refresh(1_100));
    const { cursor } = await stream.changes();
    for (const now of [1_200, 1_300]) await ship(captured.refresh(now));
    await ship(captured.update(2_000));
    captured.packet(2_100, call(2));
    await ship(captured.refresh(2_200));
    expect((await stream.changes()).flows).toEqual([[2, 2]]);
    await stream.end();
    const again = subscribe({ filter: { capture: 'told' }, after: cursor });
    expect((await again.changes()).flows).toEqual([[2, 2]]);
    await again.end();
    // Who asks sees the window of now all the same.
    expect([...world.services.flows.live.all()].find(({ CaptureID }) => CaptureID === 'told')?.LastUpdateMetric?.Last).toBe(2_000);
  });

  it('comes in pieces that each can be gone on from', async () => {
    const filter = { capture: 'pieces' };
    const captured = new Captured('pieces', 'eth0', 't-eth0');
    const begin = subscribe({ filter });
    const start = (await begin.next()) as { cursor: NonNullable<FlowStreamQuery['after']> };
    await begin.end();
    for (let port = 1; port <= 5; port += 1) captured.packet(1_000, call(port));
    await ship(captured.update(2_000));
    const ports: number[] = [];
    let after = start.cursor;
    for (let piece = 0; piece < 3; piece += 1) {
      const stream = subscribe({ filter, after, batch: { max: 2 } });
      const { flows, cursor } = await stream.changes();
      ports.push(...flows.map(([port]) => port!));
      after = cursor;
      await stream.end();
    }
    expect(ports).toEqual([1, 2, 3, 4, 5]);
  });

  it('says how many were skipped, and from where they can be had', async () => {
    const filter = { capture: 'many' };
    const captured = new Captured('many', 'eth0', 't-eth0');
    const stream = subscribe({ filter, batch: { max: 2, every: 250 } });
    await stream.next();
    for (let port = 1; port <= 5; port += 1) captured.packet(1_000, call(port));
    await ship(captured.update(2_000));
    expect((await stream.changes()).flows).toHaveLength(2);
    const lost = await stream.next();
    expect(lost).toMatchObject({ __typename: 'FlowEventsLost', count: 3 });
    await stream.end();
    const again = subscribe({ filter, after: (lost as { after: FlowStreamQuery['after'] }).after });
    expect((await again.changes()).flows).toHaveLength(5);
    await again.end();
  });

  it('says when a cursor leads on no more', async () => {
    const stream = subscribe({ after: { epoch: 1, seq: 1 } });
    const refused = await stream.next();
    expect(refused).toMatchObject({ __typename: 'ResyncRequired' });
    await expect(stream.next()).rejects.toThrow('the stream has ended');
    await stream.end();
  });

  it('finds flows of nodes that came after the question', async () => {
    const stream = subscribe({ filter: { captureNode: { name: { eq: 'late' } } }, batch: { every: 250 } });
    await stream.next();
    world.write(node('late', 'veth', { Name: 'late', TID: 't-late' }));
    const captured = new Captured('late', 'late', 't-late');
    captured.packet(1_000, call(7));
    const seen = stream.changes();
    for (let look = 0; look < 4; look += 1) {
      captured.packet(1_000 + look, call(7));
      await ship(captured.update(2_000 + look * 1_000));
      await new Promise((resume) => setTimeout(resume, 300));
    }
    expect((await seen).flows[0]![0]).toBe(7);
    await stream.end();
  });
});

describe('live flows', () => {
  it('lead on as long as nothing was forgotten', () => {
    const live = new LiveFlows({ agents: world.agentPort, clock: world.clock, most: 10 });
    const captured = new Captured('small', 'eth0', 't-eth0');
    const take = (batches: ReturnType<Captured['update']>): void => {
      for (const batch of batches) live.take('agent.test', batch, 0);
    };
    captured.packet(1_000, call(1));
    take(captured.update(2_000));
    const { position } = live;
    for (let port = 2; port <= 11; port += 1) captured.packet(2_000, call(port));
    take(captured.update(3_000));
    // The first flow went to make room: of it nothing newer than the position is missing.
    expect(live.leadsOn(position)).toBe(true);
    expect(live.since(position)).toHaveLength(10);
    for (let port = 12; port <= 13; port += 1) captured.packet(3_000, call(port));
    take(captured.update(4_000));
    expect(live.leadsOn(position)).toBe(false);
    expect(live.leadsOn(live.position)).toBe(true);
    expect(live.leadsOn(live.oldest)).toBe(true);
    live.close();
  });

  it('do not have connections that were closed long ago, though agents say no more of them', () => {
    let now = 0;
    let tidy = (): void => undefined;
    const clock = { ...world.clock, monotonic: () => now, every: (_ms: number, action: () => void) => ((tidy = action), () => undefined) };
    const live = new LiveFlows({ agents: world.agentPort, clock, most: 10 });
    const captured = new Captured('closed', 'eth0', 't-eth0');
    const fin = udp({ ...call(80), payload: 12 });
    fin[23] = 6; // TCP
    fin[46] = 0x50; // five words of header
    fin[47] = 0x11; // FIN, ACK
    captured.table.packet(fin, 0, fin.length, fin.length, 1_000, 0, 1);
    captured.packet(1_000, call(1));
    for (const batch of captured.update(2_000)) live.take('agent.test', batch, 0);
    const { epoch } = live.position;
    const ports = (): number[] => [...live.all()].map(({ Transport }) => Transport!.B).sort((a, b) => a - b);
    expect(ports()).toEqual([1, 80]);
    now = 60_000;
    expect(ports()).toEqual([1]);
    tidy();
    expect(live.size).toBe(1);
    // Who was away hears of the end.
    expect(live.leadsOn({ epoch, seq: 0 })).toBe(true);
    expect(live.since({ epoch, seq: 0 })).toHaveLength(2);
    live.close();
  });
});
