import type { MetadataKey } from '../kit/metadataKeys.js';
import type { RelationDeclaration } from '../kit/relationDeclaration.js';
import { MIRRORING } from './picture.js';
import { SWITCH_COUNTERS } from './statistics.js';

const COUNTERS: readonly MetadataKey[] = SWITCH_COUNTERS.flatMap(([column, name, unit]): MetadataKey[] => [
  { path: `Ovs.Metric.${name}`, kind: 'measurement', type: 'integer', unit, meaning: `The switch's ${column} of the interface.` },
  {
    path: `Ovs.LastUpdateMetric.${name}`,
    kind: 'measurement',
    type: 'integer',
    unit,
    meaning: `How much was added to Ovs.Metric.${name} since the reading before.`,
  },
]);

const time = (path: string, meaning: string): MetadataKey => ({
  path,
  kind: 'measurement',
  type: 'integer',
  unit: 'ms since the epoch',
  meaning,
});

const text = (path: string, meaning: string): MetadataKey => ({ path, kind: 'state', type: 'text', meaning });

/** Every key that the probe of Open vSwitch writes, on its own nodes and on links of the kernel that are interfaces of the switch. */
export const OVSDB_KEYS: readonly MetadataKey[] = [
  { path: 'Name', kind: 'state', type: 'text', indexed: true, meaning: 'Name of the bridge, port or interface.' },
  {
    path: 'Type',
    kind: 'state',
    type: 'text',
    indexed: true,
    meaning:
      'ovsbridge, ovsport, or the type of an interface that is no link of the kernel: patch, vxlan, geneve, gre, dpdk, …; `internal` on the link that the switch made itself.',
  },
  {
    path: 'TID',
    kind: 'state',
    type: 'text',
    indexed: true,
    meaning: 'Topological id: of bridges and ports made from their UUID and the host.',
  },
  text('UUID', "The database's id of the row."),
  text('Driver', 'The driver that the switch names, else openvswitch.'),
  text('State', 'UP or DOWN.'),
  { path: 'MAC', kind: 'state', type: 'text', indexed: true, meaning: 'Address of a patch or tunnel.' },
  { path: 'MTU', kind: 'state', type: 'integer', unit: 'bytes', meaning: 'Largest packet.' },
  { path: 'IfIndex', kind: 'state', type: 'integer', meaning: 'Index of an interface, where the switch knows it.' },
  {
    path: 'OfPort',
    kind: 'state',
    type: 'integer',
    meaning: 'Number of the interface in OpenFlow; -1 where the switch could not make it.',
  },
  text('BondMode', 'How a bond of several interfaces chooses one: active-backup, balance-slb, balance-tcp.'),
  text('LACP', 'LACP of a bond: active, passive, off.'),
  { path: 'Vlans', kind: 'state', type: 'integer', meaning: 'VLAN of an access port; the native one of a trunk.' },
  { path: 'Trunks', kind: 'state', type: 'object', meaning: 'VLANs that a trunk port carries, as a list; absent where it carries all.' },
  text('VlanMode', 'access, trunk, native-tagged, native-untagged, dot1q-tunnel; absent where the switch decides.'),
  text('LocalIP', 'Address from which a tunnel sends.'),
  text('RemoteIP', 'Where a tunnel leads; `flow` where OpenFlow decides.'),
  text('TunEgressIface', 'Interface through which the packets of a tunnel leave.'),
  text('TunEgressIfaceCarrier', 'Whether that has a carrier: up, down.'),
  text('ExtID.*', 'An entry of `external_ids`: iface-id, attached-mac, vm-uuid, …'),
  {
    path: 'Ovs',
    kind: 'state',
    type: 'object',
    meaning: 'What else the switch says of it; it is there on everything that belongs to the switch.',
  },
  text('Ovs.Version', "The switch's version, on the link of its datapath (ovs-system, ovs-netdev), or on the host where there is none."),
  text('Ovs.DBVersion', 'Version of the schema of its database, in the same place.'),
  text('Ovs.DatapathType', 'Of a bridge: netdev for user space; absent for the kernel.'),
  text('Ovs.FailMode', 'Of a bridge: secure or standalone.'),
  { path: 'Ovs.Protocols', kind: 'state', type: 'texts', meaning: 'Versions of OpenFlow that a bridge speaks, where they are set.' },
  {
    path: 'Ovs.Mirrors',
    kind: 'state',
    type: 'object',
    meaning:
      'Mirrors of a bridge, as a list: Name, SelectAll, SelectSrcPort and SelectDstPort (names of ports), SelectVlan, OutputPort, OutputVlan.',
  },
  text('Ovs.Options.*', 'An option of an interface: remote_ip, key, peer, …'),
  text('Ovs.OtherConfig.*', 'An entry of `other_config`.'),
  text('Ovs.Error', 'Why the switch could not make the interface; on the port where the interface has no node.'),
  ...COUNTERS,
  time('Ovs.Metric.Last', 'When the switch was asked.'),
  time('Ovs.LastUpdateMetric.Start', 'When it was asked before.'),
  time('Ovs.LastUpdateMetric.Last', 'When it was asked.'),
];

/** What the edges that are written here say. */
export const OVSDB_RELATIONS: readonly RelationDeclaration[] = [
  {
    type: 'layer2',
    meaning: 'From a bridge of Open vSwitch to each port, from a port to its interfaces, and between two patches, with `Type: patch`.',
  },
  { type: MIRRORING, meaning: 'From the port to which a mirror of Open vSwitch copies to each port of which it does.' },
];
