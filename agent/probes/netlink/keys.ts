import { LINK_COUNTERS } from '../../linux/abi.js';
import type { MetadataKey } from '../kit/metadataKeys.js';

const COUNTERS: readonly MetadataKey[] = LINK_COUNTERS.flatMap(([kernel, name]): MetadataKey[] => {
  const unit = name.endsWith('Bytes') ? 'bytes' : 'count';
  return [
    { path: `Metric.${name}`, kind: 'measurement', type: 'integer', unit, meaning: `The kernel's ${kernel} since the link came up.` },
    {
      path: `LastUpdateMetric.${name}`,
      kind: 'measurement',
      type: 'integer',
      unit,
      meaning: `What was added to ${kernel} between the last two readings that differ.`,
    },
  ];
});

/** Every key that the netlink probe writes. */
export const NETLINK_KEYS: readonly MetadataKey[] = [
  { path: 'Name', kind: 'state', type: 'text', indexed: true, meaning: 'Name of the link in its namespace.' },
  {
    path: 'Type',
    kind: 'state',
    type: 'text',
    indexed: true,
    meaning: 'Kind of the link: device, veth, bridge, bond, vlan, vxlan, tuntap, …',
  },
  {
    path: 'TID',
    kind: 'state',
    type: 'text',
    indexed: true,
    meaning: 'Topological id: the same when the link is made again under the same name.',
  },
  { path: 'EncapType', kind: 'state', type: 'text', meaning: 'Link layer: ether, loopback, none, ipip, gre, …' },
  { path: 'IfIndex', kind: 'state', type: 'integer', meaning: 'Number of the link in its namespace.' },
  { path: 'Driver', kind: 'state', type: 'text', meaning: 'Driver by ethtool; empty where the link has none.' },
  { path: 'MTU', kind: 'state', type: 'integer', unit: 'bytes', meaning: 'Largest packet.' },
  {
    path: 'MAC',
    kind: 'state',
    type: 'text',
    indexed: true,
    meaning: 'Hardware address, lower case with colons; absent where the link has none.',
  },
  { path: 'MasterIndex', kind: 'state', type: 'integer', meaning: 'IfIndex of the bridge, bond or VRF that the link belongs to.' },
  { path: 'ParentIndex', kind: 'state', type: 'integer', meaning: 'IfIndex of the link below, or of the other end of a veth pair.' },
  { path: 'Speed', kind: 'state', type: 'integer', unit: 'Mbit/s', meaning: 'Speed by ethtool, where the driver knows one.' },
  {
    path: 'State',
    kind: 'state',
    type: 'text',
    meaning: 'Operational state: UP, DOWN, UNKNOWN, LOWER-LAYER-DOWN, TESTING, DORMANT, NOT-PRESENT.',
  },
  {
    path: 'LinkFlags',
    kind: 'state',
    type: 'texts',
    meaning: 'Of UP, BROADCAST, LOOPBACK, POINTTOPOINT, MULTICAST those that are set. UP here says that the link is switched on.',
  },
  { path: 'IPV4', kind: 'state', type: 'texts', indexed: true, meaning: 'IPv4 addresses with prefix length, in the order of the kernel.' },
  { path: 'IPV6', kind: 'state', type: 'texts', meaning: 'IPv6 addresses with prefix length, sorted.' },
  { path: 'Vlan', kind: 'state', type: 'integer', meaning: 'VLAN number of a VLAN link.' },
  { path: 'VNI', kind: 'state', type: 'integer', meaning: 'Network identifier of a VXLAN or Geneve link.' },
  { path: 'VrfTable', kind: 'state', type: 'integer', meaning: 'Routing table of a VRF.' },
  {
    path: 'MacvlanMode',
    kind: 'state',
    type: 'text',
    meaning: 'Mode of a macvlan or macvtap link: private, vepa, bridge, passthru, source.',
  },
  { path: 'IpvlanMode', kind: 'state', type: 'text', meaning: 'Mode of an ipvlan link: l2, l3, l3s.' },
  { path: 'BondMode', kind: 'state', type: 'text', meaning: 'Mode of a bond: balance-rr, active-backup, 802.3ad, …' },
  {
    path: 'BondSlave',
    kind: 'state',
    type: 'object',
    meaning: 'State of a link inside its bond: State, MiiStatus, LinkFailureCount, PermMAC, …',
  },
  { path: 'PeerIfIndex', kind: 'state', type: 'integer', meaning: 'IfIndex of the other end of a veth pair, in that end’s namespace.' },
  {
    path: 'LinkNetNsID',
    kind: 'state',
    type: 'integer',
    meaning: 'Number that this namespace has for the one in which the parent or peer is, when it is another one.',
  },
  { path: 'LinkNetNsName', kind: 'state', type: 'text', meaning: 'Name of that namespace, when it is a named one that is watched.' },
  ...COUNTERS,
  { path: 'Metric.Last', kind: 'measurement', type: 'integer', unit: 'ms since the epoch', meaning: 'When the counters were read.' },
  {
    path: 'LastUpdateMetric.Start',
    kind: 'measurement',
    type: 'integer',
    unit: 'ms since the epoch',
    meaning: 'When the reading before was made.',
  },
  {
    path: 'LastUpdateMetric.Last',
    kind: 'measurement',
    type: 'integer',
    unit: 'ms since the epoch',
    meaning: 'When the counters were read.',
  },
];
