import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../src/common/json.js';
import type { NodeRevision } from '../../src/graph/element.js';
import type { GraphView } from '../../src/graph/view.js';
import { LiveGraph } from '../../src/graph/liveGraph.js';
import type { NodeFilter } from '../../src/graph/filter/nodeFilter.js';
import type { StringFilter } from '../../src/graph/filter/stringFilter.js';
import type { TopologyFilter } from '../../src/services/filters/inputs.js';
import { compileSelection, type Selected } from '../../src/services/filters/selection.js';
import { edge, node } from './world.js';

/** Few values, so that filters meet elements. */
const names = fc.constantFrom('a', 'b', 'ab', 'veth0');
const types = fc.constantFrom('host', 'netns', 'veth', 'bridge');
const addresses = fc.constantFrom('10.0.0.1/24', '10.0.1.2/24', '192.168.0.1/16', 'fd00::1/64');

const metadata: fc.Arbitrary<JsonObject> = fc.record(
  {
    Name: names,
    State: fc.constantFrom('UP', 'DOWN', 'DORMANT'),
    MTU: fc.constantFrom(1500, 9000),
    MAC: fc.constantFrom('02:00:00:00:00:01', '02:00:00:00:00:02'),
    IPV4: fc.array(addresses, { maxLength: 2 }),
    K8s: fc.record({ Namespace: names, Ready: fc.boolean() }),
    Rows: fc.array(fc.record({ Key: names }), { maxLength: 2 }),
  },
  { requiredKeys: [] },
);

const graphs = fc.record({
  nodes: fc.array(fc.tuple(types, metadata, fc.constantFrom('h1', 'h2')), { minLength: 1, maxLength: 12 }),
  edges: fc.array(fc.tuple(fc.nat(11), fc.nat(11), fc.constantFrom('ownership', 'layer2')), { maxLength: 20 }),
});

const strings: fc.Arbitrary<StringFilter> = fc.record(
  {
    eq: names,
    ne: names,
    in: fc.array(names, { maxLength: 2 }),
    notIn: fc.array(names, { maxLength: 2 }),
    regex: fc.constantFrom('^a', 'b$', '^veth[0-9]$'),
    contains: fc.constantFrom('a', 'e'),
    startsWith: fc.constantFrom('a', 'v'),
    exists: fc.boolean(),
  },
  { requiredKeys: [] },
);

/** Filters in filters, to a depth: without one, a random filter has no end. */
const filtersTo = (depth: number, through: boolean): fc.Arbitrary<NodeFilter> =>
  fc.record(
    {
      id: fc.array(fc.constantFrom('n0', 'n1', 'n5', 'none'), { maxLength: 3 }),
      type: fc.oneof(
        types.map((eq): StringFilter => ({ eq })),
        fc.array(types, { maxLength: 2 }).map((list): StringFilter => ({ in: list })),
      ),
      name: strings,
      host: fc.constantFrom<StringFilter>({ eq: 'h1' }, { ne: 'h1' }),
      state: fc.array(fc.constantFrom('UP', 'DOWN', 'UNKNOWN', 'OTHER'), { maxLength: 2 }) as fc.Arbitrary<NodeFilter['state']>,
      mac: fc.constantFrom<StringFilter>({ eq: '02:00:00:00:00:01' }, { exists: false }),
      address: fc.constantFrom({ eq: '10.0.0.1' }, { within: '10.0.0.0/8' }, { exists: true }, { eq: 'fd00::1' }),
      metadata: fc.array(
        fc.oneof(
          strings.filter((filter) => Object.keys(filter).length > 0).map((string) => ({ path: 'K8s.Namespace', string })),
          strings.filter((filter) => Object.keys(filter).length > 0).map((string) => ({ path: 'Rows.Key', string })),
          fc.constantFrom(
            { path: 'MTU', int: { gt: 1500 } },
            { path: 'MTU', int: { ne: 1500 } },
            { path: 'K8s.Ready', bool: true },
            { path: 'K8s', exists: false },
          ),
        ),
        { maxLength: 2 },
      ),
      search: fc.constantFrom('a', 'VETH h1', '10.0'),
      ...(depth > 0 && {
        ...(through && { within: filtersTo(depth - 1, through) }),
        and: fc.array(filtersTo(depth - 1, through), { maxLength: 2 }),
        or: fc.array(filtersTo(depth - 1, through), { maxLength: 2 }),
        not: filtersTo(depth - 1, through),
      }),
    },
    { requiredKeys: [] },
  ) as fc.Arbitrary<NodeFilter>;

