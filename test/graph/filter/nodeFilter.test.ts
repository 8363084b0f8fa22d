import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { candidateNodes } from '../../../src/graph/filter/candidates.js';
import { compileNodeFilter, type NodeFilter } from '../../../src/graph/filter/nodeFilter.js';
import type { GraphView } from '../../../src/graph/view.js';
import { AGENT, OTHER, TestGraph, ids, measure, node, owns } from '../builders.js';

/** A host with a namespace, three interfaces and a pod; another host of another agent. */
function network(): GraphView {
  const graph = new TestGraph();
  graph.put(
    node('h', { Type: 'host', Name: 'host-1', TID: 'th' }),
    node('ns', { Type: 'netns', Name: 'blue' }),
    node('eth0', { Type: 'device', TID: 't0', MAC: '02:AB:00:00:00:01', IPV4: ['10.0.0.5/24', '192.168.1.1'], State: 'UP', MTU: 1500 }),
    node('veth0', { Type: 'veth', MAC: '02:ab:00:00:00:02', IPV6: ['fe80::1/64'], State: 'DOWN', MTU: 9000, Ovs: { Enabled: true } }),
    node(
      'lo',
      { Type: 'device', State: 'LOWER-LAYER-DOWN' },
      { tables: { Routes: { r: { Prefix: '10.0.0.0/8', Hops: [{ IfIndex: 3 }] } } } },
    ),
    node('pod', { Type: 'pod', Name: 'web-1', K8s: { Namespace: 'default', Labels: ['a', 'b'] }, State: 1 }),
    owns('1', 'h', 'ns'),
    owns('2', 'h', 'eth0'),
    owns('3', 'ns', 'veth0'),
    owns('4', 'ns', 'lo'),
    measure('eth0', { 'Metric.RxDropped': 7 }),
  );
  graph.by(OTHER, node('h2', { Type: 'host', Name: 'host-2' }, { host: 'two' }));
  return graph.view();
}

const view = network();

const find = (filter: NodeFilter): string[] => {
  const test = compileNodeFilter(filter).in(view);
  const found = ids([...view.nodes()].filter(test));
  // Whatever index is used, it must not lose a match.
  expect(ids([...candidateNodes(view, filter)].filter(test))).toEqual(found);
  return found;
};

