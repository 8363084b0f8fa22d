import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/common/json.js';
import { openWorld, smallHost, type World } from './world.js';
import { PATIENCE } from '../patience.js';

const PUBLISH = `mutation($input: PublishTopologyInput!) { publishTopology(input: $input) { cursor created updated unchanged removed } }`;
const SECOND = 1_000;

const rack = (id: string, metadata: JsonObject = {}): JsonObject => ({ id, name: id, type: 'rack', metadata });

describe('publishing', () => {
  let world: World;
  beforeEach(async () => {
    world = await openWorld({ quota: { elements: 50, metadataBytes: 10_000, changesPerSecond: 10 } });
    world.write(...smallHost);
  });
  afterEach(() => world.close());

  const publish = async (input: JsonObject): Promise<Record<string, unknown>> =>
    (await world.data<{ publishTopology: Record<string, unknown> }>(PUBLISH, { input: { origin: 'inventory', ...input } })).publishTopology;
  const refusal = async (input: JsonObject): Promise<string> => {
    const before = world.recorder.position();
    const { errors } = await world.ask(PUBLISH, { input: { origin: 'inventory', ...input } });
    expect(world.recorder.position()).toEqual(before);
    return errors?.[0]?.message ?? 'accepted';
  };
  const ids = async (): Promise<string[]> =>
    (
      await world.data<{ nodes: { nodes: { id: string }[] } }>('{ nodes(filter: {origin: {eq: "inventory"}}) { nodes { id } } }')
    ).nodes.nodes.map(({ id }) => id);

  it('creates, updates, leaves alone and removes; the answer comes when it is on disk', async () => {
    const edges = [{ source: 'r1', target: 'web-1', relationType: 'ownership' }];
    expect(await publish({ nodes: [rack('r1', { Row: 3 }), rack('r2')], edges })).toMatchObject({
      created: 3,
      updated: 0,
      unchanged: 0,
      removed: 0,
    });
    expect(world.recorder.status().keptSeq).toBe(world.recorder.status().lastSeq);
    expect(await publish({ nodes: [rack('r1', { Row: 3 }), rack('r2')], edges })).toMatchObject({ created: 0, updated: 0, unchanged: 3 });
    expect(await publish({ nodes: [rack('r1', { Row: 4 })] })).toMatchObject({ updated: 1 });
    expect(await world.data('{ node(id: "web-1") { parent { name metadata(path: "Row") ... on CustomNode { __typename } } } }')).toEqual({
      node: { parent: { name: 'r1', metadata: 4, __typename: 'CustomNode' } },
    });
    expect(await publish({ removed: ['r1', 'long-gone'] })).toMatchObject({ removed: 2 });
    expect(await ids()).toEqual(['r2']);
  });

  it('refuses the whole call with the path of each bad part', async () => {
    const { errors } = await world.ask(PUBLISH, {
      input: {
        origin: 'inventory',
        nodes: [
          rack('ok'),
          { id: '', name: 'x', type: '' },
          rack('ok'),
          rack('br0'),
          rack('deep', { 'a.b': 1 }),
          { ...rack('odd'), metadata: [1] },
        ],
        edges: [
          { source: 'ok', target: 'ok', relationType: 'ownership' },
          { id: 'veth0-layer2-veth1', source: 'br0', target: 'lo', relationType: 'layer2' },
        ],
        removed: ['veth0'],
      },
    });
    const message = errors![0]!.message;
    expect(message).toContain('refused as a whole, nothing has changed');
    const { problems } = (errors![0] as unknown as { originalError?: { details: { problems: { path: string }[] } } }).originalError
      ?.details ?? { problems: [] };
    const paths =
      problems.length > 0
        ? problems.map(({ path }) => path)
        : [...message.matchAll(/(?:; |: )((?:nodes|edges|removed)[^:]*):/g)].map(([, path]) => path);
    expect(paths).toEqual(expect.arrayContaining(['nodes[1].id', 'nodes[1].type', 'nodes[2].id', 'nodes[3].id']));
    expect(message).toContain('and 5 more');
    expect(await ids()).toEqual([]);
  });

  it.each([
    [{ origin: 'agent.web-1', nodes: [rack('r')] }, "'agent.web-1' is taken"],
    [{ origin: 'user', nodes: [rack('r')] }, "'user' is taken"],
    [{ origin: ' ', nodes: [rack('r')] }, 'origin: is empty'],
    [{}, 'nothing is published'],
    [{ lease: '10ms', nodes: [rack('r')] }, 'lease: 10ms is too short'],
    [{ nodes: [rack('lo')] }, "nodes[0].id: 'lo' belongs to the origin 'agent.test'"],
    [{ nodes: [{ ...rack('r'), metadata: { Name: 'other' } }] }, 'nodes[0].metadata.Name: "other" differs from name'],
    [{ removed: ['lo'] }, "removed[0]: 'lo' belongs to the origin 'agent.test'"],
    [{ nodes: Array.from({ length: 51 }, (_, index) => rack(`r${index}`)) }, 'may hold 50 elements; it has 0, and this call adds 51'],
    [{ nodes: [rack('r', { Note: 'x'.repeat(20_000) })] }, 'may hold 10000 bytes of metadata'],
  ])('refuses %j', async (input, message) => expect(await refusal(input as JsonObject)).toContain(message));

  it('holds an origin to its rate, and lets it go on later', async () => {
    for (let round = 0; round < 2; round += 1)
      await publish({ nodes: Array.from({ length: 48 }, (_, index) => rack(`r${index}`, { round })) });
    expect(await refusal({ nodes: Array.from({ length: 48 }, (_, index) => rack(`r${index}`, { round: 2 })) })).toMatch(
      /may send 10 changes a second.*this call has 48, and [4-9] are left/,
    );
    expect(await publish({ origin: 'somebody-else', nodes: [rack('s1')] })).toMatchObject({ created: 1 });
  });

  it('counts what is held again after elements go', async () => {
    await publish({ nodes: Array.from({ length: 40 }, (_, index) => rack(`r${index}`)) });
    expect(await refusal({ nodes: Array.from({ length: 11 }, (_, index) => rack(`s${index}`)) })).toContain(
      'it has 40, and this call adds 11',
    );
    await publish({ removed: Array.from({ length: 20 }, (_, index) => `r${index}`) });
    expect(await publish({ nodes: Array.from({ length: 11 }, (_, index) => rack(`s${index}`)) })).toMatchObject({ created: 11 });
  });

  it('lets an edge wait for its end', async () => {
    await publish({ nodes: [rack('r1')], edges: [{ id: 'e', source: 'r1', target: 'later', relationType: 'ownership' }] });
    expect(await world.data('{ edge(id: "e") { id } }')).toEqual({ edge: null });
    await publish({ nodes: [rack('later')] });
    expect(await world.data('{ edge(id: "e") { id } }')).toEqual({ edge: { id: 'e' } });
  });
});

