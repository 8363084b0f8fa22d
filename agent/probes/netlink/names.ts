import { LINUX } from '../../linux/abi.js';

/** The kernel's numbers as the texts that metadata has for them. */

/** IF_OPER (linux/if.h). */
const OPER_STATES = ['UNKNOWN', 'NOT-PRESENT', 'DOWN', 'LOWER-LAYER-DOWN', 'TESTING', 'DORMANT', 'UP'];
export const operStateName = (state: number): string => OPER_STATES[state] ?? 'UNKNOWN';

const FLAGS = [
  [LINUX.IFF_UP, 'UP'],
  [LINUX.IFF_BROADCAST, 'BROADCAST'],
  [LINUX.IFF_LOOPBACK, 'LOOPBACK'],
  [LINUX.IFF_POINTOPOINT, 'POINTTOPOINT'],
  [LINUX.IFF_MULTICAST, 'MULTICAST'],
] as const;
export const flagNames = (flags: number): string[] => FLAGS.filter(([bit]) => (flags & bit) !== 0).map(([, name]) => name);

/** ARPHRD (net/if_arp.h, linux/if_arp.h). */
const ENCAPSULATIONS: Readonly<Record<number, string>> = {
  0: 'netrom',
  1: 'ether',
  2: 'eether',
  3: 'ax25',
  4: 'pronet',
  5: 'chaos',
  6: 'ieee802',
  7: 'arcnet',
  8: 'atalk',
  15: 'dlci',
  19: 'atm',
  23: 'metricom',
  24: 'ieee1394',
  27: 'eui64',
  32: 'infiniband',
  256: 'slip',
  257: 'cslip',
  258: 'slip6',
  259: 'cslip6',
  260: 'rsrvd',
  264: 'adapt',
  270: 'rose',
  271: 'x25',
  272: 'hwx25',
  280: 'can',
  512: 'ppp',
  513: 'hdlc',
  516: 'lapb',
  517: 'ddcmp',
  518: 'rawhdlc',
  519: 'rawip',
  768: 'ipip',
  769: 'tunnel6',
  770: 'frad',
  771: 'skip',
  772: 'loopback',
  773: 'localtlk',
  774: 'fddi',
  775: 'bif',
  776: 'sit',
  777: 'ip/ddp',
  778: 'gre',
  779: 'pimreg',
  780: 'hippi',
  800: 'ieee802/tr',
  801: 'ieee802.11',
  802: 'ieee802.11/prism',
  803: 'ieee802.11/radiotap',
  804: 'ieee802.15.4',
  805: 'ieee802.15.4/monitor',
  820: 'phonet',
  821: 'phonet_pipe',
  822: 'caif',
  823: 'gre6',
  824: 'netlink',
  825: '6lowpan',
  65534: 'none',
  65535: 'void',
};
export const encapsulationName = (hardwareType: number): string => ENCAPSULATIONS[hardwareType] ?? `unknown${hardwareType}`;

/** BOND_MODE (linux/if_bonding.h). */
const BOND_MODES = ['balance-rr', 'active-backup', 'balance-xor', 'broadcast', '802.3ad', 'balance-tlb', 'balance-alb'];
export const bondModeName = (mode: number): string => BOND_MODES[mode] ?? `unknown${mode}`;

/** BOND_STATE and BOND_LINK (linux/if_bonding.h). */
const BOND_SLAVE_STATES = ['ACTIVE', 'BACKUP'];
export const bondSlaveStateName = (state: number): string => BOND_SLAVE_STATES[state] ?? 'UNKNOWN';
const MII_STATES = ['UP', 'GOING_DOWN', 'DOWN', 'GOING_BACK'];
export const miiStateName = (state: number): string => MII_STATES[state] ?? 'UNKNOWN';

/** MACVLAN_MODE bits and IPVLAN_MODE (linux/if_link.h). */
const MACVLAN_MODES: Readonly<Record<number, string>> = { 1: 'private', 2: 'vepa', 4: 'bridge', 8: 'passthru', 16: 'source' };
export const macvlanModeName = (mode: number): string => MACVLAN_MODES[mode] ?? `unknown${mode}`;
const IPVLAN_MODES = ['l2', 'l3', 'l3s'];
export const ipvlanModeName = (mode: number): string => IPVLAN_MODES[mode] ?? `unknown${mode}`;

/** `Type` of a link: the kernel's kind under the name that Skydive has for it. */
export function linkType(kind: string | undefined, driver: string | undefined): string {
  if (driver === 'veth') return 'veth';
  if (kind === 'tun') return 'tuntap';
  return kind ?? 'device';
}

/** Kinds that come in pairs, each end of which names the other. */
const PAIRS: readonly string[] = ['veth', 'netkit', 'vxcan'];
/** Whether a link of this `Type` is one end of a pair. */
export const isEndOfPair = (type: string): boolean => PAIRS.includes(type);

/** RTN (linux/rtnetlink.h). */
const ROUTE_TYPES = [
  'unspec',
  'unicast',
  'local',
  'broadcast',
  'anycast',
  'multicast',
  'blackhole',
  'unreachable',
  'prohibit',
  'throw',
  'nat',
  'xresolve',
];
export const routeTypeName = (type: number): string => ROUTE_TYPES[type] ?? `unknown${type}`;

/** RTPROT (linux/rtnetlink.h) of daemons that keep whole tables of the Internet or of a data centre. */
const COUNTED_PROTOCOLS: Readonly<Record<number, string>> = { 11: 'zebra', 186: 'bgp', 187: 'isis', 188: 'ospf' };
export const countedProtocolName = (protocol: number): string | undefined => COUNTED_PROTOCOLS[protocol];

const NEIGHBOR_STATES = [
  [LINUX.NUD_INCOMPLETE, 'NUD_INCOMPLETE'],
  [LINUX.NUD_REACHABLE, 'NUD_REACHABLE'],
  [LINUX.NUD_STALE, 'NUD_STALE'],
  [LINUX.NUD_DELAY, 'NUD_DELAY'],
  [LINUX.NUD_PROBE, 'NUD_PROBE'],
  [LINUX.NUD_FAILED, 'NUD_FAILED'],
  [LINUX.NUD_NOARP, 'NUD_NOARP'],
  [LINUX.NUD_PERMANENT, 'NUD_PERMANENT'],
] as const;
export const neighborStateNames = (state: number): string[] =>
  state === 0 ? ['NUD_NONE'] : NEIGHBOR_STATES.filter(([bit]) => (state & bit) !== 0).map(([, name]) => name);

const NEIGHBOR_FLAGS = [
  [LINUX.NTF_USE, 'NTF_USE'],
  [LINUX.NTF_SELF, 'NTF_SELF'],
  [LINUX.NTF_MASTER, 'NTF_MASTER'],
  [LINUX.NTF_PROXY, 'NTF_PROXY'],
  [LINUX.NTF_EXT_LEARNED, 'NTF_EXT_LEARNED'],
  [LINUX.NTF_OFFLOADED, 'NTF_OFFLOADED'],
  [LINUX.NTF_STICKY, 'NTF_STICKY'],
  [LINUX.NTF_ROUTER, 'NTF_ROUTER'],
] as const;
export const neighborFlagNames = (flags: number): string[] => NEIGHBOR_FLAGS.filter(([bit]) => (flags & bit) !== 0).map(([, name]) => name);
