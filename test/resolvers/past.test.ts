import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { edge, node, openWorld, owns, remove, smallHost, type World } from '../services/world.js';

const SECOND = 1_000;

describe('the past', () => {
  let world: World;
  const at: Record<string, string> = {};
  const mark = (name: string): void => {
    at[name] = new Date(world.clock.now()).toISOString();
    world.clock.advance(SECOND);
  };

  beforeAll(async () => {
    world = await openWorld();
    world.write(...smallHost);
    mark('built');
    world.write({ op: 'patch', id: 'veth0', set: [['State', 'DOWN']] });
    mark('down');
    world.write(remove('veth1'));
    mark('gone');
    world.write(node('veth1', 'veth', { IfIndex: 2, State: 'UP' }), owns('blue', 'veth1'), node('new', 'dummy'), {
      op: 'patch',
      id: 'veth0',
      set: [['State', 'UP']],
    });
    mark('back');
  });
  afterAll(() => world.close());

  it('answers everything below a root field at its instant', async () => {
    const question = `query At($at: DateTime) {
      node(id: "web-1", at: $at) { children(filter: {type: {eq: "veth"}}) { nodes { name state } } 
        ... on Host { namespaces { interfaces { nodes { name parent { name } edges { nodes { source { name } target { name state } } } } } } } } }`;
    const built = await world.data(question, { at: at.built! });
    expect(built).toEqual({
      node: {
        children: { nodes: [{ name: 'veth0', state: 'UP' }] },
        namespaces: [
          {
            interfaces: {
              nodes: [
                {
                  name: 'veth1',
                  parent: { name: 'blue' },
                  edges: {
                    nodes: [
                      { source: { name: 'blue' }, target: { name: 'veth1', state: 'DOWN' } },
                      { source: { name: 'veth0' }, target: { name: 'veth1', state: 'DOWN' } },
                    ],
                  },
                },
              ],
            },
          },
        ],
      },
    });
    const gone = await world.data(question, { at: at.gone! });
    expect(gone).toMatchObject({ node: { children: { nodes: [{ state: 'DOWN' }] }, namespaces: [{ interfaces: { nodes: [] } }] } });
    expect(await world.data(question, { at: at.built! })).toEqual(built);
  });

  it('takes instants in every form', async () => {
    const state = async (instant: string | number): Promise<unknown> =>
      (await world.data<{ node: unknown }>('query($at: DateTime) { node(id: "veth0", at: $at) { state } }', { at: instant })).node;
    expect(await state(at.down!)).toEqual({ state: 'DOWN' });
    expect(await state(Date.parse(at.down!))).toEqual({ state: 'DOWN' });
    expect(await state(at.down!.replace('Z', '+00:00'))).toEqual({ state: 'DOWN' });
    expect(await state(`-${(world.clock.now() - Date.parse(at.down!)) / SECOND}s`)).toEqual({ state: 'DOWN' });
    expect(await state('now')).toEqual({ state: 'UP' });
    expect(await state('2099-01-01T00:00:00Z')).toEqual({ state: 'UP' });
    expect(await state(0)).toBeNull();
  });

  it('reads two instants in one request', async () => {
    const data = await world.data(
      `query($a: DateTime, $b: DateTime) { a: node(id: "veth0", at: $a) { key state } b: node(id: "veth0", at: $b) { key state } now: node(id: "veth0") { key state } }`,
      {
        a: at.built!,
        b: at.down!,
      },
    );
    expect(data).toEqual({
      a: { key: 'veth0@1', state: 'UP' },
      b: { key: 'veth0@2', state: 'DOWN' },
      now: { key: 'veth0@3', state: 'UP' },
    });
  });

  it('draws the picture as it was, saying which instant', async () => {
    const { topology } = await world.data<{ topology: { at: string; nodes: { id: string }[] } }>(
      'query($at: DateTime) { topology(at: $at) { at nodes { id } edges { id source { id } } } }',
      {
        at: at.gone!,
      },
    );
    expect(topology.at).toBe(at.gone);
    expect(topology.nodes.map(({ id }) => id).sort()).toEqual(['blue', 'br0', 'lo', 'veth0', 'web-1']);
  });

  it('says what is different between two instants', async () => {
    const data = await world.data(
      `query($from: DateTime!, $to: DateTime) { topologyDiff(from: $from, to: $to) { from to coverage { complete }
        added { totalCount nodes { ... on Node { id } ... on Edge { id } } } removed { nodes { ... on Node { id } ... on Edge { id: id } } }
        changed { nodes { element { ... on Node { id } } paths { path before after } } } } }`,
      { from: at.built!, to: at.gone! },
    );
    expect(data).toEqual({
      topologyDiff: {
        from: at.built,
        to: at.gone,
        coverage: { complete: true },
        added: { totalCount: 0, nodes: [] },
        removed: { nodes: [{ id: 'blue-ownership-veth1' }, { id: 'veth0-layer2-veth1' }, { id: 'veth1' }] },
        changed: { nodes: [{ element: { id: 'veth0' }, paths: [{ path: 'State', before: 'UP', after: 'DOWN' }] }] },
      },
    });
  });

  it('leaves out of a difference what changed back, and holds it to a filter', async () => {
    const question = `query($from: DateTime!, $filter: TopologyFilter) { topologyDiff(from: $from, filter: $filter) {
      added { nodes { ... on Node { id } ... on Edge { id } } } removed { nodes { __typename } } changed { nodes { element { ... on Node { id } } paths { path } } } } }`;
    expect(await world.data(question, { from: at.built! })).toEqual({
      topologyDiff: {
        added: { nodes: [{ id: 'new' }] },
        removed: { nodes: [{ __typename: 'Edge' }] },
        changed: { nodes: [expect.objectContaining({ element: { id: 'veth1' } })] },
      },
    });
    expect(await world.data(question, { from: at.built!, filter: { nodes: { within: { name: { eq: 'blue' } } } } })).toEqual({
      topologyDiff: {
        added: { nodes: [] },
        removed: { nodes: [] },
        changed: { nodes: [expect.objectContaining({ element: { id: 'veth1' } })] },
      },
    });
  });

  it('lists every change in order, by pages, of the same moment', async () => {
    const question = `query($from: DateTime!, $after: String, $filter: TopologyFilter) { changes(between: {from: $from}, first: 2, after: $after, filter: $filter) {
      totalCount nodes { op at reason element { ... on Node { id } ... on Edge { id } } paths { path before after } } pageInfo { hasNextPage endCursor } } }`;
    type Page = {
      changes: {
        totalCount: number;
        nodes: { op: string; element: { id: string } }[];
        pageInfo: { hasNextPage: boolean; endCursor: string };
      };
    };
    const from = new Date(Date.parse(at.built!) + 1).toISOString();
    const seen: string[] = [];
    let after: string | null = null;
    let total = 0;
    for (let more = true; more;) {
      const page: Page = await world.data<Page>(question, { from, after });
      seen.push(...page.changes.nodes.map(({ op, element }) => `${op} ${element.id}`));
      ({ endCursor: after, hasNextPage: more } = page.changes.pageInfo);
      total = page.changes.totalCount;
      world.write({ op: 'patch', id: 'lo', set: [['Note', seen.length]] }); // later changes belong to no page of this list
    }
    expect(seen).toHaveLength(8);
    expect(total).toBe(8);
    expect(seen[0]).toBe('UPDATED veth0');
    expect(seen.slice(1, 4).sort()).toEqual(['REMOVED blue-ownership-veth1', 'REMOVED veth0-layer2-veth1', 'REMOVED veth1']);
    const filtered = await world.data<Page>(question, { from, filter: { nodes: { type: { eq: 'dummy' } } } });
    expect(filtered.changes.nodes).toMatchObject([{ op: 'ADDED', element: { id: 'new' }, paths: [] }]);
  });

  it('lists and counts only what happened in a way, to kinds of nodes and of edges', async () => {
    const question = `query($from: DateTime!, $ops: [ChangeOp!], $kinds: [String!]) {
      changes(between: {from: $from}, ops: $ops, kinds: $kinds) { totalCount nodes { op element { ... on Node { id } ... on Edge { id } } } }
      changeHistogram(between: {from: $from}, step: "1h", kinds: $kinds) { added removed updated }
    }`;
    interface Answer {
      changes: { totalCount: number; nodes: { op: string; element: { id: string } }[] };
      changeHistogram: unknown;
    }
    const removed = await world.data<Answer>(question, { from: at.built!, ops: ['REMOVED'], kinds: ['veth', 'layer2'] });
    expect(removed.changes.totalCount).toBe(2);
    expect(removed.changes.nodes.map(({ element }) => element.id).sort()).toEqual(['veth0-layer2-veth1', 'veth1']);
    const links = await world.data<Answer>(question, { from: at.built!, kinds: ['ownership'] });
    expect(links.changes.nodes).toContainEqual({ op: 'REMOVED', element: { id: 'blue-ownership-veth1' } });
    expect(links.changes.nodes.every(({ element }) => element.id.includes('-ownership-'))).toBe(true);
    const [hour] = links.changeHistogram as { added: number; removed: number; updated: number }[];
    expect(hour!.added + hour!.removed + hour!.updated).toBe(links.changes.totalCount);
  });

  it('counts changes by kind in every step, also the empty ones', async () => {
    const from = Date.parse(at.built!);
    const question = `query($from: DateTime!, $to: DateTime, $filter: TopologyFilter) { changeHistogram(between: {from: $from, to: $to}, step: "500ms", filter: $filter) { start added updated removed watched } }`;
    const { changeHistogram } = await world.data<{ changeHistogram: unknown[] }>(question, { from, to: from + 3_500 });
    expect(changeHistogram).toHaveLength(7);
    expect(changeHistogram.filter((bucket) => (bucket as { updated: number }).updated > 0)).toEqual([
      { start: new Date(from + 1_000).toISOString(), added: 0, updated: 1, removed: 0, watched: 1 },
      { start: new Date(from + 3_000).toISOString(), added: 3, updated: 1, removed: 0, watched: 1 },
    ]);
    const filtered = await world.data<{ changeHistogram: { updated: number }[] }>(question, {
      from,
      to: from + 3_500,
      filter: { nodes: { type: { eq: 'dummy' } } },
    });
    expect(filtered.changeHistogram.map(({ updated }) => updated)).toEqual([0, 0, 0, 0, 0, 0, 0]);
    expect(filtered.changeHistogram).toHaveLength(7);
  });

  it('tells the history of a node, newest first, up to the instant that is looked at', async () => {
    const question = `query($at: DateTime) { node(id: "veth0", at: $at) { history(first: 2) { totalCount nodes { op paths { path after } element { ... on Node { revision } } } pageInfo { hasNextPage endCursor } } } }`;
    expect(await world.data(question)).toEqual({
      node: {
        history: {
          totalCount: 3,
          nodes: [
            { op: 'UPDATED', paths: [{ path: 'State', after: 'UP' }], element: { revision: 3 } },
            { op: 'UPDATED', paths: [{ path: 'State', after: 'DOWN' }], element: { revision: 2 } },
          ],
          pageInfo: { hasNextPage: true, endCursor: expect.any(String) },
        },
      },
    });
    expect(await world.data(question, { at: at.built! })).toMatchObject({ node: { history: { totalCount: 1, nodes: [{ op: 'ADDED' }] } } });
  });

  it('hatches what was not watched', async () => {
    world.clock.advance(SECOND);
    const start = world.clock.now();
    world.recorder.openGap({ reason: 'AGENT_LOST', since: start, origin: 'agent.test', host: 'web-1' });
    world.clock.advance(2 * SECOND);
    world.recorder.closeGap({ reason: 'AGENT_LOST', origin: 'agent.test', host: 'web-1' });
    world.clock.advance(2 * SECOND);
    const data = await world.data(
      `query($from: DateTime!, $in: DateTime) { changeHistogram(between: {from: $from}, step: "1s") { watched } topology(at: $in) { coverage { complete gaps { reason host from to } } }
        before: changeHistogram(between: {from: "-1d", to: "-12h"}, step: "12h") { watched } }`,
      { from: start, in: start + SECOND },
    );
    expect(data).toEqual({
      // The history begins later.
      before: [{ watched: 0 }],
      changeHistogram: [{ watched: 0 }, { watched: 0 }, { watched: 1 }, { watched: 1 }, { watched: 1 }],
      topology: {
        coverage: {
          complete: false,
          gaps: [
            { reason: 'AGENT_LOST', host: 'web-1', from: new Date(start).toISOString(), to: new Date(start + 2 * SECOND).toISOString() },
          ],
        },
      },
    });
  });

  it('keeps relations of a past edge whose end has gone since', async () => {
    const data = await world.data(
      'query($at: DateTime) { edge(id: "veth0-layer2-veth1", at: $at) { id target { name state } } now: edge(id: "veth0-layer2-veth1") { id } }',
      {
        at: at.built!,
      },
    );
    expect(data).toMatchObject({ edge: { target: { name: 'veth1', state: 'DOWN' } } });
    world.write(edge('veth0', 'veth1', 'layer2', { Type: 'veth' }));
  });
});

