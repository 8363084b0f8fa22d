import { describe, expect, it } from 'vitest';
import { leavesSuspended } from '../../src/graph/change.js';
import { AGENT, OTHER, TestGraph, USER, edge, ids, measure, node, owns, patch, remove, rows, told } from './builders.js';

describe('nodes and edges', () => {
  it('appear, change and go, one revision a change', () => {
    const graph = new TestGraph();
    expect(told(graph.put(node('a'), node('b'), edge('ab', 'a', 'b')))).toEqual(['added a', 'added b', 'added ab']);
    graph.clock.now += 10;
    const updated = graph.put(node('a', { State: 'UP' }));
    expect(told(updated)).toEqual(['updated a']);
    expect(updated.changes[0]?.before?.revision).toBe(1);
    expect(graph.node('a')).toMatchObject({ revision: 2, seq: 4, metadata: { State: 'UP' }, updatedAt: graph.clock.now });
    expect(told(graph.put(remove('ab'), remove('a')))).toEqual(['removed ab REMOVED', 'removed a REMOVED']);
    expect(graph.element('a')).toBeUndefined();
    expect(graph.position()).toEqual({ epoch: 1, seq: 6 });
  });

  it('are left alone by an equal write', () => {
    const graph = new TestGraph();
    graph.put(node('a', { IPV4: ['10.0.0.1/24'], Vf: { Id: 1 } }), node('b'), edge('ab', 'a', 'b'));
    const again = graph.put(node('a', { Vf: { Id: 1 }, IPV4: ['10.0.0.1/24'] }), edge('ab', 'a', 'b'), patch('a', { 'Vf.Id': 1 }));
    expect(again).toMatchObject({ changes: [], unchanged: 3, updated: 0 });
  });

  it('count each delta once', () => {
    const graph = new TestGraph();
    graph.put(node('a'), node('gone'));
    const applied = graph.put(
      node('b'),
      node('a', { X: 1 }),
      node('a', { X: 1 }),
      remove('gone'),
      remove('never'),
      patch('never', { X: 1 }),
    );
    expect(applied).toMatchObject({ created: 1, updated: 1, unchanged: 2, removed: 1, held: 0 });
    expect(applied.rejected).toEqual([{ index: 5, code: 'NOT_FOUND', message: 'there is no element never' }]);
  });

  it('belong to their origin', () => {
    const graph = new TestGraph();
    graph.put(node('a'), node('b'), edge('ab', 'a', 'b'));
    const applied = graph.by(OTHER, node('a', { X: 1 }), edge('ab', 'a', 'b', { X: 1 }), remove('a'), rows('a', 'Routes', { r: {} }));
    expect(applied.rejected.map(({ code }) => code)).toEqual(['FORBIDDEN', 'FORBIDDEN', 'FORBIDDEN', 'FORBIDDEN']);
    expect(applied.rejected[0]?.message).toBe('node a belongs to agent.one, not to agent.two');
    expect(applied.changes).toEqual([]);
  });

  it('refuse what makes no sense, and take the rest of the batch', () => {
    const graph = new TestGraph();
    graph.put(node('a'), node('b'), node('c'), edge('ab', 'a', 'b'));
    const applied = graph.put(
      edge('ab', 'a', 'c'),
      edge('x', 'a', 'b', { RelationType: '' }),
      node('ab'),
      edge('a', 'b', 'c'),
      node(''),
      edge('y', '', 'c'),
      patch('a', { 'Name.First': 1 }),
      patch('a', { 'X..Y': 1 }),
      patch('ab', { RelationType: 'ownership' }),
      edge('ab', 'a', 'b', { RelationType: 'ownership' }),
      node('d'),
    );
    expect(applied.rejected.map(({ index, code }) => [index, code])).toEqual(
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((index) => [index, 'BAD_INPUT']),
    );
    expect(told(applied)).toEqual(['added d']);
  });

  it('continue their revisions when they return', () => {
    const graph = new TestGraph();
    graph.put(node('a'), remove('a'));
    graph.put(node('a'));
    expect(graph.node('a')?.revision).toBe(3);
  });
});

