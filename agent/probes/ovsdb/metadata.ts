import type { Json, JsonObject } from '../../../src/common/json.js';
import type { OvsRow } from '../../ovsdb/ovsdb.js';
import { elements, idsIn, mapIn, numberIn, numbersIn, textIn } from '../../ovsdb/values.js';

/** Types of interfaces that have a link of the kernel: it is the node, and this probe adds what the switch knows of it. */
const WITH_LINK: ReadonlySet<string> = new Set(['', 'system', 'internal', 'tap', 'afxdp', 'afxdp-nonpmd']);
/** Without a driver of its own that the switch names. */
const DRIVER = 'openvswitch';

/** Type of an interface; the database has nothing for one of the system. */
export const typeOf = (row: OvsRow): string => textIn(row, 'type') ?? 'system';

export const hasLink = (row: OvsRow): boolean => WITH_LINK.has(typeOf(row));

export const nameOf = (row: OvsRow): string => textIn(row, 'name') ?? '';

/** An object without what is undefined. */
function defined(entries: Readonly<Record<string, Json | undefined>>): JsonObject {
  return Object.fromEntries(Object.entries(entries).filter((entry): entry is [string, Json] => entry[1] !== undefined));
}

/** `undefined` for a map without entries. */
function filled(map: Readonly<Record<string, string>>): JsonObject | undefined {
  return Object.keys(map).length === 0 ? undefined : map;
}

const someOf = <Value extends Json>(list: readonly Value[]): readonly Value[] | undefined => (list.length === 0 ? undefined : list);

/** Numbers of sets come in no order. */
const sorted = (list: readonly number[]): readonly number[] => [...list].sort((a, b) => a - b);

const externalIds = (row: OvsRow): JsonObject | undefined => filled(mapIn(row, 'external_ids'));
const otherConfig = (row: OvsRow): JsonObject | undefined => filled(mapIn(row, 'other_config'));

/** What the switch says of itself. */
export const switchMetadata = (row: OvsRow): JsonObject =>
  defined({
    ExtID: externalIds(row),
    Ovs: defined({ Version: textIn(row, 'ovs_version'), DBVersion: textIn(row, 'db_version'), OtherConfig: otherConfig(row) }),
  });

/** `mirrors`: those of the bridge, `portName`: what a port is called. */
export function bridgeMetadata(uuid: string, row: OvsRow, mirrors: readonly OvsRow[], portName: (uuid: string) => string): JsonObject {
  const protocols = elements(row.protocols) as readonly string[];
  return defined({
    Name: nameOf(row),
    Type: 'ovsbridge',
    UUID: uuid,
    ExtID: externalIds(row),
    Ovs: defined({
      DatapathType: textIn(row, 'datapath_type'),
      FailMode: textIn(row, 'fail_mode'),
      Protocols: someOf([...protocols].sort()),
      Mirrors: someOf(mirrors.map((mirror) => mirrorMetadata(mirror, portName))),
      OtherConfig: otherConfig(row),
    }),
  });
}

function mirrorMetadata(row: OvsRow, portName: (uuid: string) => string): JsonObject {
  const names = (column: string): readonly string[] | undefined => someOf(idsIn(row, column).map(portName).sort());
  return defined({
    Name: nameOf(row),
    SelectAll: row.select_all === true ? true : undefined,
    SelectSrcPort: names('select_src_port'),
    SelectDstPort: names('select_dst_port'),
    SelectVlan: someOf(sorted(numbersIn(row, 'select_vlan'))),
    OutputPort: names('output_port')?.[0],
    OutputVlan: numberIn(row, 'output_vlan'),
  });
}

/** `problems`: what is wrong with interfaces of it that have no node. */
export const portMetadata = (uuid: string, row: OvsRow, problems: readonly string[]): JsonObject =>
  defined({
    Name: nameOf(row),
    Type: 'ovsport',
    UUID: uuid,
    BondMode: textIn(row, 'bond_mode'),
    LACP: textIn(row, 'lacp'),
    Vlans: numberIn(row, 'tag'),
    Trunks: someOf(sorted(numbersIn(row, 'trunks'))),
    VlanMode: textIn(row, 'vlan_mode'),
    ExtID: externalIds(row),
    Ovs: defined({ Error: problems.length === 0 ? undefined : problems.join('; '), OtherConfig: otherConfig(row) }),
  });

/** What the switch knows of an interface, whoever has its node. */
const shared = (uuid: string, row: OvsRow): Readonly<Record<string, Json | undefined>> => ({
  UUID: uuid,
  OfPort: numberIn(row, 'ofport') || undefined,
  ExtID: externalIds(row),
  Ovs: defined({ Options: filled(mapIn(row, 'options')), OtherConfig: otherConfig(row), Error: textIn(row, 'error') }),
});

/** What is added to the link of the kernel that the interface is. */
export const linkNote = (uuid: string, row: OvsRow): JsonObject =>
  defined({ ...shared(uuid, row), Type: typeOf(row) === 'internal' ? 'internal' : undefined });

/** An interface that is no link of the kernel: a patch, a tunnel, a port of DPDK; or one whose link is not seen. */
export function interfaceMetadata(uuid: string, row: OvsRow): JsonObject {
  const options = mapIn(row, 'options');
  const status = mapIn(row, 'status');
  const type = typeOf(row);
  return defined({
    Name: nameOf(row),
    Type: type,
    Driver: status.driver_name ?? DRIVER,
    State: textIn(row, 'link_state')?.toUpperCase(),
    MAC: type === 'internal' ? undefined : textIn(row, 'mac_in_use')?.toLowerCase(),
    MTU: numberIn(row, 'mtu'),
    IfIndex: numberIn(row, 'ifindex') || undefined,
    LocalIP: options.local_ip,
    RemoteIP: options.remote_ip,
    TunEgressIface: status.tunnel_egress_iface,
    TunEgressIfaceCarrier: status.tunnel_egress_iface_carrier,
    ...shared(uuid, row),
  });
}
