import type { Json, JsonObject } from '../../../src/common/json.js';
import type { Delta, DeltaBatch } from '../../../src/graph/delta.js';
import type { Random } from '../../simulator/random.js';

/** One writer's batch, after time has passed. */
export interface Moment {
  readonly waitMs: number;
  readonly batch: DeltaBatch;
}

const ORIGINS = ['agent.a', 'agent.b', 'user'] as const;
export const NODE_IDS = Array.from({ length: 14 }, (_, index) => `n-${index}`);
export const HOSTS = ['web-1', 'web-2', ''] as const;
const LONG = 'x'.repeat(2_000);

/** Values of every type that a declared key may have: the declared one, others, too long ones, lists, null. */
export const NAMES: readonly Json[] = [
  'eth0',
  'eth1',
  'br0',
  '',
  '42',
  '0x10',
  42,
  true,
  null,
  LONG,
  ['eth0'],
  { deep: 1 },
  'né\ud83d\ude00',
  'a.b|c',
];
const NUMBERS: readonly Json[] = [0, 1, 1_500, 9_000, -3, 1.9, '1500', '0x5dc', true, false, null, [1_500, 7], 'many', 2 ** 60];
const ADDRESSES: readonly Json[] = [
  ['10.0.0.1/24'],
  ['10.0.0.2/24', '192.168.0.5/16'],
  '10.0.0.1/24',
  [],
  ['10.0.0.1/24', 7],
  ['42', 'x'],
  null,
  [LONG],
];
const STATES: readonly Json[] = ['UP', 'DOWN', true, false, 1];
const RELATIONS: readonly Json[] = ['ownership', 'layer2', 'layer2', ['layer2'], 7];

/** Batches of writers that step on each other's toes: elements come, change, go and come back, edges wait for their ends, tables grow and go. */
export function randomHistory(random: Random, batches: number): Moment[] {
  return Array.from({ length: batches }, () => ({
    waitMs: random.chance(0.3) ? 0 : random.chance(0.1) ? random.below(4_000_000) : random.below(3_000),
    batch: {
      origin: random.pick(ORIGINS),
      deltas: Array.from({ length: 1 + random.below(5) }, () => randomDelta(random)),
      immediate: random.chance(0.7),
    },
  }));
}

function randomDelta(random: Random): Delta {
  const roll = random.next();
  if (roll < 0.35) return putNode(random);
  if (roll < 0.65) return putEdge(random);
  if (roll < 0.75)
    return { op: 'patch', id: anyId(random), set: [[random.pick(['Name', 'User.Note', 'Container.ID']), random.pick(NAMES)]] };
  if (roll < 0.78) return { op: 'patch', id: anyId(random), unset: [random.pick(['Name', 'User', 'MTU'])] };
  if (roll < 0.85) return patchRows(random);
  return { op: 'remove', id: anyId(random) };
}

const nodeId = (random: Random): string => random.pick(NODE_IDS);
const edgeId = (parent: string, child: string, place: number): string => `${parent}>${child}.${place}`;
const anyId = (random: Random): string => (random.chance(0.7) ? nodeId(random) : edgeId(nodeId(random), nodeId(random), 0));

function putNode(random: Random): Delta {
  const metadata: Record<string, Json> = {};
  const some = (key: string, values: readonly Json[], probability: number): void => {
    if (random.chance(probability)) metadata[key] = random.pick(values);
  };
  some('Type', ['veth', 'veth', 'bridge', 'host', 7], 0.95);
  some('Name', random.chance(0.7) ? ['eth0', 'eth1', 'br0'] : NAMES, 0.9);
  some('MTU', NUMBERS, 0.6);
  some('IfIndex', [1, 2, 3], 0.3);
  some('IPV4', ADDRESSES, 0.5);
  some('State', STATES, 0.7);
  some('MAC', ['02:00:00:00:00:01', '02:00:00:00:00:0A', '02:00:00:00:00:0a'], 0.4);
  some('TID', ['t-1', 't-2'], 0.3);
  some('Container', [{ ID: 'c1', Labels: { app: 'x' } }, [{ ID: 'c1' }, { ID: 'c2' }], 'c1', { ID: [LONG] }], 0.3);
  some('Neutron', [{ NetworkID: 'n1' }, { NetworkID: null }, {}], 0.2);
  some('Rack', ['b7', 7, [1, 'b7'], null], 0.4);
  some('Sockets', [[{ Protocol: 'TCP', LocalPort: 80 }], []], 0.2);
  const node: Delta = { op: 'putNode', id: nodeId(random), host: random.pick(HOSTS), metadata: metadata as JsonObject };
  const table = random.pick(['Routes', 'Neighbors', 'RoutingTables', 'MTU', 'Container']);
  return random.chance(0.2) ? { ...node, tables: { [table]: { [`r${random.below(3)}`]: row(random) } } } : node;
}

const row = (random: Random): JsonObject => ({
  ID: random.pick(['c1', 254]),
  IP: '10.0.0.9',
  Prefix: '10.0.0.0/8',
  NextHops: [{ IP: '10.0.0.9', IfIndex: random.below(3) }],
});

function putEdge(random: Random): Delta {
  const parent = nodeId(random);
  const child = random.chance(0.1) ? parent : nodeId(random);
  const id = edgeId(parent, child, random.below(2));
  const metadata = {
    RelationType: random.chance(0.8) ? random.pick(['ownership', 'layer2']) : random.pick(RELATIONS),
    ...(random.chance(0.4) && { Weight: random.below(3) }),
    ...(random.chance(0.3) && { MTU: random.pick(NUMBERS), IPV4: random.pick(ADDRESSES) }),
  };
  return { op: 'putEdge', id, host: random.pick(HOSTS), parent, child, metadata };
}

function patchRows(random: Random): Delta {
  const rows: Delta = {
    op: 'rows',
    id: random.chance(0.9) ? nodeId(random) : anyId(random),
    table: random.pick(['Routes', 'Neighbors', 'MTU']),
  };
  if (random.chance(0.6)) return { ...rows, put: [[`r${random.below(5)}`, row(random)]] };
  return { ...rows, remove: [`r${random.below(5)}`] };
}