describe('patches', () => {
  it('set and remove dotted paths of the base for the owner', () => {
    const graph = new TestGraph();
    graph.put(node('a', { Ovs: { Port: 1 } }));
    graph.put(patch('a', { 'Ovs.Options.Key': 'v', MTU: 1500 }, ['Ovs.Port']));
    expect(graph.node('a')?.base).toEqual({ Type: 'device', Name: 'a', Ovs: { Options: { Key: 'v' } }, MTU: 1500 });
    graph.put(patch('a', {}, ['Ovs.Options.Key', 'Absent.Path']));
    expect(graph.node('a')?.base).toEqual({ Type: 'device', Name: 'a', MTU: 1500 });
  });

  it('take the name of any key without harm', () => {
    const graph = new TestGraph();
    graph.put(node('a'));
    graph.by(USER, patch('a', { '__proto__.polluted': 1, 'constructor.x': 2 }));
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(JSON.stringify(graph.node('a')?.overlays?.[USER])).toBe('{"__proto__":{"polluted":1},"constructor":{"x":2}}');
    expect(JSON.stringify(graph.node('a')?.metadata)).toContain('"constructor":{"x":2}');
  });
});

describe('overlays', () => {
  it('lie over the base, one for each writer, merged by path', () => {
    const graph = new TestGraph();
    graph.put(node('a', { Labels: { tier: 'web' } }));
    graph.by(USER, patch('a', { 'Labels.owner': 'ann', Note: 'x' }));
    graph.by(OTHER, patch('a', { Seen: true }));
    expect(graph.node('a')?.metadata).toMatchObject({ Labels: { tier: 'web', owner: 'ann' }, Note: 'x', Seen: true });
    expect(graph.node('a')?.base).toEqual({ Type: 'device', Name: 'a', Labels: { tier: 'web' } });
    expect(told(graph.by(USER, remove('a')))).toEqual(['updated a']);
    expect(graph.node('a')?.metadata).toEqual({ Type: 'device', Name: 'a', Labels: { tier: 'web' }, Seen: true });
  });

  it('stay when the base is put again, and come back with the element', () => {
    const graph = new TestGraph();
    graph.put(node('a'));
    graph.by(USER, patch('a', { Note: 'x' }));
    graph.put(node('a', { State: 'UP' }));
    expect(graph.node('a')?.metadata).toMatchObject({ State: 'UP', Note: 'x' });
    graph.put(remove('a', 'AGENT_LOST'));
    graph.put(node('a'));
    expect(graph.node('a')?.metadata).toMatchObject({ Note: 'x' });
    expect(graph.node('a')?.base).not.toHaveProperty('Note');
  });

  it('can be dropped while the element is away, and are forgotten beyond the bound', () => {
    const graph = new TestGraph(undefined, { departed: 1 });
    graph.put(node('a'), node('b'));
    graph.by(USER, patch('a', { Note: 'x' }), patch('b', { Note: 'y' }));
    graph.put(remove('a'));
    graph.by(USER, remove('a'));
    graph.put(node('a'));
    expect(graph.node('a')?.overlays).toBeUndefined();
    graph.put(remove('b'), remove('a'), node('b'));
    expect(graph.node('b')?.overlays).toBeUndefined();
  });
});

