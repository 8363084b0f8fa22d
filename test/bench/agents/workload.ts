import type { Delta } from '../../../src/graph/delta.js';

export interface Workload {
  readonly agents: number;
  /** Interfaces of each agent: each is a node, an edge, and then two updates. */
  readonly interfaces: number;
  /** Deltas that a probe publishes together. */
  readonly batch: number;
}

export const originOf = (agent: number): string => `agent.host${agent}`;

/** Changes that the workload makes: one for each delta, and the host of each agent. */
export const changesOf = ({ agents, interfaces }: Workload): number => agents * (1 + interfaces * 4);

/** What one agent publishes, in batches: a host, interfaces below it, and updates spread over them so that none is merged away. */
export function batchesOf(agent: number, { interfaces, batch }: Workload): Delta[][] {
  const host = `host${agent}`;
  const hostId = `${host}/root`;
  const deltas: Delta[] = [{ op: 'putNode', id: hostId, host, metadata: { Name: host, Type: 'host' } }];
  for (let index = 0; index < interfaces; index += 1) {
    const id = `${host}/interface/${index}`;
    deltas.push({ op: 'putNode', id, host, metadata: interfaceMetadata(agent, index) });
    deltas.push({ op: 'putEdge', id: `${id}/owned`, host, parent: hostId, child: id, metadata: { RelationType: 'ownership' } });
  }
  for (let index = 0; index < interfaces; index += 1) {
    deltas.push({ op: 'patch', id: `${host}/interface/${index}`, set: [['State', 'DOWN']] });
  }
  for (let index = 0; index < interfaces; index += 1) {
    deltas.push({
      op: 'patch',
      id: `${host}/interface/${index}`,
      set: [
        ['MTU', 9000],
        ['Speed', 1000],
      ],
    });
  }
  return Array.from({ length: Math.ceil(deltas.length / batch) }, (_, part) => deltas.slice(part * batch, (part + 1) * batch));
}

/** What the netlink probe says about a veth: some 400 bytes. */
const interfaceMetadata = (agent: number, index: number) => ({
  Name: `veth${index}`,
  Type: 'veth',
  EncapType: 'ether',
  IfIndex: index + 2,
  Driver: 'veth',
  MTU: 1500,
  MAC: `02:00:${hex(agent)}:00:${hex(index >> 8)}:${hex(index)}`,
  State: 'UP',
  LinkFlags: ['UP', 'BROADCAST', 'MULTICAST'],
  IPV4: [`10.${agent}.${index >> 8}.${index & 255}/24`],
  PeerIfIndex: index + 10_000,
  LinkNetNsID: index % 7,
  LinkNetNsName: `namespace-${index % 7}`,
  BusInfo: '',
  TID: `0d3a1f6e-5b8e-5f5a-9a55-${String(agent * 100_000 + index).padStart(12, '0')}`,
});

const hex = (byte: number): string => (byte & 255).toString(16).padStart(2, '0');
