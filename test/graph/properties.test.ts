import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ElementChange } from '../../src/graph/change.js';
import type { ElementId, Revision } from '../../src/graph/element.js';
import { hasIndexedValue, indexedValue } from '../../src/graph/indexes.js';
import { mergeOverlays } from '../../src/graph/metadataPath.js';
import { overlayView } from '../../src/graph/overlayView.js';
import { reconcile } from '../../src/graph/reconcile.js';
import { withRowChanges } from '../../src/graph/tables.js';
import { INDEXED_KEYS, type GraphView } from '../../src/graph/view.js';
import { AGENT, OTHER, TestGraph, USER, edge, ids, node } from './builders.js';
import { history, type Step } from './histories.js';
import { replay } from './replay.js';

const RUNS = { numRuns: 200 };

interface Lived {
  readonly graph: TestGraph;
  readonly log: readonly ElementChange[];
  /** Views that were taken on the way, each with what it showed then. */
  readonly views: readonly { readonly view: GraphView; readonly shown: Shown }[];
}

/** All that a view answers, as plain values. */
interface Shown {
  readonly counts: readonly [number, number];
  readonly elements: ReadonlyMap<ElementId, Revision>;
  readonly out: readonly (readonly string[])[];
  readonly in: readonly (readonly string[])[];
  readonly indexes: readonly (readonly string[])[];
}

const WANTED: Readonly<Record<string, readonly string[]>> = {
  Type: ['veth', 'bridge', 'device', 'none'],
  Name: ['eth0', 'br0', 'a'],
  TID: ['t1', 't2'],
  MAC: ['02:00:00:00:00:01'],
  IPV4: ['10.0.0.1', '10.0.0.1/24', '10.0.0.1/16', '10.1.0.1', '10.1.0.1/8'],
  host: ['one', 'two'],
  origin: [AGENT, OTHER],
};

const NODES = ['a', 'b', 'c', 'd', 'e', 'p'];

function show(view: GraphView): Shown {
  return {
    counts: [view.nodeCount, view.edgeCount],
    elements: new Map([...view.nodes(), ...view.edges()].map((element) => [element.id, element])),
    out: NODES.map((id) => ids(view.outEdges(id))),
    in: NODES.map((id) => ids(view.inEdges(id))),
    indexes: INDEXED_KEYS.flatMap((key) => (WANTED[key] ?? []).map((value) => ids(view.nodesBy(key, value)))),
  };
}

/** The same answers without indexes and chains. */
function showNaively(elements: ReadonlyMap<ElementId, Revision>): Shown {
  const all = [...elements.values()];
  const nodes = all.filter((element) => element.kind === 'node');
  const edges = all.filter((element) => element.kind === 'edge');
  return {
    counts: [nodes.length, edges.length],
    elements,
    out: NODES.map((id) => ids(edges.filter(({ parent }) => parent === id))),
    in: NODES.map((id) => ids(edges.filter(({ child }) => child === id))),
    indexes: INDEXED_KEYS.flatMap((key) =>
      (WANTED[key] ?? []).map((value) => ids(nodes.filter((each) => hasIndexedValue(key, indexedValue(each, key), value)))),
    ),
  };
}

function live(steps: readonly Step[]): Lived {
  const graph = new TestGraph(undefined, { burst: 1 });
  const log: ElementChange[] = [];
  const views: { view: GraphView; shown: Shown }[] = [];
  for (const step of steps) {
    if (step.do === 'apply') log.push(...graph.apply(step).changes);
    else if (step.do === 'wait') {
      graph.clock.now += step.ms;
      log.push(...graph.tick());
    } else {
      const view = graph.view();
      graph.seal(view.at);
      views.push({ view, shown: show(view) });
    }
  }
  return { graph, log, views };
}