describe('suspended edges', () => {
  it('wait for their ends, and are shown when both are there', () => {
    const graph = new TestGraph();
    expect(told(graph.put(edge('ab', 'a', 'b')))).toEqual(['suspended ab']);
    expect(graph.edge('ab')).toBeUndefined();
    expect(graph.put(patch('ab', { Speed: 1 })).changes[0]).toMatchObject({ op: 'suspended', before: undefined });
    expect(told(graph.put(node('a')))).toEqual(['added a']);
    expect(told(graph.put(node('b')))).toEqual(['added b', 'added ab']);
    expect(graph.edge('ab')).toMatchObject({ revision: 3, metadata: { Speed: 1 }, deletedAt: undefined });
  });

  it('are hidden when an end goes that is not of their origin, and return with it', () => {
    const graph = new TestGraph();
    graph.put(node('a'), node('b'));
    graph.by(OTHER, edge('ab', 'a', 'b'));
    const gone = graph.put(remove('a'));
    expect(told(gone)).toEqual(['removed ab END_MISSING', 'removed a REMOVED']);
    expect(gone.changes.map(leavesSuspended)).toEqual([true, false]);
    expect(graph.originStats(OTHER)).toMatchObject({ elements: 1, edges: 0, suspended: 1 });
    expect(told(graph.put(node('a')))).toEqual(['added a', 'added ab']);
    expect(graph.edge('ab')?.deletedAt).toBeUndefined();
  });

  it('go for good with a node of their own origin', () => {
    const graph = new TestGraph();
    graph.put(node('a'), node('b'), edge('ab', 'a', 'b'), edge('aa', 'a', 'a'));
    expect(told(graph.put(remove('a', 'AGENT_LOST'))).sort()).toEqual([
      'removed a AGENT_LOST',
      'removed aa AGENT_LOST',
      'removed ab AGENT_LOST',
    ]);
    expect(told(graph.put(node('a')))).toEqual(['added a']);
  });

  it('can be given up without being shown', () => {
    const graph = new TestGraph();
    graph.put(edge('ab', 'a', 'b'));
    const given = graph.put(remove('ab'));
    expect(given.changes[0]).toMatchObject({ op: 'suspended', reason: 'REMOVED', element: { deletedAt: graph.clock.now } });
    expect(given.changes.map(leavesSuspended)).toEqual([false]);
    expect(told(graph.put(node('a'), node('b')))).toEqual(['added a', 'added b']);
    expect(graph.stats()).toMatchObject({ nodes: 2, edges: 0, suspended: 0 });
  });
});

describe('ownership', () => {
  it('moves when the same origin says so', () => {
    const graph = new TestGraph();
    graph.put(node('h'), node('ns'), node('a'), owns('h-a', 'h', 'a'));
    expect(told(graph.put(owns('ns-a', 'ns', 'a')))).toEqual(['removed h-a REMOVED', 'added ns-a']);
    expect(ids(graph.view().inEdges('a'))).toEqual(['ns-a']);
  });

  it('moves also while the child is not there', () => {
    const graph = new TestGraph();
    graph.put(node('h'), node('ns'), owns('h-a', 'h', 'a'), owns('ns-a', 'ns', 'a'), node('a'));
    expect(ids(graph.view().inEdges('a'))).toEqual(['ns-a']);
  });

  it('is not taken from another origin', () => {
    const graph = new TestGraph();
    graph.put(node('h'), node('a'), owns('h-a', 'h', 'a'));
    const applied = graph.by(OTHER, node('x'), owns('x-a', 'x', 'a'));
    expect(applied.rejected).toEqual([{ index: 1, code: 'FORBIDDEN', message: 'node a is owned by h through edge h-a of agent.one' }]);
  });
});

describe('measurements', () => {
  it('change the live value and make no revision', () => {
    const graph = new TestGraph();
    graph.put(node('a'));
    const applied = graph.put(measure('a', { 'Metric.RxBytes': 1, 'Metric.TxBytes': 2 }), measure('never', { X: 1 }));
    expect(applied.changes).toEqual([]);
    expect(applied.measured).toEqual([
      {
        id: 'a',
        at: graph.clock.now,
        values: [
          ['Metric.RxBytes', 1],
          ['Metric.TxBytes', 2],
        ],
      },
    ]);
    expect(applied.rejected).toMatchObject([{ index: 1, code: 'NOT_FOUND' }]);
    graph.put(measure('a', { 'Metric.TxBytes': 3, 'Metric.Last': 4 }));
    expect(graph.measurements('a')).toEqual({ Metric: { RxBytes: 1, TxBytes: 3, Last: 4 } });
    expect(graph.view().measurements('a')).toEqual({ Metric: { RxBytes: 1, TxBytes: 3, Last: 4 } });
  });
});

