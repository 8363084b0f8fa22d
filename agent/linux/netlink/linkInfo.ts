import { LINUX } from '../abi.js';
import { AttributeTable } from './attributeTable.js';
import { decodeTunnel, type Tunnel } from './tunnel.js';

/** IFLA_LINKINFO: what kind of link it is and what only that kind has (linux/if_link.h, linux/if_bonding.h). */

/** State of a link inside a bond. */
export interface BondSlave {
  readonly state: number | undefined;
  readonly miiStatus: number | undefined;
  readonly linkFailureCount: number | undefined;
  readonly permanentAddress: string | undefined;
  readonly queueId: number | undefined;
  readonly aggregatorId: number | undefined;
  readonly actorPortState: number | undefined;
  readonly partnerPortState: number | undefined;
}

/** Numbers are the kernel's. Each is there only for the kinds that have it. */
export interface LinkInfo {
  readonly kind?: string;
  readonly slaveKind?: string;
  readonly vlanId?: number;
  /** Ethernet type of its tags: 0x8100, or 0x88a8 of 802.1ad. */
  readonly vlanProtocol?: number;
  readonly bondMode?: number;
  /** Index of the link that carries the traffic, where one does. */
  readonly bondActiveSlave?: number;
  /** Of a bridge: whether it speaks the spanning tree protocol, and whether it keeps VLANs apart. */
  readonly hasSpanningTree?: boolean;
  readonly hasVlanFiltering?: boolean;
  /** Of VXLAN and Geneve. */
  readonly networkIdentifier?: number;
  /** Of macvlan and macvtap: a bit. */
  readonly macvlanMode?: number;
  readonly ipvlanMode?: number;
  readonly vrfTable?: number;
  /** Of an xfrm link: which policies of IPsec are its own. */
  readonly xfrmId?: number;
  readonly tunnel?: Tunnel;
  /** Indexes of links below it that only its kind tells of: the one that carries a VXLAN, both of an HSR ring. */
  readonly lowerIndexes?: readonly number[];
  readonly bondSlave?: BondSlave;
}

type Mutable = { -readonly [Key in keyof LinkInfo]: LinkInfo[Key] };

/** Filled anew for each link: what is in IFLA_LINKINFO, and then what is in the data of its kind. */
const outer = new AttributeTable(LINUX.IFLA_INFO_SLAVE_DATA);
const data = new AttributeTable(LINUX.IFLA_BOND_SLAVE_AD_PARTNER_OPER_PORT_STATE);

const NOTHING: LinkInfo = {};

/** Reads what it knows; a kind that it does not know is only named. `view`: of the same memory as `bytes`. */
export function decodeLinkInfo(bytes: Buffer, view: DataView, start: number, size: number): LinkInfo {
  if (size === 0) return NOTHING;
  outer.fill(view, start, start + size);
  const info: Mutable = {};
  if (outer.lengthOf(LINUX.IFLA_INFO_KIND) > 0) info.kind = outer.text(bytes, LINUX.IFLA_INFO_KIND);
  if (outer.lengthOf(LINUX.IFLA_INFO_SLAVE_KIND) > 0) info.slaveKind = outer.text(bytes, LINUX.IFLA_INFO_SLAVE_KIND);
  const dataLength = outer.lengthOf(LINUX.IFLA_INFO_DATA);
  if (dataLength > 0 && info.kind !== undefined) {
    const at = outer.placeOf(LINUX.IFLA_INFO_DATA);
    const tunnel = decodeTunnel(info.kind, bytes, at, at + dataLength);
    if (tunnel !== undefined) info.tunnel = tunnel;
    data.fill(view, at, at + dataLength);
    readData(info.kind, view, info);
  }
  const slaveLength = outer.lengthOf(LINUX.IFLA_INFO_SLAVE_DATA);
  if (slaveLength > 0 && info.slaveKind === 'bond') {
    const at = outer.placeOf(LINUX.IFLA_INFO_SLAVE_DATA);
    data.fill(view, at, at + slaveLength);
    info.bondSlave = readBondSlave(bytes, view);
  }
  return info;
}

/** What the table holds, read as this kind numbers it. */
function readData(kind: string, view: DataView, info: Mutable): void {
  switch (kind) {
    case 'vlan':
      info.vlanId = data.u16(view, LINUX.IFLA_VLAN_ID);
      info.vlanProtocol = data.u16BE(view, LINUX.IFLA_VLAN_PROTOCOL);
      break;
    case 'bond':
      info.bondMode = data.u8(view, LINUX.IFLA_BOND_MODE);
      info.bondActiveSlave = data.u32(view, LINUX.IFLA_BOND_ACTIVE_SLAVE);
      break;
    case 'bridge':
      info.hasSpanningTree = isOn(data.u32(view, LINUX.IFLA_BR_STP_STATE));
      info.hasVlanFiltering = isOn(data.u8(view, LINUX.IFLA_BR_VLAN_FILTERING));
      break;
    case 'vxlan':
      info.networkIdentifier = data.u32(view, LINUX.IFLA_VXLAN_ID);
      info.lowerIndexes = lowerOnes(data.u32(view, LINUX.IFLA_VXLAN_LINK));
      break;
    case 'geneve':
      info.networkIdentifier = data.u32(view, LINUX.IFLA_GENEVE_ID);
      break;
    case 'macvlan':
    case 'macvtap':
      info.macvlanMode = data.u32(view, LINUX.IFLA_MACVLAN_MODE);
      break;
    case 'ipvlan':
    case 'ipvtap':
      info.ipvlanMode = data.u16(view, LINUX.IFLA_IPVLAN_MODE);
      break;
    case 'vrf':
      info.vrfTable = data.u32(view, LINUX.IFLA_VRF_TABLE);
      break;
    case 'hsr':
      info.lowerIndexes = lowerOnes(data.u32(view, LINUX.IFLA_HSR_SLAVE1), data.u32(view, LINUX.IFLA_HSR_SLAVE2));
      break;
    case 'xfrm':
      info.xfrmId = data.u32(view, LINUX.IFLA_XFRM_IF_ID);
      break;
  }
}

const isOn = (value: number | undefined): boolean | undefined => (value === undefined ? undefined : value !== 0);

function lowerOnes(...indexes: readonly (number | undefined)[]): readonly number[] | undefined {
  const lower = indexes.filter((index) => index !== undefined && index !== 0) as number[];
  return lower.length === 0 ? undefined : lower;
}

const readBondSlave = (bytes: Buffer, view: DataView): BondSlave => ({
  state: data.u8(view, LINUX.IFLA_BOND_SLAVE_STATE),
  miiStatus: data.u8(view, LINUX.IFLA_BOND_SLAVE_MII_STATUS),
  linkFailureCount: data.u32(view, LINUX.IFLA_BOND_SLAVE_LINK_FAILURE_COUNT),
  permanentAddress: data.hardwareAddress(bytes, LINUX.IFLA_BOND_SLAVE_PERM_HWADDR),
  queueId: data.u16(view, LINUX.IFLA_BOND_SLAVE_QUEUE_ID),
  aggregatorId: data.u16(view, LINUX.IFLA_BOND_SLAVE_AD_AGGREGATOR_ID),
  actorPortState: data.u8(view, LINUX.IFLA_BOND_SLAVE_AD_ACTOR_OPER_PORT_STATE),
  partnerPortState: data.u16(view, LINUX.IFLA_BOND_SLAVE_AD_PARTNER_OPER_PORT_STATE),
});