describe('measurements', () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld();
    world.write(...smallHost);
  });
  afterAll(() => world.close());

  const measure = (rx: number, last: number, previous: number, added: number): void =>
    void world.write({
      op: 'measure',
      id: 'veth0',
      values: [
        ['Metric.RxBytes', rx],
        ['Metric.Last', last],
        ['LastUpdateMetric.RxBytes', added],
        ['LastUpdateMetric.Start', previous],
        ['LastUpdateMetric.Last', last],
      ],
    });

  it('come live from the graph and later from the store of samples', async () => {
    const start = world.clock.now();
    measure(1_000, start, start - 10_000, 1_000);
    const past = world.clock.advance(9_998) + 1; // writing takes the last millisecond
    measure(6_000, past, start, 5_000);
    world.clock.advance(20_000);
    const question = `query($at: DateTime, $from: DateTime!) { node(id: "veth0", at: $at) { metadata(path: "Metric.RxBytes") ... on NetworkInterface {
      counters { at rxBytes txBytes } rates { rxBitsPerSecond } over: rates(between: {from: $from}, step: "10s") { start rxBitsPerSecond } } } }`;
    expect(await world.data(question, { from: start })).toMatchObject({
      node: {
        metadata: 6_000,
        counters: { rxBytes: 6_000, txBytes: 0, at: new Date(past).toISOString() },
        rates: [{ rxBitsPerSecond: 4_000 }],
      },
    });
    const { node: then } = await world.data<{ node: { metadata: null; counters: unknown; rates: unknown } }>(question, {
      at: start + 5_000,
      from: start,
    });
    expect(then).toMatchObject({ metadata: null, counters: { rxBytes: 1_000 }, rates: [{ rxBitsPerSecond: 800 }] });
    const { node: now } = await world.data<{ node: { over: { start: string; rxBitsPerSecond: number }[] } }>(question, { from: start });
    expect(now.over.reduce((sum, { rxBitsPerSecond }) => sum + rxBitsPerSecond * 10, 0)).toBe(5_000 * 8);
  });

  it('are null with their own error where they fail; the rest is answered', async () => {
    const { data, errors } = await world.ask(
      `{ nodes(filter: {type: {eq: "veth"}}) { nodes { name ... on NetworkInterface { rates(between: {from: "now", to: "-1h"}) { start } } } } }`,
    );
    expect(data).toEqual({
      nodes: {
        nodes: [
          { name: 'veth0', rates: null },
          { name: 'veth1', rates: null },
        ],
      },
    });
    expect(errors).toHaveLength(2);
    expect(errors![0]).toMatchObject({ path: ['nodes', 'nodes', 0, 'rates'], message: expect.stringContaining('between.from') });
  });
});
