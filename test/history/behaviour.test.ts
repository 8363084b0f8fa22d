import { expect, it } from 'vitest';
import { isElementChange, type Change } from '../../src/graph/change.js';
import type { Delta } from '../../src/graph/delta.js';
import type { PositionRange } from '../../src/history/store.js';
import { Random } from '../simulator/random.js';
import { describeEachHome, type Site } from './homes.js';
import { randomBatch } from './randomDeltas.js';
import { pictureOf, Replay, type Picture } from './replay.js';

const MINUTE = 60_000;

const put = (id: string, name = id): Delta => ({ op: 'putNode', id, host: 'h', metadata: { Type: 'device', Name: name } });
const gone = (id: string): Delta => ({ op: 'remove', id });

/** Writes deltas at once, a millisecond after the last; returns the position. */
async function write(site: Site, ...deltas: Delta[]) {
  site.clock.advance(1);
  const { durable, position } = site.recorder.record({ origin: 'agent.a', deltas, immediate: true });
  await durable;
  return position;
}

async function collect(site: Site, range: PositionRange, ids?: ReadonlySet<string>): Promise<Change[]> {
  const changes: Change[] = [];
  for await (const change of site.history.changes(range, ids && { ids })) changes.push(change);
  return changes;
}

describeEachHome('a position', (open) => {
  it('is found for an instant: the last change up to it, ties included', async () => {
    const site = await open();
    const started = site.clock.now();
    site.clock.advance(10);
    // Three batches in one millisecond.
    for (const id of ['a', 'b', 'c']) await site.recorder.record({ origin: 'agent.a', deltas: [put(id)], immediate: true }).durable;
    const at = site.clock.now();
    site.clock.advance(100);
    expect((await site.history.resolve(at)).position.seq).toBe(3);
    expect(await site.history.resolve(at - 1)).toEqual({ position: { epoch: 1, seq: 0 }, at: at - 1 });
    expect((await site.history.resolve(started - 1_000_000)).position.seq).toBe(0);
  });

  it('of the future means now, and what was asked for never changes', async () => {
    const site = await open();
    await write(site, put('a'));
    const asked = await site.history.resolve(site.clock.now() + MINUTE);
    expect(asked).toEqual({ position: { epoch: 1, seq: 1 }, at: site.clock.now() });
    const { changes } = site.recorder.record({ origin: 'agent.a', deltas: [put('b')], immediate: true });
    expect(changes[0]!.at).toBeGreaterThan(asked.at);
    expect((await site.history.resolve(asked.at)).position).toEqual(asked.position);
  });

  it('that is not there yet is refused', async () => {
    const site = await open();
    await expect(site.history.at({ epoch: 1, seq: 5 })).rejects.toMatchObject({ code: 'BAD_INPUT' });
    expect(site.history.check({ epoch: 1, seq: 5 })).toBe('in-future');
  });
});

describeEachHome('changes', (open) => {
  it('come in order, within the range, of the elements that are asked for, coverage only without a filter', async () => {
    const site = await open();
    const first = await write(site, put('a'), put('b'));
    site.recorder.openGap({ reason: 'AGENT_LOST', origin: 'agent.b', since: site.clock.now() });
    const last = await write(site, put('a', 'renamed'), gone('b'));
    const seen = (changes: readonly Change[]) =>
      changes.map((change) => (isElementChange(change) ? `${change.op} ${change.element.id}` : change.op));
    expect(seen(await collect(site, {}))).toEqual(['added a', 'added b', 'gapOpened', 'updated a', 'removed b']);
    expect(seen(await collect(site, { after: first, to: last }))).toEqual(['gapOpened', 'updated a', 'removed b']);
    expect(seen(await collect(site, { to: first }))).toEqual(['added a', 'added b']);
    expect(seen(await collect(site, {}, new Set(['b', 'unknown'])))).toEqual(['added b', 'removed b']);
    const edges: Change[] = [];
    for await (const change of site.history.changes({}, { kind: 'edge' })) edges.push(change);
    expect(edges).toEqual([]);
  });

  it('are told of each element newest first, as many as are asked for', async () => {
    const site = await open();
    for (const name of ['one', 'two', 'three']) await write(site, put('a', name), put('b', name));
    const [none, a] = await site.history.revisions(['unknown', 'a'], { limit: 2 });
    expect(none).toEqual([]);
    expect(a!.map(({ element, before }) => [element.metadata['Name'], before?.metadata['Name']])).toEqual([
      ['three', 'two'],
      ['two', 'one'],
    ]);
  });

  it('that are not durable yet are in every answer', async () => {
    const site = await open();
    await write(site, put('a'));
    const { position } = site.recorder.record({ origin: 'agent.a', deltas: [put('b'), put('a', 'new')], immediate: true });
    expect(site.recorder.journal.keptSeq).toBeLessThan(position.seq);
    expect((await collect(site, {})).length).toBe(3);
    const view = await site.history.at(position);
    expect([...view.nodes()].map(({ id }) => id).sort()).toEqual(['a', 'b']);
    expect((await site.history.revisions(['a']))[0]!.length).toBe(2);
    view.release();
  });
});