describe('leases', () => {
  let world: World;
  beforeEach(async () => {
    world = await openWorld();
  });
  afterEach(() => world.close());

  const publish = (input: JsonObject): Promise<unknown> => world.data(PUBLISH, { input: { origin: 'inventory', ...input } });
  const there = async (): Promise<string[]> =>
    (await world.data<{ nodes: { nodes: { id: string }[] } }>('{ nodes { nodes { id } } }')).nodes.nodes.map(({ id }) => id);
  /** The look for leases that ran out comes by itself twice a second; real time passes while it does. */
  const untilThereAre = (expected: string[]): Promise<void> => expect.poll(there, PATIENCE).toEqual(expected);

  it('remove what is not published again in time', async () => {
    await publish({ lease: '30s', nodes: [rack('a'), rack('b')] });
    await publish({ nodes: [rack('stays')] });
    world.clock.advance(20 * SECOND);
    await publish({ lease: '30s', nodes: [rack('a')] });
    world.clock.advance(15 * SECOND);
    await untilThereAre(['a', 'stays']);
    const { changes } = await world.data<{ changes: { nodes: unknown[] } }>(
      '{ changes(between: {from: "-1s"}) { nodes { op reason element { ... on Node { id } } } } }',
    );
    expect(changes.nodes).toEqual([{ op: 'REMOVED', reason: 'LEASE_EXPIRED', element: { id: 'b' } }]);
    await publish({ nodes: [rack('a')] });
    world.clock.advance(60 * SECOND);
    await new Promise((resume) => setTimeout(resume, 700));
    expect(await there()).toEqual(['a', 'stays']);
  });

  it('outlive a restart, which gives publishers time to come back', async () => {
    await publish({ lease: '1m', nodes: [rack('a')] });
    world.clock.advance(10 * 60 * SECOND);
    world = await world.restart();
    expect(await there()).toEqual(['a']);
    expect(await world.data('{ status { leases } }')).toEqual({ status: { leases: 1 } });
    world.clock.advance(34 * SECOND);
    await new Promise((resume) => setTimeout(resume, 700));
    expect(await there()).toEqual(['a']);
    world.clock.advance(2 * SECOND);
    await untilThereAre([]);
  });
});

describe('overlays and removal', () => {
  let world: World;
  beforeEach(async () => {
    world = await openWorld();
    world.write(...smallHost);
  });
  afterEach(() => world.close());

  it('lay values over a node that outlive what its agent says, and come off again', async () => {
    const update = `mutation($set: JSON, $unset: [String!]) { updateNodeMetadata(id: "br0", set: $set, unset: $unset) { node { key metadata(path: "Site") mtu: metadata(path: "MTU") origin } } }`;
    expect(await world.data(update, { set: { 'Site.Rack': 'r12', MTU: 9000 } })).toEqual({
      updateNodeMetadata: { node: { key: 'br0@2', metadata: { Rack: 'r12' }, mtu: 9000, origin: 'agent.test' } },
    });
    world.write(...smallHost);
    expect(await world.data('{ node(id: "br0") { metadata(path: "Site.Rack") } }')).toEqual({ node: { metadata: 'r12' } });
    expect(await world.data(update, { unset: ['MTU', 'Site.Rack'] })).toEqual({
      updateNodeMetadata: { node: { key: 'br0@3', metadata: null, mtu: 1500, origin: 'agent.test' } },
    });
  });

  it('two in one document read their own writes', async () => {
    const data = await world.data(`mutation {
      first: updateNodeMetadata(id: "lo", set: {a: 1}) { node { metadata(path: "a") revision } }
      second: updateNodeMetadata(id: "lo", set: {b: 2}) { node { metadata(path: "a") revision } }
    }`);
    expect(data).toEqual({ first: { node: { metadata: 1, revision: 2 } }, second: { node: { metadata: 1, revision: 3 } } });
  });

  it('removes what publishers gave, with its edges, and says what was gone already', async () => {
    await world.data(PUBLISH, {
      input: { origin: 'a', nodes: [rack('r1'), rack('r2')], edges: [{ id: 'e', source: 'r1', target: 'r2', relationType: 'x' }] },
    });
    expect(await world.data('mutation { removeElements(ids: ["r1", "nobody"]) { removed missing } }')).toEqual({
      removeElements: { removed: 2, missing: ['nobody'] },
    });
    expect(await world.data('{ edge(id: "e") { id } }')).toEqual({ edge: null });
  });
});
