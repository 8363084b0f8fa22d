import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Change } from '../../src/graph/change.js';
import type { Delta } from '../../src/graph/delta.js';
import type { GraphView } from '../../src/graph/view.js';
import { SeenLog } from '../../src/services/sight/seenLog.js';
import { Sight } from '../../src/services/sight/sight.js';
import { TestGraph } from '../graph/builders.js';
import { edge, node, remove } from './world.js';

const blueSight = (): Sight =>
  new Sight([{ name: 'blue', nodes: { metadata: [{ path: 'Tenant', string: { eq: 'blue' } }] }, hide: ['Secret'] }]);

const ids = fc.nat(7).map((number) => `n${number}`);
const tenants = fc.constantFrom('blue', 'red', undefined);
const put = fc
  .tuple(ids, tenants, fc.nat(3))
  .map(([id, tenant, count]): Delta =>
    node(id, 'device', { Secret: `secret-${count}`, Count: count, ...(tenant !== undefined && { Tenant: tenant }) }),
  );
const relation = fc.constantFrom('ownership', 'layer2');
const link = fc.tuple(ids, ids, relation).map(([parent, child, type]): Delta => edge(parent, child, type));
const gone = fc.oneof(
  ids.map(remove),
  fc.tuple(ids, ids, relation).map(([parent, child, type]) => remove(`${parent}-${type}-${child}`)),
);
/** Batches, each at an instant of its own or at the same as the one before. */
const histories = fc.array(fc.tuple(fc.array(fc.oneof(put, put, link, link, gone), { minLength: 1, maxLength: 5 }), fc.boolean()), {
  maxLength: 14,
});

/** What is seen, by the definition: nodes that match or are owned by one, and edges between them. */
function defined(view: GraphView): Map<string, unknown> {
  const nodes = [...view.nodes()];
  const seen = new Set(nodes.filter(({ metadata }) => metadata.Tenant === 'blue').map(({ id }) => id));
  for (let size = -1; size < seen.size;) {
    size = seen.size;
    for (const { parent, child, metadata } of view.edges()) if (metadata.RelationType === 'ownership' && seen.has(parent)) seen.add(child);
  }
  const shown = new Map<string, unknown>();
  for (const { id, metadata } of nodes)
    if (seen.has(id)) shown.set(id, { Name: metadata.Name, Count: metadata.Count, Tenant: metadata.Tenant });
  for (const { id, parent, child, metadata } of view.edges()) if (seen.has(parent) && seen.has(child)) shown.set(id, metadata.RelationType);
  return shown;
}

const shownOf = (element: { kind: string; id: string; metadata: Readonly<Record<string, unknown>> }): unknown => {
  expect(element.metadata).not.toHaveProperty('Secret');
  const { Name, Count, Tenant, RelationType } = element.metadata;
  return element.kind === 'node' ? { Name, Count, Tenant } : RelationType;
};

function read(view: GraphView): Map<string, unknown> {
  return new Map([...view.nodes(), ...view.edges()].map((element) => [element.id, shownOf(element)]));
}

describe('a sight', () => {
  it('sees what its definition says, by every way of looking, and its log leads from each picture to the next', () => {
    fc.assert(
      fc.property(histories, fc.nat(3), (batches, split) => {
        const graph = new TestGraph();
        const blue = blueSight();
        const log = new SeenLog(blue, graph.view());
        const told = new Map<string, unknown>();
        let waiting: Change[] = [];
        for (const [index, [deltas, moves]] of batches.entries()) {
          if (moves) graph.clock.now += 1;
          waiting.push(...graph.put(...deltas).changes);
          if (index % 4 < split) continue;
          for (const { op, element, before } of log.follow(waiting)) {
            if (op === 'added') expect(told.has(element.id)).toBe(false);
            else expect(told.has(element.id)).toBe(true);
            if (op !== 'removed' && element.kind === 'edge')
              for (const end of [element.parent, element.child]) expect(told.has(end)).toBe(true);
            if (before !== undefined) expect(shownOf(before)).toEqual(told.get(element.id));
            if (op === 'removed') told.delete(element.id);
            else told.set(element.id, shownOf(element));
          }
          waiting = [];
          const whole = graph.view();
          const expected = defined(whole);
          const seen = blue.of(whole);
          expect(told).toEqual(expected);
          expect(read(seen)).toEqual(expected);
          expect(seen.nodeCount + seen.edgeCount).toBe(expected.size);
          const fresh = blue.of(whole);
          for (const { id } of [...whole.nodes()]) expect(fresh.node(id) !== undefined).toBe(expected.has(id));
          for (const { id } of [...whole.edges()]) expect(fresh.edge(id) !== undefined).toBe(expected.has(id));
          for (const { id } of [...whole.nodes()])
            for (const { id: each } of [...fresh.outEdges(id), ...fresh.inEdges(id)]) expect(expected.has(each)).toBe(true);
          whole.release();
        }
      }),
      { numRuns: 300 },
    );
  });
});
