import { describe, expect, it } from 'vitest';
import { answer, edge, ids, measure, node, owns, smallGraph } from './builders.js';
import { METRIC_FIELDS } from '../../src/gremlin/steps/metrics/fields.js';

const graph = smallGraph();

describe('steps find', () => {
  it.each([
    ['G.V()', ['h', 'ns', 'br', 'va', 'vb']],
    ["G.V('br')", ['br']],
    ["G.V('br').Has('MTU', 1)", []],
    ['G.E()', ['h-ns', 'h-br', 'h-va', 'ns-vb', 'br-va', 'va-vb']],
    ["G.E('h-ns')", ['h-ns']],
    ["g.v().has('Type', 'veth')", ['va', 'vb']],
    ["G.V().Has('Metadata.Type', 'veth')", ['va', 'vb']],
    ["G.V().Has('constructor', 'x')", []],
    ["G.V().HasEither('__proto__', 'Name')", []],
    ["G.E().Has('toString', 'x')", []],
    ["G.V().Has('@ID', 'br')", ['br']],
    ["G.V().Has('@Host', 'one').Has('@Origin', 'agent.one').Has('Type', 'host')", ['h']],
    ["G.V().Has('ID', 'br')", []],
    ["G.V().Has('IPV4')", ['br', 'va']],
    ["G.V().Has('IPV4', '192.168.0.5/16')", ['va']],
    ["G.V().HasKey('Nothing')", ['va']],
    ["G.V().HasNot('MTU')", ['h', 'ns']],
    ["G.V().HasEither('Name', 'br0', 'Type', 'host')", ['h', 'br']],
    ["G.V().Has('MTU', 1500.7)", ['br', 'va']],
    ["G.V().Has('Text', 42)", ['h']],
    ["G.V().Has('Flag', 1)", ['h']],
    ["G.V().Has('Flag', true)", ['h']],
    ["G.V().Has('Flag', false)", []],
    ["G.V().Has('Fraction', 1)", ['h']],
    ["G.V().Has('Nothing', 0)", ['va']],
    ["G.V().Has('MTU', Ne(1500))", ['vb']],
    ["G.V().Has('MTU', Nee(1500))", ['h', 'ns', 'vb']],
    ["G.V().Has('Flag', Ne(false))", ['h']],
    ["G.V().Has('Flag', Nee(false))", ['h']],
    ["G.V().Has('MTU', Lt(9000))", ['br', 'va']],
    ["G.V().Has('MTU', Lte('0x2328'))", ['br', 'va', 'vb']],
    ["G.V().Has('MTU', Gt(1500))", ['vb']],
    ["G.V().Has('MTU', Gte(1500))", ['br', 'va', 'vb']],
    ["G.V().Has('MTU', Inside(1500, 9000))", []],
    ["G.V().Has('MTU', Between(1500, 9000))", ['br', 'va']],
    ["G.V().Has('MTU', Within(1, 9000))", ['vb']],
    ["G.V().Has('Name', Within('br0', 'blue'))", ['br', 'ns']],
    ["G.V().Has('Name', Within())", ['h', 'ns', 'br', 'va', 'vb']],
    ["G.V().Has('MTU', Without(9000))", ['h', 'ns', 'br', 'va']],
    ["G.V().Has('Name', Without('br0', 'blue'))", ['h', 'va', 'vb']],
    ["G.V().Has('Name', Regex('v.*0'))", ['va']],
    ["G.V().Has('Name', Regex('b'))", []],
    ["G.V().Has('Name', Regex('b|0'))", ['ns', 'br', 'va']],
    ["G.V().Has('IPV4', Regex('192.*'))", ['va']],
    ["G.V().Has('IPV4', IPV4Range('10.0.0.0/30'))", ['br', 'va']],
    ["G.V().Has('IPV4', IPV4Range('192.168.0.0/16'))", ['va']],
    ["G.V().Has('Neutron.NetworkID', 'n1')", ['br']],
    ["G.V().Has('Vfs.MAC', 'aa')", ['vb']],
    ["G.V().Has('Vfs.ID', 2)", ['vb']],
    ["G.E().Has('RelationType', 'layer2')", ['br-va', 'va-vb']],
    ["G.E().Has('Parent', 'br')", ['br-va']],
    ["G.E().Has('Child', Within('va', 'vb'))", ['br-va', 'h-va', 'va-vb', 'ns-vb']],
    ["G.E().HasKey('Parent')", []],
    ["G.E().Has('Parent', Ne('br'))", []],
    ["G.E().Has('Tags', 'x')", []],
    ["G.V('h').Out().Sort('Name')", ['ns', 'br', 'va']],
    ["G.V('h').Out('Type', 'veth')", ['va']],
    ["G.V('h').Out().Has('Type', 'veth')", ['va']],
    ["G.V('va').In().Sort('Name')", ['br', 'h']],
    ["G.V('va').Both().Sort('Name')", ['br', 'vb', 'h']],
    ["G.V().Has('Type', Within('bridge', 'host')).Out().Has('Name', 'veth0')", ['va', 'va']],
    ["G.V('va').OutE()", ['va-vb']],
    ["G.V('va').InE('RelationType', 'layer2')", ['br-va']],
    ["G.V('va').BothE().Has('RelationType', 'layer2')", ['va-vb', 'br-va']],
    ["G.E('br-va').InV()", ['br']],
    ["G.E('br-va').OutV()", ['va']],
    ["G.E('br-va').BothV()", ['br', 'va']],
    ["G.E('br-va').BothV('Type', 'veth')", ['va']],
    ["G.V().Out().Dedup().Has('Name', 'veth0')", ['va']],
    ["G.V().Has('MTU').Dedup('MTU')", ['br', 'vb']],
    ["G.V().Dedup('MTU')", ['h', 'ns', 'br', 'vb']],
    ['G.V().Out().Dedup().Limit(3)', ['va', 'br', 'ns']],
    ['G.V().Limit(2)', ['h', 'ns']],
    ['G.V().Range(1, 3)', ['ns', 'br']],
    ['G.V().Range(3, 1)', []],
    ['G.V().Range(4, 100)', ['vb']],
    ["G.V().Limit(1).Has('Type', 'veth')", ['va']],
    ["G.V().Limit(1).Has('MTU')", []],
    ["G.V('h').Out().Limit(1).Has('MTU')", ['va']],
    ["G.V().As('a').Limit(1)", ['h']],
    ["G.V().Sort(DESC, 'Name').Limit(2)", ['h', 'vb']],
    ["G.V().Has('MTU').Sort('MTU').Range(2, 3)", ['vb']],
    ["G.V('va').As('a').G.V('h').As('b').Select('b', 'a', 'b')", ['h', 'va', 'h']],
    ["G.V('h').Descendants()", ['h', 'va', 'br', 'ns']],
    ["G.V('h').Descendants(2)", ['h', 'va', 'br', 'ns', 'vb']],
    ["G.V('h').Descendants(0)", ['h', 'va', 'br', 'ns', 'vb']],
    ["G.V('br').Descendants('RelationType', 'layer2', 0)", ['br', 'va', 'vb']],
    ["G.V('vb').Ascendants(5)", ['vb', 'ns', 'h']],
    ["G.V('vb').Ascendants('RelationType', 'layer2', 'RelationType', 'ownership')", ['vb', 'va', 'ns']],
    ["G.V('vb').Neighbors(0)", ['vb']],
    ["G.V('vb').Neighbors()", ['vb', 'va', 'ns']],
    ["G.V('vb').Neighbors('RelationType', 'layer2', 2)", ['vb', 'va', 'br']],
    ["G.V().Has('Type', 'veth').SubGraph().E()", ['va-vb']],
    ["G.V().SubGraph('RelationType', 'layer2').E()", ['br-va', 'va-vb']],
    ["G.E('br-va').SubGraph().V()", ['br', 'va']],
    ["G.V('h').SubGraph().V().Out()", []],
    ["G.V('br').ShortestPathTo(Metadata('Name', 'veth1')).SubGraph().E().Has('RelationType', 'layer2')", ['br-va', 'va-vb']],
    ["G.V('br').ShortestPathTo(Metadata('Name', 'veth1')).Dedup()", ['br', 'va', 'vb']],
  ] as const)('%s', async (query, expected) => {
    expect(await ids(graph, query)).toEqual(expected);
  });
});