describe('random histories', () => {
  it('give the same graph when their changes are replayed', () => {
    fc.assert(
      fc.property(history, (steps) => {
        const { graph, log } = live(steps);
        expect(show(graph.view())).toEqual(showNaively(replay(log)));
      }),
      RUNS,
    );
  });

  it('never change a view, and a view is the replay up to its instant', () => {
    fc.assert(
      fc.property(history, (steps) => {
        const { log, views } = live(steps);
        for (const { view, shown } of views) {
          expect(show(view)).toEqual(shown);
          expect(shown).toEqual(showNaively(replay(log, view.at)));
          expect(shown).toEqual(showNaively(replay(log.filter(({ seq }) => seq <= view.position.seq))));
        }
      }),
      RUNS,
    );
  });

  it('number their changes without a gap, on an axis that never falls', () => {
    fc.assert(
      fc.property(history, (steps) => {
        const { log } = live(steps);
        expect(log.map(({ seq }) => seq)).toEqual(log.map((_, index) => index + 1));
        log.forEach((change, index) => {
          expect(change.element.seq).toBe(change.seq);
          expect(change.observedAt).toBeLessThanOrEqual(change.at);
          expect(change.at).toBeGreaterThanOrEqual(log[index - 1]?.at ?? 0);
        });
      }),
      RUNS,
    );
  });

  it('tell the truth about what was before, about rows and about layers', () => {
    fc.assert(
      fc.property(history, (steps) => {
        const visible = new Map<ElementId, Revision>();
        const revisions = new Set<string>();
        for (const change of live(steps).log) {
          const { element, before, op } = change;
          expect(before).toBe(op === 'suspended' ? undefined : visible.get(element.id));
          expect(op === 'added').toBe(before === undefined && op !== 'suspended');
          if (op === 'removed') visible.delete(element.id);
          else if (op !== 'suspended') visible.set(element.id, element);
          expect(element.metadata).toEqual(mergeOverlays(element.base, element.overlays));
          if (op === 'updated' || op === 'added') {
            const replayed = withRowChanges(before?.tables, change.rows);
            const plain = (tables: Revision['tables']) =>
              Object.entries(tables ?? {}).map(([name, table]) => [name, new Map(table.entries())]);
            expect(plain(replayed).sort()).toEqual(plain(element.tables).sort());
          }
          const key = `${element.id}@${element.revision}`;
          expect(revisions.has(key)).toBe(false);
          revisions.add(key);
        }
      }),
      RUNS,
    );
  });

  it('never show an edge without its ends, nor two owners of one child', () => {
    fc.assert(
      fc.property(history, (steps) => {
        const { log } = live(steps);
        const elements = new Map<ElementId, Revision>();
        for (const { op, element } of log) {
          if (op === 'removed') elements.delete(element.id);
          else if (op !== 'suspended') elements.set(element.id, element);
          const owned: string[] = [];
          for (const each of elements.values()) {
            if (each.kind !== 'edge') continue;
            expect(elements.get(each.parent)?.kind).toBe('node');
            expect(elements.get(each.child)?.kind).toBe('node');
            if (each.base['RelationType'] === 'ownership') owned.push(each.child);
          }
          expect(new Set(owned).size).toBe(owned.length);
        }
      }),
      RUNS,
    );
  });

  it('can be rolled back and forth between any two of their moments', () => {
    fc.assert(
      fc.property(history, fc.nat(), (steps, point) => {
        const { graph, log } = live(steps);
        const seq = log.length === 0 ? 0 : point % (log.length + 1);
        const then = replay(log.slice(0, seq));
        const now = replay(log);
        const replaced = new Map(log.slice(seq).map(({ element }) => [element.id, then.get(element.id)]));
        const past = overlayView(graph.view(), replaced, { position: { epoch: 1, seq }, at: 0 });
        expect(show(past)).toEqual(showNaively(then));
        const back = new Map([...replaced.keys()].map((id) => [id, now.get(id)]));
        expect(show(overlayView(past, back, { position: graph.position(), at: 0 }))).toEqual(showNaively(now));
      }),
      RUNS,
    );
  });

  it('balance their books', () => {
    fc.assert(
      fc.property(history, (steps) => {
        const { graph } = live(steps);
        const { nodes, edges, suspended, origins, held } = graph.stats();
        const view = graph.view();
        expect([nodes, edges]).toEqual([view.nodeCount, view.edgeCount]);
        expect(origins.reduce((sum, { elements }) => sum + elements, 0)).toBe(nodes + edges + suspended);
        expect(origins.reduce((sum, origin) => sum + origin.held, 0)).toBe(held);
        // A graph that was filled with the result keeps the same books.
        const all = origins.flatMap(({ origin }) => graph.elementsOf(origin));
        if (held === 0) {
          const again = new TestGraph();
          const waiting = all.filter(({ isSuspended }) => isSuspended).map(({ revision }) => revision);
          again.restore({ elements: [...view.nodes(), ...view.edges()], suspended: waiting as never, lastAt: 0, lastSeq: 0, epoch: 1 });
          for (const { origin, metadataBytes, elements } of origins) {
            expect(again.originStats(origin)).toMatchObject({ metadataBytes, elements });
          }
        }
        for (const origin of [AGENT, OTHER, USER]) {
          graph.apply({ origin, deltas: all.map(({ revision }) => ({ op: 'remove', id: revision.id }) as const), immediate: true });
        }
        expect(graph.stats()).toMatchObject({ nodes: 0, edges: 0, suspended: 0, metadataBytes: 0, held: 0, origins: [] });
      }),
      RUNS,
    );
  });

  it('end at an origin’s picture after reconciling with it', () => {
    fc.assert(
      fc.property(history, fc.subarray(['a', 'b', 'c']), fc.nat(2), (steps, names, v) => {
        const { graph } = live(steps);
        const picture = [...names.map((id) => node(id, { V: v })), edge('p', 'a', 'b'), edge('new', 'a', 'c')];
        const before = graph.stats().origins.filter(({ origin }) => origin !== AGENT);
        const { rejected } = graph.apply({ origin: AGENT, deltas: reconcile(graph, AGENT, picture) });
        expect(rejected.filter(({ code }) => code !== 'FORBIDDEN' && code !== 'BAD_INPUT')).toEqual([]);
        if (rejected.length === 0) expect(reconcile(graph, AGENT, picture)).toEqual([]);
        for (const { origin, elements } of before) expect(graph.originStats(origin).elements).toBe(elements);
      }),
      RUNS,
    );
  });
});