describeEachHome('a histogram', (open) => {
  it('counts what happened in each step, whatever the steps are', async () => {
    const site = await open();
    const random = new Random(11);
    const start = site.clock.now();
    const all: Change[] = [];
    site.recorder.onChanges((changes) => all.push(...changes));
    for (let batch = 0; batch < 120; batch++) {
      await site.recorder.record({ ...randomBatch(random), immediate: true }).durable;
      site.clock.advance(random.below(20_000));
    }
    const end = site.clock.now();
    for (const [from, to, step] of [
      [start, end, 1_000],
      [start - 12_345, end + 99_999, 61_000],
      [start + 777, end - 777, 5 * MINUTE],
      [start - (start % MINUTE), end, MINUTE],
      [start, end, 24 * 60 * MINUTE],
    ] as const) {
      const counts = await site.history.histogram(from, to, step);
      expect(counts).toHaveLength(Math.ceil((to - from) / step));
      for (const { start: begin, ...count } of counts) {
        const within = all.filter((change) => change.at >= begin && change.at < Math.min(to, begin + step));
        const of = (op: string): number => within.filter((change) => change.op === op).length;
        expect(count).toEqual({ added: of('added'), updated: of('updated'), removed: of('removed') });
      }
    }
    const [ofOne] = await site.history.histogram(start, end + 1, 2 * (end - start), { ids: new Set(['n1']) });
    expect(ofOne!.added).toBe(
      all.filter((change) => change.op === 'added' && isElementChange(change) && change.element.id === 'n1').length,
    );
  });

  it('without an end, a step or a bound is refused', async () => {
    const { history } = await open();
    for (const [from, to, step] of [
      [5, 5, 1],
      [0, 5, 0],
      [0, 1e12, 1],
    ] as const) {
      await expect(history.histogram(from, to, step)).rejects.toMatchObject({ code: 'BAD_INPUT' });
    }
  });
});

describeEachHome('gaps', (open) => {
  it('are told when they touch the time that is asked for', async () => {
    const site = await open();
    const start = site.clock.now();
    const subject = { reason: 'PROBE_DOWN', origin: 'agent.a', host: 'h', probe: 'netlink' } as const;
    site.recorder.openGap({ ...subject, since: start });
    site.clock.advance(1_000);
    site.recorder.closeGap(subject);
    site.clock.advance(1_000);
    expect(await site.history.gaps(start + 500, start + 600)).toEqual([{ from: start, to: start + 1_000, ...subject }]);
    expect(await site.history.gaps(start + 1_001, start + 2_000)).toEqual([]);
  });
});

describeEachHome('pruning', (open) => {
  it('takes away what is older and changes nothing of what is left, also over restarts', async () => {
    const site = await open();
    const random = new Random(21);
    const changes: Change[] = [];
    const replay = new Replay();
    const pictures: Picture[] = [];
    const note = (more: readonly Change[]): void => {
      for (const change of more) {
        changes.push(change);
        replay.take(change);
        pictures[change.seq] = replay.picture();
      }
    };
    const run = async (): Promise<void> => {
      const cancel = site.recorder.onChanges(note);
      for (let batch = 0; batch < 60; batch++) {
        site.clock.advance(50);
        await site.recorder.record({ ...randomBatch(random), immediate: true }).durable;
      }
      cancel();
    };
    for (let round = 0; round < 3; round++) {
      await run();
      const cut = changes[Math.floor(changes.length * 0.6)]!.seq;
      await site.history.prune(site.recorder.journal.epochs.positionOf(cut));
      expect(site.history.oldest().position.seq).toBe(cut);
      expect(site.history.check({ epoch: 1, seq: 0 })).toBe('pruned');
      await expect(site.history.at({ epoch: 1, seq: cut - 1 })).rejects.toMatchObject({ code: 'RESYNC_REQUIRED' });
      if (round === 1) {
        await site.restart();
        for (const change of await collect(site, { after: { epoch: 1, seq: changes.at(-1)!.seq } })) note([change]);
      }
      for (let seq = cut; seq <= changes.at(-1)!.seq; seq++) {
        const view = await site.history.at(site.recorder.journal.epochs.positionOf(seq));
        expect(pictureOf(view)).toEqual(pictures[seq]);
        view.release();
      }
      const kept = changes.filter(({ seq, op }) => seq > cut && op !== 'suspended').map(({ seq }) => seq);
      expect((await collect(site, {})).map(({ seq }) => seq)).toEqual(kept);
      for (const change of await collect(site, {}))
        if (isElementChange(change) && change.op === 'updated') expect(change.before?.id).toBe(change.element.id);
      const before = await site.history.resolve(0);
      expect(before).toEqual(site.history.oldest());
    }
  });
});
