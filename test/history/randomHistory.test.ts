import { expect, it } from 'vitest';
import type { Change } from '../../src/graph/change.js';
import { INDEXED_KEYS } from '../../src/graph/view.js';
import { Random } from '../simulator/random.js';
import { describeEachHome, type Site } from './homes.js';
import { randomBatch } from './randomDeltas.js';
import { pictureOf, Replay, type Picture } from './replay.js';

const BATCHES = 150;

/** Writes a random history, with restarts and pauses; returns every change in order. */
async function write(site: Site, random: Random): Promise<Change[]> {
  const changes: Change[] = [];
  const listen = (): void => void site.recorder.onChanges((more) => changes.push(...more));
  listen();
  for (let batch = 0; batch < BATCHES; batch++) {
    const { durable } = site.recorder.record(randomBatch(random));
    if (random.chance(0.5)) site.clock.advance(random.below(300));
    if (random.chance(0.3)) site.recorder.present().release();
    if (random.chance(0.2)) {
      site.clock.advance(1_500);
      await durable;
    }
    if (random.chance(0.02)) {
      site.clock.advance(3_000);
      await site.restart();
      // The gap of the absence was logged before anybody could listen.
      for await (const change of site.history.changes({})) if (change.seq > (changes.at(-1)?.seq ?? 0)) changes.push(change);
      listen();
    }
  }
  return changes;
}

describeEachHome('a random history', (open) => {
  it.each([1, 2, 3])('is at every instant what replaying its changes gives (seed %i)', async (seed) => {
    const site = await open();
    const changes = await write(site, new Random(seed));
    const replay = new Replay();
    const pictures: Picture[] = [replay.picture()];
    for (const change of changes) {
      replay.take(change);
      pictures[change.seq] = replay.picture();
    }
    const instants = new Set(changes.flatMap(({ at }) => [at - 1, at, at + 1]));
    for (const instant of instants) {
      const { position, at } = await site.history.resolve(instant);
      const last = changes.findLast((change) => change.at <= at)?.seq ?? 0;
      expect(position.seq).toBe(last);
      const view = await site.history.at(position);
      expect(pictureOf(view)).toEqual(pictures[last]);
      expect(view.nodeCount).toBe(Object.keys(pictures[last]!.nodes).length);
      expect(view.edgeCount).toBe(Object.keys(pictures[last]!.edges).length);
      view.release();
    }
  });

  it('has adjacency, indexes and single elements that agree with its elements', async () => {
    const site = await open();
    const changes = await write(site, new Random(4));
    for (const { seq } of changes.filter((_, index) => index % 7 === 0)) {
      const position = site.recorder.journal.epochs.positionOf(seq);
      const view = await site.history.at(position);
      const nodes = [...view.nodes()];
      const edges = [...view.edges()];
      for (const node of nodes) {
        expect(view.node(node.id)).toEqual(node);
        expect([...view.outEdges(node.id)].map(({ id }) => id).sort()).toEqual(
          edges
            .filter(({ parent }) => parent === node.id)
            .map(({ id }) => id)
            .sort(),
        );
        expect([...view.inEdges(node.id)].map(({ id }) => id).sort()).toEqual(
          edges
            .filter(({ child }) => child === node.id)
            .map(({ id }) => id)
            .sort(),
        );
        for (const key of INDEXED_KEYS) {
          const value = key === 'host' || key === 'origin' ? node[key] : node.metadata[key];
          if (value === undefined) continue;
          expect([...view.nodesBy(key, String(Array.isArray(value) ? value[0] : value))].map(({ id }) => id)).toContain(node.id);
        }
      }
      for (const edge of edges) {
        expect(view.node(edge.parent)).toBeDefined();
        expect(view.node(edge.child)).toBeDefined();
      }
      view.release();
    }
  });

  it('gives back every change as it was told', async () => {
    const site = await open();
    const changes = await write(site, new Random(5));
    const told = changes.filter(({ op }) => op !== 'suspended').map(comparable);
    expect(await readAll(site)).toEqual(told);
    await site.restart();
    expect((await readAll(site)).slice(0, told.length)).toEqual(told);
  });
});

async function readAll(site: Site): Promise<unknown[]> {
  const read: unknown[] = [];
  for await (const change of site.history.changes({})) read.push(comparable(change));
  return read;
}

function comparable(change: Change): unknown {
  if (!('element' in change)) return change;
  const { seq, at, observedAt, op, reason, rows } = change;
  return {
    seq,
    at,
    observedAt,
    op,
    reason,
    rows,
    element: { ...change.element, tables: undefined },
    before: change.before && { ...change.before, tables: undefined },
  };
}
