import { parse, subscribe, type ExecutionResult } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildCanopySchema } from '../../resolvers/build.js';
import { RequestContext } from '../../resolvers/context.js';
import { everybody } from '../../src/services/viewer.js';
import { openWorld, remove, smallHost, type World } from '../services/world.js';

const schema = buildCanopySchema();

describe('subscriptions', () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld();
    world.write(...smallHost);
  });
  afterAll(() => world.close());

  /** Runs the subscription as any GraphQL server would, until `use` has seen enough. */
  async function listen(document: string, use: (next: () => Promise<Record<string, unknown>>) => Promise<void>): Promise<void> {
    const context = new RequestContext(world.services, everybody);
    const events = await subscribe({ schema, document: parse(document), contextValue: context });
    if (!(Symbol.asyncIterator in events)) throw new Error(events.errors?.[0]?.message);
    const iterator = events[Symbol.asyncIterator]();
    try {
      await use(async () => {
        const { data, errors } = (await iterator.next()).value as ExecutionResult;
        if (errors) throw errors[0]!;
        return JSON.parse(JSON.stringify(data)) as Record<string, unknown>;
      });
    } finally {
      await iterator.return?.();
      context.release();
    }
  }

  const ELEMENT = '... on Node { id key name state metadata(path: "MTU") } ... on Edge { id sourceId targetId relationType }';

  it('send the picture, then what changes in it, and go on after a cursor', async () => {
    const fields = `__typename ... on TopologySnapshot { complete cursor nodes { id } edges { sourceId targetId } }
      ... on TopologyChanges { cursor changes { op reason element { __typename ${ELEMENT} } paths { path before after } } }`;
    const filter = 'filter: {nodes: {type: {eq: "veth"}}}';
    let cursor = '';
    await listen(`subscription { topologyChanges(${filter}, batch: {every: "1ms"}) { ${fields} } }`, async (next) => {
      const picture = (await next()).topologyChanges as { cursor: string };
      expect(picture).toMatchObject({
        __typename: 'TopologySnapshot',
        complete: true,
        nodes: [{ id: 'veth0' }, { id: 'veth1' }],
        edges: [{ sourceId: 'veth0', targetId: 'veth1' }],
      });
      cursor = picture.cursor;
      world.write({ op: 'patch', id: 'veth0', set: [['State', 'DOWN']] });
      expect((await next()).topologyChanges).toMatchObject({
        changes: [
          {
            op: 'UPDATED',
            element: { __typename: 'NetworkInterface', key: 'veth0@2' },
            paths: [{ path: 'State', before: 'UP', after: 'DOWN' }],
          },
        ],
      });
    });
    world.write(remove('veth1'));
    await listen(`subscription { topologyChanges(${filter}, after: "${cursor}", batch: {every: "1ms"}) { ${fields} } }`, async (next) => {
      const seen: string[] = [];
      while (seen.length < 3) {
        const { changes } = (await next()).topologyChanges as { changes: { op: string; element: { id: string } }[] };
        seen.push(...changes.map(({ op, element }) => `${op} ${element.id}`));
      }
      expect(seen[0]).toBe('UPDATED veth0');
      expect(seen.slice(1).sort()).toEqual(['REMOVED veth0-layer2-veth1', 'REMOVED veth1']);
    });
  });

  it('send the overview again when it is different', async () => {
    await listen('subscription { overviewChanges(groupBy: TYPE, every: "100ms") { groups { label counts { count } } } }', async (next) => {
      const first = (await next()).overviewChanges as { groups: { label: string }[] };
      expect(first.groups.map(({ label }) => label)).toEqual(['bridge', 'device', 'host', 'netns', 'veth']);
      world.write({ op: 'putNode', id: 'd0', host: 'web-1', metadata: { Name: 'd0', Type: 'dummy' } });
      const second = (await next()).overviewChanges as { groups: { label: string }[] };
      expect(second.groups.map(({ label }) => label)).toContain('dummy');
    });
  });

  it('send measurements of the nodes that match', async () => {
    await listen(
      'subscription { metrics(nodes: {name: {eq: "veth0"}}, every: "100ms") { samples { node { name } values } } }',
      async (next) => {
        const batchWithSamples = async (): Promise<unknown> => {
          for (;;) {
            const { samples } = (await next()).metrics as { samples: unknown[] };
            if (samples.length > 0) return samples;
          }
        };
        const batch = batchWithSamples();
        await new Promise((resume) => setTimeout(resume, 50));
        for (const id of ['veth0', 'br0']) world.write({ op: 'measure', id, values: [['Metric.RxBytes', 5]] });
        expect(await batch).toEqual([{ node: { name: 'veth0' }, values: { 'Metric.RxBytes': 5 } }]);
      },
    );
  });

  it('send the picture of what a Gremlin string finds, and what enters and leaves it', async () => {
    const fields = `__typename ... on TopologySnapshot { nodes { id } edges { id } complete }
      ... on TopologyChanges { changes { op reason element { ... on Node { id } ... on Edge { id } } } }`;
    const filter = `filter: {gremlin: "G.V().Has('Type', 'bridge').Out('Type', 'veth')"}, batch: {every: "1ms"}`;
    world.write({ op: 'putNode', id: 'far', host: 'web-1', metadata: { Name: 'far', Type: 'veth' } });
    await listen(`subscription { topologyChanges(${filter}) { ${fields} } }`, async (next) => {
      const first = (await next()).topologyChanges as { nodes: { id: string }[] };
      expect(first.nodes.map(({ id }) => id)).not.toContain('far');
      world.write({ op: 'putEdge', id: 'br0-far', host: 'web-1', parent: 'br0', child: 'far', metadata: { RelationType: 'layer2' } });
      expect((await next()).topologyChanges).toMatchObject({
        changes: [{ op: 'ADDED', reason: 'STARTED_MATCHING', element: { id: 'far' } }],
      });
      world.write(remove('far'));
      expect((await next()).topologyChanges).toMatchObject({ changes: [{ op: 'REMOVED', element: { id: 'far' } }] });
    });
  });

  it('send what enters, changes in and leaves the result of a Gremlin string', async () => {
    const part = '{ kind totalCount nodes { name state } }';
    const fields = `initial totalCount entered ${part} changed ${part} left ${part}`;
    await listen(`subscription { gremlinChanges(query: "G.V().Has('Type', 'tun')", every: "100ms") { ${fields} } }`, async (next) => {
      expect((await next()).gremlinChanges).toMatchObject({ initial: true, totalCount: 0, entered: { kind: 'NODES', nodes: [] } });
      world.write({ op: 'putNode', id: 'tun0', host: 'web-1', metadata: { Name: 'tun0', Type: 'tun', State: 'UP' } });
      expect((await next()).gremlinChanges).toMatchObject({
        initial: false,
        totalCount: 1,
        entered: { nodes: [{ name: 'tun0' }] },
        left: { nodes: [] },
      });
      world.write({ op: 'patch', id: 'tun0', set: [['State', 'DOWN']] });
      expect((await next()).gremlinChanges).toMatchObject({
        changed: { nodes: [{ name: 'tun0', state: 'DOWN' }] },
        entered: { nodes: [] },
      });
      world.write({ op: 'putNode', id: 'x0', host: 'web-1', metadata: { Name: 'x0', Type: 'dummy' } }, remove('tun0'));
      expect((await next()).gremlinChanges).toMatchObject({ totalCount: 0, left: { totalCount: 1, nodes: [{ name: 'tun0' }] } });
    });
  });

  it('wait for a node that is named and not there yet', async () => {
    await listen(`subscription { gremlinChanges(query: "G.V('late')", every: "100ms") { entered { nodes { id } } } }`, async (next) => {
      expect((await next()).gremlinChanges).toEqual({ entered: { nodes: [] } });
      world.write({ op: 'putNode', id: 'late', host: 'web-1', metadata: { Name: 'late', Type: 'dummy' } });
      expect((await next()).gremlinChanges).toEqual({ entered: { nodes: [{ id: 'late' }] } });
    });
  });

  it('tell a count that changed as another value', async () => {
    const document = `subscription { gremlinChanges(query: "G.V().Has('Type', 'ifb').Count()", every: "100ms") { changed { values json } entered { values } } }`;
    await listen(document, async (next) => {
      expect((await next()).gremlinChanges).toMatchObject({ entered: { values: [0] } });
      world.write({ op: 'putNode', id: 'ifb0', host: 'web-1', metadata: { Name: 'ifb0', Type: 'ifb' } });
      expect((await next()).gremlinChanges).toMatchObject({ changed: { values: [1], json: 1 } });
    });
  });

  it('send the status', async () => {
    await listen('subscription { statusChanges { version nodes } }', async (next) => {
      expect((await next()).statusChanges).toMatchObject({ version: '0.0.0-test' });
    });
  });

  it.each([
    ['topologyChanges(batch: {max: 0}) { __typename }', 'batch.max: 0 is not valid'],
    [
      `topologyChanges(filter: {gremlin: "G.V().Count()"}) { __typename }`,
      'a filter selects nodes and edges, and Count gives single value',
    ],
    [`topologyChanges(filter: {gremlin: "G.At('-1m').V()"}) { __typename }`, 'leave At and Context out'],
    ['gremlinChanges(query: "G.V(") { at }', 'Expected '],
    ['overviewChanges(every: "1ms") { at }', 'every: "1ms" is not valid; give at least 100ms'],
    ['topologyChanges(filter: {nodes: {name: {regex: "("}}}) { __typename }', 'filter.nodes.name.regex'],
    ['metrics(nodes: {name: {regex: "("}}) { at }', 'name.regex'],
  ])('refuse %s', async (field, message) => {
    await expect(listen(`subscription { ${field} }`, () => Promise.resolve())).rejects.toThrow(message);
  });
});