describe('answers in the old form', () => {
  it.each([
    ['G.V().Count()', 5],
    ['G.E().Count()', 6],
    ["G.V().Has('Type', 'none')", []],
    ["G.V().Values('MTU')", [1500, 1500, 9000]],
    ["G.V().Values('Text')", [42]],
    ["G.V().Values('Flag')", [1]],
    ["G.V().Values('Fraction')", [1]],
    ["G.V().Values('Nothing')", [0]],
    ["G.V().Values('Empty')", null],
    ["G.V().Values('None')", null],
    ["G.V().Values('Vfs.ID')", [[1, 2]]],
    ["G.V().Values('IPV4').Dedup()", [['10.0.0.1/24'], ['10.0.0.2/24', '192.168.0.5/16']]],
    ["G.V().Values('Vfs')", [[{ ID: 1, MAC: 'aa' }, { ID: 2 }]]],
    ["G.V().Values('Neutron').Has('NetworkID', 'n1')", [{ NetworkID: 'n1' }]],
    ["G.V().Values('Neutron').Has('NetworkID', 'n2')", null],
    ["G.V().ValueMap('Name', 'MTU').Has('MTU', 9000)", [{ Name: 'veth1', MTU: 9000 }]],
    ["G.V().ValueMap('None')", null],
    ["G.V().Sum('MTU')", 12_000],
    ["G.V().Sum('None')", 0],
    ["G.V().Has('Type', 'none').Keys()", null],
    ["G.V('ns').Keys()", ['@CreatedAt', '@DeletedAt', '@Host', '@ID', '@Origin', '@Revision', '@UpdatedAt', 'Name', 'Path', 'Type']],
    ["G.V().Has('@DeletedAt', Lt(0)).Count()", 5],
    ['G.V().Metrics()', []],
    ['G.V().Metrics().Sum()', null],
    ['G.V().Sockets()', []],
    ["G.V().NextHop('1.1.1.1')", []],
    ["G.V().Has('Type', 'none').ShortestPathTo(Metadata('Type', 'host'))", []],
  ])('%s', async (query, expected) => {
    expect(await answer(graph, query)).toEqual(expected);
  });

  it('shows elements with their fields in the old order', async () => {
    expect(JSON.stringify(await answer(graph, "G.V('ns')"))).toBe(
      '[{"ID":"ns","Metadata":{"Name":"blue","Path":"/run/netns/blue","Type":"netns"},"Host":"one","Origin":"agent.one","CreatedAt":1767268800000,"UpdatedAt":1767268800000,"DeletedAt":null,"Revision":1}]',
    );
    expect(JSON.stringify(await answer(graph, "G.E('h-ns')"))).toBe(
      '[{"ID":"h-ns","Metadata":{"RelationType":"ownership"},"Host":"one","Origin":"agent.one","CreatedAt":1767268800000,"UpdatedAt":1767268800000,"DeletedAt":null,"Revision":1,"Parent":"h","Child":"ns"}]',
    );
  });

  it('shows a graph in a list, and what it lacks as null', async () => {
    expect(await answer(graph, "G.V('h').SubGraph()")).toMatchObject([{ Nodes: [{ ID: 'h' }], Edges: null }]);
    const [whole] = (await answer(graph, 'G')) as unknown as { Nodes: unknown[]; Edges: unknown[] }[];
    expect([whole!.Nodes.length, whole!.Edges.length]).toEqual([5, 6]);
  });

  it('shows a path as its nodes', async () => {
    const paths = await answer(graph, "G.V('br').ShortestPathTo(Metadata('Type', 'veth'), Metadata('RelationType', 'layer2'))");
    expect(paths).toMatchObject([[{ ID: 'br' }, { ID: 'va' }]]);
  });
});

