import { concatenatedId, namedId } from '../../../src/common/ids.js';
import type { JsonObject } from '../../../src/common/json.js';
import type { Delta } from '../../../src/graph/delta.js';
import type { RecorderContract } from '../../../src/journal/contracts.js';
import { interfaceMetadata } from '../interfaces.js';

const HOSTS = 200;
/** Veth pairs of a host: one end in its bridge, the other in its namespace. */
const PAIRS = 3;

/** 200 hosts with a bridge, a namespace and three veth pairs each: 1,800 nodes that have two to five edges, with metadata as probes write it. */
export async function fill(recorder: Pick<RecorderContract, 'record'>): Promise<void> {
  for (let number = 0; number < HOSTS; number += 1) {
    await recorder.record({ origin: `agent.host-${number}`, deltas: hostDeltas(number), immediate: true }).durable;
  }
}

function hostDeltas(number: number): Delta[] {
  const host = `host-${number}`;
  const id = (...parts: string[]): string => namedId(host, ...parts);
  const put = (nodeId: string, metadata: JsonObject): Delta => ({ op: 'putNode', id: nodeId, host, metadata });
  const link = (parent: string, child: string, RelationType: string, more = {}): Delta => ({
    op: 'putEdge',
    id: concatenatedId(parent, child, RelationType),
    host,
    parent,
    child,
    metadata: { RelationType, ...more },
  });
  const [root, bridge, space] = [id('root'), id('bridge'), id('namespace')];
  const deltas = [
    put(root, { Type: 'host', Name: host, Hostname: host }),
    put(bridge, { ...interfaceMetadata(number), Type: 'bridge', Name: 'br0' }),
    put(space, { Type: 'netns', Name: 'blue', Path: '/var/run/netns/blue' }),
    link(root, bridge, 'ownership'),
    link(root, space, 'ownership'),
  ];
  for (let pair = 0; pair < PAIRS; pair += 1) {
    const [outer, inner] = [id('outer', String(pair)), id('inner', String(pair))];
    deltas.push(
      put(outer, { ...interfaceMetadata(number * PAIRS + pair), Type: 'veth' }),
      put(inner, { ...interfaceMetadata(number * PAIRS + pair), Type: 'veth', Name: 'eth0' }),
      link(root, outer, 'ownership'),
      link(space, inner, 'ownership'),
      link(bridge, outer, 'layer2'),
      link(outer, inner, 'layer2', { Type: 'veth' }),
    );
  }
  return deltas;
}
