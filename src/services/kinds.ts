import type { NodeRevision } from '../graph/element.js';

/** Kinds of node that have typed fields of their own; everything else is a `CustomNode`. The names are those of the GraphQL types. */
export type NodeKind = 'Host' | 'NetworkNamespace' | 'NetworkInterface' | 'CustomNode';

/** What an interface is, after the kernel's link kinds and `Type` in metadata. */
export const INTERFACE_KINDS = {
  device: 'DEVICE',
  loopback: 'LOOPBACK',
  veth: 'VETH',
  bridge: 'BRIDGE',
  bond: 'BOND',
  vlan: 'VLAN',
  vxlan: 'VXLAN',
  tun: 'TUN',
  tuntap: 'TUN',
  tap: 'TAP',
  macvlan: 'MACVLAN',
  macvtap: 'MACVTAP',
  ipvlan: 'IPVLAN',
  ipvtap: 'IPVLAN',
  dummy: 'DUMMY',
  gre: 'GRE',
  gretap: 'GRE',
  ip6gre: 'GRE',
  ip6gretap: 'GRE',
  geneve: 'GENEVE',
  wireguard: 'WIREGUARD',
  vrf: 'VRF',
  internal: 'OVS_INTERNAL',
  patch: 'OVS_PATCH',
} as const;

export type InterfaceKind = (typeof INTERFACE_KINDS)[keyof typeof INTERFACE_KINDS] | 'OTHER';

const kindByType = new Map<unknown, NodeKind>([
  ['host', 'Host'],
  ['netns', 'NetworkNamespace'],
  ...Object.keys(INTERFACE_KINDS).map((type) => [type, 'NetworkInterface'] as const),
]);
const interfaceKindByType = new Map<unknown, InterfaceKind>(Object.entries(INTERFACE_KINDS));

/** A node of an unknown type that has an interface index is an interface of a kind that is newer than this list. */
export function kindOf({ metadata }: NodeRevision): NodeKind {
  return kindByType.get(metadata.Type) ?? (typeof metadata.IfIndex === 'number' ? 'NetworkInterface' : 'CustomNode');
}

/** The kernel has no link kind for the loopback interface: it is a device whose encapsulation says so. */
export function interfaceKindOf({ metadata }: NodeRevision): InterfaceKind {
  if (metadata.EncapType === 'loopback') return 'LOOPBACK';
  return interfaceKindByType.get(metadata.Type) ?? 'OTHER';
}

export const isInterface = (node: NodeRevision): boolean => kindOf(node) === 'NetworkInterface';
export const isContainer = ({ metadata }: NodeRevision): boolean => metadata.Type === 'container';
