import fc from 'fast-check';
import type { JsonObject } from '../../src/common/json.js';
import type { Delta } from '../../src/graph/delta.js';
import { AGENT, OTHER, USER, edge, measure, node, owns, patch, remove, rows } from './builders.js';

/** Few names, so that histories collide: elements are put twice, removed and put again, owned by somebody else, edges without ends. */
const NODES = ['a', 'b', 'c', 'd', 'e'];
const EDGES = ['p', 'q', 'r', 's'];

const nodeId = fc.constantFrom(...NODES);
const edgeId = fc.constantFrom(...EDGES);
const anyId = fc.constantFrom(...NODES, ...EDGES);

const metadata = fc.record(
  {
    Type: fc.constantFrom('veth', 'bridge'),
    Name: fc.constantFrom('eth0', 'eth1', 'br0'),
    TID: fc.constantFrom('t1', 't2'),
    MAC: fc.constantFrom('02:00:00:00:00:01', '02:00:00:00:00:02'),
    IPV4: fc.subarray(['10.0.0.1/24', '10.0.0.1/16', '10.0.0.2/24', '10.1.0.1']),
    State: fc.constantFrom('UP', 'DOWN'),
    Nested: fc.record({ A: fc.nat(2), B: fc.nat(2) }, { requiredKeys: [] }),
  },
  { requiredKeys: [] },
) as fc.Arbitrary<JsonObject>;

const row = fc.record({ v: fc.nat(2) });
const rowKey = fc.constantFrom('r1', 'r2', 'r3');
const tables = fc.option(fc.dictionary(fc.constantFrom('Routes', 'FDB'), fc.dictionary(rowKey, row)), { nil: undefined });

const delta: fc.Arbitrary<Delta> = fc.oneof(
  { weight: 5, arbitrary: fc.tuple(nodeId, metadata, tables).map(([id, data, rowsOf]) => node(id, data, { tables: rowsOf })) },
  { weight: 4, arbitrary: fc.tuple(edgeId, nodeId, nodeId, fc.nat(2)).map(([id, from, to, v]) => edge(id, from, to, { V: v })) },
  { weight: 2, arbitrary: fc.tuple(edgeId, nodeId, nodeId).map(([id, from, to]) => owns(id, from, to)) },
  { weight: 3, arbitrary: fc.tuple(anyId, fc.nat(3)).map(([id, v]) => patch(id, { 'Nested.A': v, X: v })) },
  { weight: 1, arbitrary: anyId.map((id) => patch(id, {}, ['Nested', 'X'])) },
  { weight: 1, arbitrary: fc.tuple(nodeId, rowKey, row, rowKey).map(([id, key, put, gone]) => rows(id, 'Routes', { [key]: put }, [gone])) },
  { weight: 1, arbitrary: fc.tuple(nodeId, fc.nat()).map(([id, v]) => measure(id, { 'Metric.RxBytes': v })) },
  { weight: 3, arbitrary: anyId.map((id) => remove(id)) },
);

export type Step =
  | { readonly do: 'apply'; readonly origin: string; readonly deltas: readonly Delta[]; readonly immediate: boolean }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'view' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('apply' as const),
      origin: fc.constantFrom(AGENT, AGENT, OTHER, USER),
      deltas: fc.array(delta, { maxLength: 6 }),
      immediate: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(-5_000, 0, 1, 300, 1_000, 20_000) }) },
  { weight: 1, arbitrary: fc.constant({ do: 'view' as const }) },
);

/** What may happen to a graph, in order. */
export const history = fc.array(step, { maxLength: 40 });