describe('metrics', () => {
  const counted = smallGraph(
    measure('va', {
      'LastUpdateMetric.RxBytes': 100,
      'LastUpdateMetric.TxBytes': 0,
      'LastUpdateMetric.Start': 1_000,
      'LastUpdateMetric.Last': 61_000,
      'Metric.RxBytes': 700,
    }),
    measure('vb', { 'LastUpdateMetric.RxBytes': 50, 'LastUpdateMetric.Start': 31_000, 'LastUpdateMetric.Last': 61_000 }),
  );
  const va = { RxBytes: 100, Start: 1_000, Last: 61_000 };
  const vb = { RxBytes: 50, Start: 31_000, Last: 61_000 };

  it.each([
    ["G.V().Has('Type', 'veth').Metrics()", [{ va: [va], vb: [vb] }]],
    ['G.V().Metrics().Count()', 2],
    ['G.V().Metrics().Keys()', [...METRIC_FIELDS].sort()],
    ["G.V().Has('Type', 'none').Metrics().Keys()", null],
    ["G.V().Metrics().Sum('RxBytes')", 150],
    ['G.V().Metrics().Sum()', { RxBytes: 150, Start: 1_000, Last: 61_000 }],
    [
      'G.V().Metrics().Aggregates()',
      [
        {
          Aggregated: [
            { RxBytes: 50, Start: 1_000, Last: 31_000 },
            { RxBytes: 100, Start: 31_000, Last: 61_000 },
          ],
        },
      ],
    ],
    ["G.V().Metrics('SFlow')", []],
    ["G.V().Values('Metric.RxBytes')", [700]],
    ["G.V().Has('Metric.RxBytes', Gt(500)).Values('Name')", ['veth0']],
  ])('%s', async (query, expected) => expect(await answer(counted, query)).toEqual(expected));
});

