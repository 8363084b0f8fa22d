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
  { path: 'VlanProtocol', kind: 'state', type: 'text', meaning: '802.1ad for a VLAN link of a provider; absent for 802.1Q.' },
  {
    path: 'Tunnel',
    kind: 'state',
    type: 'object',
    meaning: 'Ends of a tunnel (vxlan, geneve, gre, ipip, sit, vti, …) as far as they are set: Local, Remote, Port, InKey, OutKey, TTL.',
  },
  {
    path: 'WireGuard',
    kind: 'state',
    type: 'object',
    meaning: 'Of a WireGuard link, as far as they are set: PublicKey (base64), ListenPort, FwMark. Secret keys are never read out.',
  },
  {
    path: 'WireGuardPeers',
    kind: 'table',
    type: 'object',
    meaning:
      'Peers of a WireGuard link, one row each: PublicKey, Endpoint (address and port), AllowedIPs, PersistentKeepalive (s), and AllowedIPCount where more than 1,024 networks are behind it. What is measured of a peer is laid over its row.',
  },
  {
    path: 'WireGuardPeers.*.LastHandshake',
    kind: 'measurement',
    type: 'integer',
    unit: 'ms since the epoch',
    meaning: 'When the peer, named by its public key, last agreed on a key.',
  },
  { path: 'WireGuardPeers.*.RxBytes', kind: 'measurement', type: 'integer', unit: 'bytes', meaning: 'Received from the peer.' },
  { path: 'WireGuardPeers.*.TxBytes', kind: 'measurement', type: 'integer', unit: 'bytes', meaning: 'Sent to the peer.' },
  { path: 'XfrmID', kind: 'state', type: 'integer', meaning: 'Which IPsec policies belong to an xfrm link.' },
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
  {
    path: 'BondActiveSlave',
    kind: 'state',
    type: 'integer',
    meaning: 'IfIndex of the link of a bond that carries the traffic, where one does.',
  },
  { path: 'SpanningTree', kind: 'state', type: 'boolean', meaning: 'Whether a bridge speaks the spanning tree protocol.' },
  { path: 'VlanFiltering', kind: 'state', type: 'boolean', meaning: 'Whether a bridge keeps VLANs apart.' },
  { path: 'AltNames', kind: 'state', type: 'texts', meaning: 'Other names of the link in its namespace.' },
  { path: 'Alias', kind: 'state', type: 'text', meaning: 'What people wrote on the link (`ip link set … alias`).' },
  {
    path: 'PeerIfIndex',
    kind: 'state',
    type: 'integer',
    meaning: 'IfIndex of the other end of a pair (veth, netkit), in that end’s namespace.',
  },
  {
    path: 'LinkNetNsID',
    kind: 'state',
    type: 'integer',
    meaning: 'Number that this namespace has for the one in which the parent or peer is, when it is another one.',
  },
  { path: 'LinkNetNsName', kind: 'state', type: 'text', meaning: 'Name of that namespace, when it is a named one that is watched.' },
  {
    path: 'BusInfo',
    kind: 'state',
    type: 'text',
    meaning: 'Where the device sits by ethtool: a PCI address, tap, or empty; where there is a driver.',
  },
  {
    path: 'Features',
    kind: 'state',
    type: 'object',
    meaning: 'Offload features by their ethtool names (highdma, tx-checksum-ip-generic, …), true where one is on; where there is a driver.',
  },
  {
    path: 'Vfs',
    kind: 'state',
    type: 'object',
    meaning: 'Virtual functions of an SR-IOV device as it set them up, a list of: ID, LinkState, MAC, Qos, Spoofchk, TxRate, Vlan.',
  },
  {
    path: 'VfID',
    kind: 'state',
    type: 'integer',
    meaning: 'Number of a virtual function at its physical one, to which an edge `vf` leads.',
  },
  {
    path: 'RoutingTables',
    kind: 'table',
    type: 'object',
    meaning:
      'Routes of every routing table that leave through the link, one row each: ID (number of the table), Protocol, Prefix, Src, NextHops [{Priority, IP, IfIndex, Weight}], Type unless unicast, Tos, From, NextHopID. Inside metadata grouped as [{ID, Src, Routes}]. A route of several interfaces is at each of them; one that leads nowhere (blackhole) is at the loopback.',
  },
  {
    path: 'RouteCounts.*',
    kind: 'measurement',
    type: 'integer',
    unit: 'count',
    meaning: 'Routes that are counted and not shown, by number of the table and daemon: RouteCounts.254.bgp.',
  },
  {
    path: 'Neighbors',
    kind: 'table',
    type: 'object',
    meaning:
      'Neighbours by ARP and NDP, one row each: IP, MAC, State, Flags, IfIndex. Turns among REACHABLE, STALE, DELAY and PROBE are a measurement of the same name: an object of row keys (the IP) with the State of now, laid over the rows that it differs from.',
  },
  {
    path: 'FDB',
    kind: 'table',
    type: 'object',
    meaning:
      'Forwarding entries of a bridge port or tunnel, one row each: MAC, State, Flags, IfIndex, Vlan, and of tunnels IP, Port, VNI of the far end.',
  },
  {
    path: 'Truncated',
    kind: 'state',
    type: 'object',
    unit: 'count',
    meaning:
      'By table the number of rows that there are, where more than 20,000 are not shown; under Statistics the number of counters of a driver that has more than 1,024.',
  },
  {
    path: 'Statistics.*',
    kind: 'measurement',
    type: 'integer',
    unit: 'count',
    meaning:
      'What the driver itself counts, by its own names (`ethtool -S`), dots in them as underscores: drops and errors by queue, of the line, … Of which links is chosen by `agent.netlink.statistics`; a counter that was always zero is left out.',
  },
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