const nodeFilters = filtersTo(2, true);
/** Filters about a node's own fields. */
const ownFilters = filtersTo(1, false);

/** What the filter says, read from the schema's words, looking at everything. */
function naive(filter: NodeFilter, one: NodeRevision, all: readonly NodeRevision[], owner: (id: string) => string | undefined): boolean {
  const at = (path: string): Json[] => {
    let reached: Json[] = [one.metadata];
    for (const step of path.split('.'))
      reached = reached.flat().flatMap((value) => ((value as JsonObject)?.[step] === undefined ? [] : [(value as JsonObject)[step]!]));
    return reached.flat() as Json[];
  };
  const text = (test: StringFilter | null | undefined, values: readonly Json[]): boolean => {
    if (!test) return true;
    const some = (is: (value: string) => boolean): boolean => values.some((value) => is(String(value)));
    return (
      (test.eq === undefined || some((value) => value === test.eq)) &&
      (test.ne === undefined || !some((value) => value === test.ne)) &&
      (!test.in || some((value) => test.in!.includes(value))) &&
      (!test.notIn || !some((value) => test.notIn!.includes(value))) &&
      (!test.regex || some((value) => new RegExp(test.regex!).test(value))) &&
      (!test.contains || some((value) => value.includes(test.contains!))) &&
      (!test.startsWith || some((value) => value.startsWith(test.startsWith!))) &&
      (test.exists === undefined || values.length > 0 === test.exists)
    );
  };
  const ips = at('IPV4') as string[];
  const state = { UP: 'UP', DOWN: 'DOWN', DORMANT: 'OTHER' }[String(one.metadata.State)] ?? 'UNKNOWN';
  const again = (inner: NodeFilter, other = one): boolean => naive(inner, other, all, owner);
  const words = [one.metadata.Name, one.metadata.Type, one.host, one.metadata.MAC, ...ips].join('\n').toLowerCase();
  const isWithin = (outer: NodeFilter): boolean => {
    const seen = new Set([one.id]);
    for (let id = owner(one.id); id !== undefined && !seen.has(id); id = owner(id)) {
      seen.add(id);
      if (
        again(
          outer,
          all.find((other) => other.id === id)!,
        )
      )
        return true;
    }
    return false;
  };
  return (
    (!filter.id || filter.id.includes(one.id)) &&
    text(filter.type, [one.metadata.Type!]) &&
    text(filter.name, at('Name')) &&
    text(filter.host, [one.host]) &&
    (!filter.state || filter.state.includes(state as never)) &&
    text(filter.mac, at('MAC')) &&
    (!filter.address?.eq || ips.some((ip) => ip.split('/')[0] === filter.address!.eq)) &&
    (!filter.address?.within ||
      ips.some((ip) => {
        const address = ipaddr.parse(ip.split('/')[0]!);
        return address.kind() === 'ipv4' && address.match(ipaddr.parseCIDR(filter.address!.within!));
      })) &&
    (filter.address?.exists === undefined || ips.length > 0 === filter.address.exists) &&
    (filter.metadata ?? []).every(({ path, string, int, bool, exists }) => {
      const values = at(path);
      return (
        text(string, values) &&
        (int?.gt === undefined || values.some((value) => Number(value) > int.gt!)) &&
        (int?.ne === undefined || !values.includes(int.ne!)) &&
        (bool === undefined || values.includes(bool!)) &&
        (exists === undefined || values.length > 0 === exists)
      );
    }) &&
    (!filter.search ||
      filter.search
        .toLowerCase()
        .split(' ')
        .every((word) => words.includes(word))) &&
    (!filter.within || isWithin(filter.within)) &&
    (filter.and ?? []).every((inner) => again(inner)) &&
    (!filter.or || filter.or.some((inner) => again(inner))) &&
    (!filter.not || !again(filter.not))
  );
}