describe('sockets and routes', () => {
  const conn = { Process: '/usr/bin/nc', Pid: 7, LocalPort: 80, Protocol: 'TCP', State: 'LISTEN' };
  const tables = smallGraph(
    node('r', {
      Type: 'device',
      Sockets: [conn, { ...conn, LocalPort: 81 }],
      Neighbors: [{ IP: '10.1.0.254', MAC: 'aa:bb', IfIndex: 2 }],
      RoutingTables: [
        {
          ID: 254,
          Routes: [
            { Prefix: '0.0.0.0/0', NextHops: [{ IP: '10.1.0.1', IfIndex: 2 }] },
            { Prefix: '10.1.0.0/24', NextHops: [{ IfIndex: 2 }] },
            { Prefix: '10.2.0.0/16', NextHops: [{ IP: '10.1.0.254', IfIndex: 2 }] },
          ],
        },
      ],
    }),
    owns('h-r', 'h', 'r'),
    edge('r-br', 'r', 'br'),
  );
  it.each([
    ["G.V().NextHop('10.2.3.4')", [{ r: { Priority: 0, IP: '10.1.0.254', MAC: 'aa:bb', IfIndex: 2 } }]],
    ["G.V().NextHop('10.1.0.9')", [{ r: { Priority: 0, IP: '10.1.0.9', IfIndex: 2 } }]],
    ["G.V().NextHop('8.8.8.8')", [{ r: { Priority: 0, IP: '10.1.0.1', IfIndex: 2 } }]],
    ["G.V().NextHop('::1')", []],
    ["G.V().Sockets().Has('LocalPort', 80)", [{ r: [conn] }]],
    ["G.V().Sockets().HasEither('LocalPort', 1, 'LocalPort', 2)", []],
    ["G.V().Sockets().Values('LocalPort')", [80, 81]],
  ])('%s', async (query, expected) => expect(await answer(tables, query)).toEqual(expected));

  it('names a field that a socket lacks', async () => {
    await expect(answer(tables, "G.V().Sockets().Values('Nope')")).rejects.toMatchObject({ message: 'Field not found' });
  });
});
