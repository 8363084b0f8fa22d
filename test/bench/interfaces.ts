import type { JsonObject } from '../../src/common/json.js';
import { concatenatedId, namedId } from '../../src/common/ids.js';
import type { Delta, PutEdge, PutNode } from '../../src/graph/delta.js';

/** Objects and texts as they come off the wire: nothing is shared between two of them. */
const asReceived = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

const hex = (number: number): string => number.toString(16).padStart(2, '0');

/** State of a network interface as the netlink probe reports it: some 600 bytes of JSON. */
export function interfaceMetadata(number: number): JsonObject {
  const low = number & 0xff;
  const middle = (number >> 8) & 0xff;
  const high = (number >> 16) & 0xff;
  return {
    Type: number % 3 === 0 ? 'bridge' : 'veth',
    Name: `veth${number.toString(36).padStart(6, '0')}`,
    TID: namedId('interface', String(number)),
    EncapType: 'ether',
    IfIndex: number + 2,
    PeerIfIndex: number + 3,
    MasterIndex: (number % 40) + 2,
    Driver: 'veth',
    MTU: 1500,
    MAC: `02:42:ac:${hex(high)}:${hex(middle)}:${hex(low)}`,
    Speed: 10000,
    State: 'UP',
    LinkFlags: ['UP', 'BROADCAST', 'MULTICAST'],
    IPV4: [`10.${high}.${middle}.${low}/16`],
    IPV6: [`fe80::42:acff:fe${hex(high)}:${hex(middle)}${hex(low)}/64`],
    LinkNetNsID: number % 64,
    LinkNetNsName: `cni-${number % 64}`,
    BusInfo: '',
    Features: { 'rx-checksum': true, 'tx-checksum-ip-generic': true, 'scatter-gather': true, highdma: true },
    Vlan: number % 4094,
    ParentIndex: (number % 8) + 1,
    Container: { Name: `web-${number % 1000}`, Image: 'registry.local/shop/web:1.8', Pid: 4000 + (number % 30000) },
  };
}

export const interfaceId = (number: number): string => namedId('node', String(number));

export const putInterface = (number: number, changed: JsonObject = {}): PutNode =>
  asReceived({ op: 'putNode', id: interfaceId(number), host: 'host-0', metadata: { ...interfaceMetadata(number), ...changed } } as const);

export function putOwnership(owner: string, number: number): PutEdge {
  const child = interfaceId(number);
  const id = concatenatedId(owner, child, 'ownership');
  return asReceived({ op: 'putEdge', id, host: 'host-0', parent: owner, child, metadata: { RelationType: 'ownership' } } as const);
}

export const HOST_ID = namedId('host', 'host-0');

export const putHost: PutNode = { op: 'putNode', id: HOST_ID, host: 'host-0', metadata: { Type: 'host', Name: 'host-0' } };

/** `batchSize` deltas a batch, as agents send them. */
export function inBatches(deltas: readonly Delta[], batchSize: number): Delta[][] {
  const batches: Delta[][] = [];
  for (let start = 0; start < deltas.length; start += batchSize) batches.push(deltas.slice(start, start + batchSize));
  return batches;
}