function build({ nodes, edges }: typeof graphs extends fc.Arbitrary<infer G> ? G : never): GraphView {
  const graph = new LiveGraph({ now: () => 1_000 });
  const deltas = [
    ...nodes
      .map(([type, more, host], index) => node(`n${index}`, type, more, host))
      .map((delta, index) => withoutDefaultName(delta, nodes[index]![1])),
    ...edges
      .filter(([a, b]) => a !== b && a < nodes.length && b < nodes.length)
      .map(([a, b, relation]) => edge(`n${a}`, `n${b}`, relation)),
  ];
  graph.apply({ origin: 'agent.test', deltas, immediate: true });
  return graph.view();
}

/** The builder gives every node a name; here some have none. */
const withoutDefaultName = (delta: ReturnType<typeof node>, own: JsonObject): ReturnType<typeof node> => {
  if (delta.op !== 'putNode' || own.Name !== undefined) return delta;
  const { Name: _name, ...rest } = delta.metadata;
  return { ...delta, metadata: rest };
};

describe('filters over random graphs', () => {
  it('select what looking at every node selects', () => {
    fc.assert(
      fc.property(graphs, nodeFilters, (shape, filter) => {
        const view = build(shape);
        const all = [...view.nodes()];
        const owner = (id: string): string | undefined =>
          [...view.inEdges(id)].find(({ metadata: { RelationType } }) => RelationType === 'ownership')?.parent;
        const expected = all.filter((one) => naive(filter, one, all, owner)).map(({ id }) => id);
        const selected = compileSelection({ nodes: filter }).in(view) as Selected;
        expect([...selected.nodes.keys()].sort()).toEqual(expected.sort());
        const between = [...view.edges()].filter(({ parent, child }) => expected.includes(parent) && expected.includes(child));
        expect(selected.edges.map(({ id }) => id).sort()).toEqual(between.map(({ id }) => id).sort());
      }),
      { numRuns: 300 },
    );
  });

  it('decide about single nodes as about the whole graph, where a node decides alone', () => {
    fc.assert(
      fc.property(graphs, ownFilters, (shape, filter) => {
        const selection = compileSelection({ nodes: filter });
        const view = build(shape);
        const chosen = (selection.in(view) as Selected).nodes;
        for (const one of view.nodes()) expect(selection.ownNode!(one)).toBe(chosen.has(one.id));
      }),
    );
  });

  it('grow by as many steps as asked', () => {
    fc.assert(
      fc.property(graphs, fc.integer({ min: 1, max: 3 }), fc.constantFrom('OUT', 'IN', 'BOTH'), (shape, depth, direction) => {
        const view = build(shape);
        const filter: TopologyFilter = { nodes: { id: ['n0'] }, expand: { depth, direction, via: { relationType: { eq: 'layer2' } } } };
        let expected = new Set(['n0']);
        for (let step = 0; step < depth; step += 1) {
          const next = new Set(expected);
          for (const {
            parent,
            child,
            metadata: { RelationType },
          } of view.edges()) {
            if (RelationType !== 'layer2') continue;
            if (direction !== 'IN' && expected.has(parent)) next.add(child);
            if (direction !== 'OUT' && expected.has(child)) next.add(parent);
          }
          expected = next;
        }
        expect(new Set((compileSelection(filter).in(view) as Selected).nodes.keys())).toEqual(expected);
      }),
    );
  });
});
