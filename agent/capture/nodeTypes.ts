import type { CaptureType } from '../../src/protocol/capture.js';

/** `Type` of nodes that are interfaces of the kernel (flows.md §4.1). */
export const INTERFACE_TYPES = [
  'internal',
  'veth',
  'tun',
  'bridge',
  'dummy',
  'gre',
  'bond',
  'can',
  'hsr',
  'ifb',
  'macvlan',
  'macvtap',
  'vlan',
  'vxlan',
  'gretap',
  'ip6gretap',
  'geneve',
  'ipoib',
  'vcan',
  'ipip',
  'ipvlan',
  'lowpan',
  'ip6tnl',
  'ip6gre',
  'sit',
  'device',
] as const;

/** What a capture without a type becomes on a node of this type; `undefined` where nothing can be captured. */
export function defaultTypeOf(nodeType: string): CaptureType | undefined {
  if ((INTERFACE_TYPES as readonly string[]).includes(nodeType)) return 'afpacket';
  return { ovsbridge: 'ovssflow', ovsport: 'ovsmirror', dpdkport: 'dpdk' }[nodeType] as CaptureType | undefined;
}
