import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { leading, pageOf, readWindow } from '../../src/services/page.js';
import { byId, nodeOrder } from '../../src/services/order.js';
import { node, openWorld, owns, remove, type World } from './world.js';

interface Page {
  readonly nodes: { id: string; name: string }[];
  readonly edges: { cursor: string; node: { id: string } }[];
  readonly pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string; endCursor: string };
  readonly totalCount: number;
}
const FIELDS =
  '{ nodes { id name } edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount }';

describe('pages', () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld();
    world.write(node('host', 'host'));
    for (let index = 0; index < 25; index += 1) {
      const id = `n${String(index).padStart(2, '0')}`;
      world.write(node(id, 'veth', { Name: `name-${24 - index}` }), owns('host', id));
    }
  });
  afterAll(() => world.close());

  const nodes = async (args: string): Promise<Page> =>
    (await world.data<{ nodes: Page }>(`{ nodes(filter: {type: {eq: "veth"}}, ${args}) ${FIELDS} }`)).nodes;

  it('are all of the moment of the first, whatever changes in between', async () => {
    const seen: string[] = [];
    let args = 'first: 7';
    for (let more = true; more;) {
      const page = await nodes(args);
      seen.push(...page.nodes.map(({ id }) => id));
      expect(page.totalCount).toBe(25);
      expect(page.edges.map(({ node: { id } }) => id)).toEqual(page.nodes.map(({ id }) => id));
      more = page.pageInfo.hasNextPage;
      args = `first: 7, after: "${page.pageInfo.endCursor}"`;
      world.write(remove(`n${seen.length + 2}`), node(`n${seen.length}a`, 'veth'));
    }
    expect(seen).toEqual(Array.from({ length: 25 }, (_, index) => `n${String(index).padStart(2, '0')}`));
  });

  it('of lists inside are of the moment of their cursor too', async () => {
    const children = async (args: string): Promise<Page> =>
      (await world.data<{ node: { children: Page } }>(`{ node(id: "host") { children(${args}) ${FIELDS} } }`)).node.children;
    const first = await children('first: 5');
    world.write(remove(first.nodes[4]!.id), node('zz', 'veth'), owns('host', 'zz'));
    const rest = await children(`first: 1000, after: "${first.pageInfo.endCursor}"`);
    expect(rest.totalCount).toBe(first.totalCount);
    expect([...first.nodes, ...rest.nodes].map(({ id }) => id)).not.toContain('zz');
    expect(first.nodes.length + rest.nodes.length).toBe(first.totalCount);
  });

  it('go backwards and in any order', async () => {
    const last = await nodes('last: 3, orderBy: {field: NAME, direction: DESC}');
    const before = await nodes(`last: 2, before: "${last.pageInfo.startCursor}", orderBy: {field: NAME, direction: DESC}`);
    const all = await nodes('first: 1000, orderBy: {field: NAME, direction: DESC}');
    expect(last.nodes).toEqual(all.nodes.slice(-3));
    expect(before.nodes).toEqual(all.nodes.slice(-5, -3));
    expect(last.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
    expect(before.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: true });
  });

  it('of none have no cursors', async () => {
    expect(await nodes('first: 0')).toMatchObject({ nodes: [], pageInfo: { hasNextPage: true, startCursor: null, endCursor: null } });
  });
});

describe('cutting a page', () => {
  const entries = fc.uniqueArray(fc.string({ maxLength: 3 }), { maxLength: 60 });

  it('gives what sorting everything gives', () => {
    fc.assert(
      fc.property(entries, fc.nat(10), (ids, count) => {
        const list = ids.map((id) => ({ id }));
        const sorted = [...list].sort(byId.compare).slice(0, count);
        expect(leading([...list], count, byId)).toEqual(sorted);
      }),
    );
  });

  it('walks every list to its end, each entry once, in both directions', () => {
    fc.assert(
      fc.property(entries, fc.integer({ min: 1, max: 7 }), (ids, size) => {
        const all = ids.map((id) => ({ id }));
        const place = { positions: [{ epoch: 1, seq: 1 }] };
        const expected = [...ids].sort(byIdText);
        const cut = (args: Parameters<typeof readWindow>[0]) => pageOf([...all], byId, place, ({ id }) => id, readWindow(args, 100));
        const forwards: string[] = [];
        for (let page = cut({ first: size }); ; page = cut({ first: size, after: page.pageInfo.endCursor })) {
          forwards.push(...page.nodes);
          if (!page.pageInfo.hasNextPage) break;
        }
        const backwards: string[] = [];
        for (let page = cut({ last: size }); ; page = cut({ last: size, before: page.pageInfo.startCursor })) {
          backwards.unshift(...page.nodes);
          if (!page.pageInfo.hasPreviousPage) break;
        }
        expect(forwards).toEqual(expected);
        expect(backwards).toEqual(expected);
      }),
    );
  });

  it('orders nodes by every field, ids deciding between equals', () => {
    for (const field of ['ID', 'NAME', 'TYPE', 'HOST', 'STATE', 'CREATED_AT', 'UPDATED_AT'] as const) {
      const order = nodeOrder({ field });
      const one = { id: 'a', host: 'h', metadata: {}, createdAt: 1, updatedAt: 1 } as never;
      const two = { id: 'b', host: 'h', metadata: {}, createdAt: 1, updatedAt: 1 } as never;
      expect(order.compare(one, two)).toBeLessThan(0);
      expect(order.compareToKey(two, order.keyOf(one))).toBeGreaterThan(0);
      expect(order.compareToKey(one, order.keyOf(one))).toBe(0);
    }
  });
});

const byIdText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