describe('a filter of nodes', () => {
  it.each<[string, NodeFilter, string[]]>([
    ['nothing given', {}, ['eth0', 'h', 'h2', 'lo', 'ns', 'pod', 'veth0']],
    ['null is the same as nothing', { type: null, and: null, name: { eq: null } }, ['eth0', 'h', 'h2', 'lo', 'ns', 'pod', 'veth0']],
    ['id', { id: ['h', 'never', 'h'] }, ['h']],
    ['tid', { tid: ['t0', 'th'] }, ['eth0', 'h']],
    ['type eq', { type: { eq: 'device' } }, ['eth0', 'lo']],
    ['type in', { type: { in: ['veth', 'pod'] } }, ['pod', 'veth0']],
    ['type ne', { type: { ne: 'device' } }, ['h', 'h2', 'ns', 'pod', 'veth0']],
    ['type notIn', { type: { notIn: ['device', 'host', 'pod'] } }, ['ns', 'veth0']],
    ['name contains', { name: { contains: 'ost-' } }, ['h', 'h2']],
    ['name startsWith and ne', { name: { startsWith: 'host', ne: 'host-1' } }, ['h2']],
    ['name regex', { name: { regex: '^(eth|veth)\\d$' } }, ['eth0', 'veth0']],
    ['host', { host: { eq: 'two' } }, ['h2']],
    ['origin', { origin: { ne: AGENT } }, ['h2']],
    ['state up', { state: ['UP'] }, ['eth0']],
    ['state other', { state: ['OTHER', 'DOWN'] }, ['lo', 'pod', 'veth0']],
    ['state unknown', { state: ['UNKNOWN'] }, ['h', 'h2', 'ns']],
    ['mac in any case', { mac: { eq: '02:AB:00:00:00:02' } }, ['veth0']],
    ['mac as the probe did not write it', { mac: { in: ['02:ab:00:00:00:01'] } }, ['eth0']],
    ['mac regex in any case', { mac: { regex: '^02:AB' } }, ['eth0', 'veth0']],
    ['mac exists', { mac: { exists: false }, type: { eq: 'device' } }, ['lo']],
    ['address', { address: { eq: '10.0.0.5' } }, ['eth0']],
    ['address with prefix length', { address: { eq: '10.0.0.5/24' } }, ['eth0']],
    ['IPv6 address in another spelling', { address: { eq: 'FE80:0::1' } }, ['veth0']],
    ['address within', { address: { within: '192.168.0.0/16' } }, ['eth0']],
    ['address within of the other family', { address: { within: '::/0' } }, ['veth0']],
    ['address exists', { address: { exists: true } }, ['eth0', 'veth0']],
    ['metadata number', { metadata: [{ path: 'MTU', int: { gt: 1500 } }] }, ['veth0']],
    ['metadata number in a range', { metadata: [{ path: 'MTU', int: { gte: 1500, lt: 9000 } }] }, ['eth0']],
    ['metadata number in a list', { metadata: [{ path: 'MTU', int: { in: [1500, 9000], ne: 1500, lte: 9000, eq: 9000 } }] }, ['veth0']],
    ['metadata boolean', { metadata: [{ path: 'Ovs.Enabled', bool: true }] }, ['veth0']],
    ['metadata list: any entry', { metadata: [{ path: 'K8s.Labels', string: { eq: 'b' } }] }, ['pod']],
    ['metadata list: no entry', { metadata: [{ path: 'K8s.Labels', string: { ne: 'b', exists: true } }] }, []],
    ['metadata through a table and a list', { metadata: [{ path: 'Routes.Hops.IfIndex', int: { eq: 3 } }] }, ['lo']],
    ['metadata address', { metadata: [{ path: 'Routes.Prefix', address: { within: '10.0.0.0/8' } }] }, ['lo']],
    ['metadata measured', { metadata: [{ path: 'Metric.RxDropped', int: { gt: 0 } }] }, ['eth0']],
    ['metadata missing', { metadata: [{ path: 'Metric', exists: false }], type: { eq: 'device' } }, ['lo']],
    [
      'metadata: every condition',
      {
        metadata: [
          { path: 'MTU', exists: true },
          { path: 'State', string: { eq: 'UP' } },
        ],
      },
      ['eth0'],
    ],
    ['search: every word, anywhere', { search: 'HOST one' }, ['h']],
    ['search addresses', { search: '192.168' }, ['eth0']],
    ['within', { within: { type: { eq: 'host' } } }, ['eth0', 'lo', 'ns', 'veth0']],
    ['within, twice', { within: { type: { eq: 'netns' }, within: { name: { eq: 'host-1' } } } }, ['lo', 'veth0']],
    ['within what no index leads to', { within: { name: { contains: 'blu' } } }, ['lo', 'veth0']],
    ['and', { and: [{ type: { eq: 'device' } }, { state: ['UP'] }] }, ['eth0']],
    ['or', { or: [{ type: { eq: 'pod' } }, { name: { eq: 'lo' } }, { id: ['lo'] }] }, ['lo', 'pod']],
    ['or of nothing', { or: [] }, []],
    ['not', { not: { within: { type: { eq: 'host' } } } }, ['h', 'h2', 'pod']],
  ])('%s', (_name, filter, expected) => {
    expect(find(filter)).toEqual(expected);
  });

  it('says where and why it is wrong', () => {
    const wrong = (filter: NodeFilter) => {
      try {
        compileNodeFilter(filter);
      } catch (error) {
        return error as { code: string; details: { field: string } };
      }
      return undefined;
    };
    expect(wrong({ or: [{}, { name: { regex: '(' } }] })).toMatchObject({
      code: 'BAD_INPUT',
      details: { field: 'filter.or[1].name.regex' },
    });
    expect(wrong({ name: { regex: 'x'.repeat(1_001) } })?.details.field).toBe('filter.name.regex');
    expect(wrong({ within: { address: { eq: 'nonsense' } } })?.details.field).toBe('filter.within.address.eq');
    expect(wrong({ address: { within: '10.0.0.0/33' } })?.details.field).toBe('filter.address.within');
    expect(wrong({ metadata: [{ path: '', exists: true }] })?.details.field).toBe('filter.metadata[0].path');
    expect(wrong({ not: { metadata: [{ path: 'MTU' }] } })?.details.field).toBe('filter.not.metadata[0]');
  });

  it('knows where a revision alone decides', () => {
    expect(compileNodeFilter({ type: { eq: 'host' }, not: { id: ['h2'] } }).own?.(view.node('h')!)).toBe(true);
    expect(compileNodeFilter({ or: [{ id: ['h'] }, { within: {} }] }).own).toBeUndefined();
  });

  it('ends where owners run in a circle, and however deep they nest', () => {
    const graph = new TestGraph();
    graph.put(node('x'), node('y'), owns('xy', 'x', 'y'), owns('yx', 'y', 'x'));
    const deep = Array.from({ length: 20_000 }, (_, index) => [node(`d${index}`), owns(`e${index}`, `d${index - 1}`, `d${index}`)]).flat();
    graph.put(...deep);
    const circle = graph.view();
    const under = (id: string): string[] => ids([...circle.nodes()].filter(compileNodeFilter({ within: { id: [id] } }).in(circle)));
    expect(under('x')).toEqual(['x', 'y']);
    expect(under('d0')).toHaveLength(19_999);
    expect([...candidateNodes(circle, { within: { id: ['d0'] } })]).toHaveLength(19_999);
  });

  it('takes linear time for any expression', () => {
    const graph = new TestGraph();
    graph.put(node('a', { Name: 'a'.repeat(20_000) }));
    const test = compileNodeFilter({ name: { regex: '(a*)*b' } }).in(graph.view());
    expect(test(graph.node('a')!)).toBe(false);
  });

  it('finds through an index what it finds without', () => {
    const text = fc.record({
      eq: fc.option(fc.constantFrom('device', 'host', 'eth0', 'one', '02:ab:00:00:00:01')),
      in: fc.option(fc.subarray(['pod', 'veth', 'lo'])),
    });
    const own = fc.record({
      type: fc.option(text),
      name: fc.option(text),
      host: fc.option(text),
      mac: fc.option(text),
      id: fc.option(fc.subarray(['h', 'lo'])),
    });
    const nested = own.chain((filter) =>
      fc
        .record({
          and: fc.option(fc.array(own, { maxLength: 2 })),
          or: fc.option(fc.array(own, { maxLength: 2 })),
          within: fc.option(own),
          not: fc.option(own),
        })
        .map((more) => ({ ...filter, ...more })),
    );
    fc.assert(fc.property(nested, (filter) => void find(filter)));
  });
});
