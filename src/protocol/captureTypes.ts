import type { CaptureType } from './capture.js';

/** `Type` of nodes that are interfaces of the kernel. */
const INTERFACES =
  'internal veth tun bridge dummy gre bond can hsr ifb macvlan macvtap vlan vxlan gretap ip6gretap geneve ipoib vcan ipip ipvlan lowpan ip6tnl ip6gre sit device' +
  // Skydive's table lacks these, taps of virtual machines among them, since its agents name them otherwise or know them not.
  ' tuntap team vrf wireguard netkit vti vti6 xfrm ppp macsec erspan ip6erspan bareudp gtp rmnet batadv';

const ON_INTERFACES: readonly CaptureType[] = ['afpacket', 'pcap', 'pcapsocket', 'sflow', 'netflow', 'ebpf'];

/** Kinds of capture by `Type` of the node, the default first (flows.md §4.1). */
const BY_NODE_TYPE: ReadonlyMap<string, readonly CaptureType[]> = new Map([
  ['ovsbridge', ['ovssflow', 'pcapsocket', 'ovsnetflow']],
  ['ovsport', ['ovsmirror']],
  ['dpdkport', ['dpdk']],
  ...INTERFACES.split(' ').map((type): [string, readonly CaptureType[]] => [type, ON_INTERFACES]),
]);

/** `Type`s of nodes on which something can be captured. */
export const CAPTURABLE_NODE_TYPES: ReadonlySet<string> = new Set(BY_NODE_TYPE.keys());

/** What can be captured on a node of this `Type`, the default first; nothing for most types. */
export const captureTypesOn = (nodeType: unknown): readonly CaptureType[] =>
  (typeof nodeType === 'string' ? BY_NODE_TYPE.get(nodeType) : undefined) ?? [];

/** Several captures at once on a node are possible with these only. */
export const SHARED_TYPES: ReadonlySet<CaptureType> = new Set(['afpacket', 'pcap']);