describe('tables', () => {
  it('change by row', () => {
    const graph = new TestGraph();
    const table = { main: { Prefix: '0.0.0.0/0' }, local: { Prefix: '127.0.0.0/8' } };
    const added = graph.put(node('a', {}, { tables: { Routes: table } }));
    expect(added.changes[0]?.rows).toEqual({ Routes: table });
    const changed = graph.put(rows('a', 'Routes', { main: { Prefix: '::/0' }, local: { Prefix: '127.0.0.0/8' } }, ['absent']));
    expect(changed.changes[0]).toMatchObject({ op: 'updated', rows: { Routes: { main: { Prefix: '::/0' } } } });
    expect(changed.changes[0]?.rows?.['Routes']).not.toHaveProperty('local');
    expect(changed.changes[0]?.before?.tables?.['Routes']?.get('main')).toEqual({ Prefix: '0.0.0.0/0' });
    expect(graph.put(rows('a', 'Routes', { main: { Prefix: '::/0' } }))).toMatchObject({ unchanged: 1 });
    const whole = graph.put(node('a', {}, { tables: { Routes: { main: { Prefix: '::/0' } } } }));
    expect(whole.changes[0]?.rows).toEqual({ Routes: { local: null } });
    graph.put(rows('a', 'Routes', {}, ['main']));
    expect(graph.node('a')?.tables).toBeUndefined();
  });
});

describe('restore', () => {
  it('gives back what was there, without a change', () => {
    const graph = new TestGraph();
    graph.put(node('h'), node('a', { IPV4: ['10.0.0.1/24'] }), owns('h-a', 'h', 'a'));
    graph.by(OTHER, edge('a-x', 'a', 'x'));
    graph.by(USER, patch('a', { Note: 'x' }));
    const view = graph.view();
    const waiting = graph.elementsOf(OTHER).map(({ revision }) => revision);
    const again = new TestGraph(graph.clock);
    again.restore({
      elements: [...view.edges(), ...view.nodes()],
      suspended: waiting as never,
      lastAt: view.at,
      lastSeq: view.position.seq,
      epoch: 2,
    });
    for (const origin of [AGENT, OTHER, USER]) expect(again.originStats(origin)).toEqual(graph.originStats(origin));
    expect(again.stats()).toMatchObject({ nodes: 2, edges: 1, suspended: 1 });
    expect(again.position()).toEqual({ epoch: 2, seq: view.position.seq });
    expect(again.node('a')).toBe(graph.node('a'));
    expect(ids(again.view().nodesBy('IPV4', '10.0.0.1'))).toEqual(['a']);
    expect(told(again.by(OTHER, node('x')))).toEqual(['added x', 'added a-x']);
    expect(again.put(node('a', { IPV4: ['10.0.0.1/24'] }), owns('h-a', 'h', 'a'))).toMatchObject({ unchanged: 2 });
  });

  it('refuses an edge that has lost an end', () => {
    const graph = new TestGraph();
    graph.put(node('a'), node('b'), edge('ab', 'a', 'b'));
    const state = { elements: graph.view().edges(), suspended: [], lastAt: 0, lastSeq: 3, epoch: 1 };
    expect(() => new TestGraph().restore(state)).toThrow(/edge ab is stored as visible/);
  });
});

describe('accounts', () => {
  it('count what an origin has, and close when nothing is left', () => {
    const graph = new TestGraph();
    graph.put(node('a', {}, { tables: { T: { r: { x: 'y' } } } }), node('b'), edge('ab', 'a', 'b'));
    graph.by(USER, patch('a', { Note: 'hello' }));
    expect(graph.originStats(AGENT)).toMatchObject({ elements: 3, nodes: 2, edges: 1, suspended: 0 });
    expect(graph.originStats(USER).metadataBytes).toBeGreaterThan(0);
    graph.by(USER, remove('a'));
    graph.put(patch('a', { Long: 'x'.repeat(100) }), rows('a', 'T', { s: { x: 'z' } }), rows('a', 'T', {}, ['r']));
    expect(graph.originStats(AGENT).metadataBytes).toBeGreaterThan(100);
    graph.put(remove('a'), remove('b'));
    expect(graph.stats()).toMatchObject({ nodes: 0, edges: 0, metadataBytes: 0, origins: [] });
  });
});
