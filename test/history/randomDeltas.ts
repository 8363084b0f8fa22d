import type { Delta, DeltaBatch } from '../../src/graph/delta.js';
import type { Random } from '../simulator/random.js';

const ORIGINS = ['agent.a', 'agent.b', 'user'] as const;
const STATES = ['UP', 'DOWN', 'DORMANT'] as const;

/** Few ids, so that elements come, change, go and come back; edges across origins, so that some wait for their ends. */
const nodeId = (random: Random): string => `n${random.below(12)}`;

/** A batch of one writer. */
export function randomBatch(random: Random): DeltaBatch {
  const origin = random.pick(ORIGINS);
  const deltas = Array.from({ length: 1 + random.below(4) }, () => randomDelta(random));
  return { origin, deltas, immediate: random.chance(0.3) };
}

function randomDelta(random: Random): Delta {
  const roll = random.next();
  if (roll < 0.3) return putNode(random);
  if (roll < 0.5) return putEdge(random);
  if (roll < 0.65) return { op: 'patch', id: anyId(random), set: [[random.pick(['Name', 'User.Note', 'Deep.A.B']), random.below(4)]] };
  if (roll < 0.7) return { op: 'patch', id: anyId(random), unset: [random.pick(['User.Note', 'Deep.A'])] };
  if (roll < 0.85) return patchRows(random);
  return { op: 'remove', id: anyId(random) };
}

const anyId = (random: Random): string => (random.chance(0.7) ? nodeId(random) : edgeId(nodeId(random), nodeId(random)));
const edgeId = (parent: string, child: string): string => `${parent}-${child}`;

function putNode(random: Random): Delta {
  const metadata = {
    Type: random.pick(['veth', 'bridge']),
    Name: `eth${random.below(3)}`,
    State: random.pick(STATES),
    IPV4: [`10.0.0.${random.below(4)}/24`],
  };
  const node: Delta = { op: 'putNode', id: nodeId(random), host: 'h', metadata };
  return random.chance(0.3) ? { ...node, tables: { Routes: { [`r${random.below(3)}`]: { via: random.below(3) } } } } : node;
}

function putEdge(random: Random): Delta {
  const parent = nodeId(random);
  const child = nodeId(random);
  const metadata = { RelationType: random.pick(['layer2', 'ownership']), Weight: random.below(3) };
  return { op: 'putEdge', id: edgeId(parent, child), host: 'h', parent, child, metadata };
}

function patchRows(random: Random): Delta {
  const rows: Delta = { op: 'rows', id: random.chance(0.9) ? nodeId(random) : anyId(random), table: random.pick(['Routes', 'Neighbors']) };
  if (random.chance(0.6)) return { ...rows, put: [[`r${random.below(5)}`, { via: random.below(9) }]] };
  return { ...rows, remove: [`r${random.below(5)}`] };
}
