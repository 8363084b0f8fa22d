import { LINUX } from '../abi.js';
import { eachAttribute, readHardwareAddress, readText, readU16, readU16BE, readU32, readU8 } from './message.js';
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

/** Where an attribute's value lies. */
interface Place {
  readonly at: number;
  readonly length: number;
}

/** Reads what it knows; a kind that it does not know is only named. */
export function decodeLinkInfo(bytes: Buffer, start: number, size: number): LinkInfo {
  const info: Mutable = {};
  let data: Place | undefined;
  let slaveData: Place | undefined;
  eachAttribute(bytes, start, start + size, (type, at, length) => {
    if (type === LINUX.IFLA_INFO_KIND) info.kind = readText(bytes, at, length);
    else if (type === LINUX.IFLA_INFO_SLAVE_KIND) info.slaveKind = readText(bytes, at, length);
    else if (type === LINUX.IFLA_INFO_DATA) data = { at, length };
    else if (type === LINUX.IFLA_INFO_SLAVE_DATA) slaveData = { at, length };
  });
  if (data !== undefined && info.kind !== undefined) decodeData(info.kind, bytes, data, info);
  if (slaveData !== undefined && info.slaveKind === 'bond') info.bondSlave = decodeBondSlave(bytes, slaveData);
  return info;
}

function decodeData(kind: string, bytes: Buffer, data: Place, info: Mutable): void {
  const tunnel = decodeTunnel(kind, bytes, data.at, data.at + data.length);
  if (tunnel !== undefined) info.tunnel = tunnel;
  eachAttribute(bytes, data.at, data.at + data.length, (type, at, length) => {
    switch (kind) {
      case 'vlan':
        if (type === LINUX.IFLA_VLAN_ID) info.vlanId = readU16(bytes, at, length);
        else if (type === LINUX.IFLA_VLAN_PROTOCOL) info.vlanProtocol = readU16BE(bytes, at, length);
        break;
      case 'bond':
        if (type === LINUX.IFLA_BOND_MODE) info.bondMode = readU8(bytes, at, length);
        else if (type === LINUX.IFLA_BOND_ACTIVE_SLAVE) info.bondActiveSlave = readU32(bytes, at, length);
        break;
      case 'bridge':
        if (type === LINUX.IFLA_BR_STP_STATE) info.hasSpanningTree = readU32(bytes, at, length) !== 0;
        else if (type === LINUX.IFLA_BR_VLAN_FILTERING) info.hasVlanFiltering = readU8(bytes, at, length) !== 0;
        break;
      case 'vxlan':
        if (type === LINUX.IFLA_VXLAN_ID) info.networkIdentifier = readU32(bytes, at, length);
        else if (type === LINUX.IFLA_VXLAN_LINK) addLower(info, readU32(bytes, at, length));
        break;
      case 'geneve':
        if (type === LINUX.IFLA_GENEVE_ID) info.networkIdentifier = readU32(bytes, at, length);
        break;
      case 'macvlan':
      case 'macvtap':
        if (type === LINUX.IFLA_MACVLAN_MODE) info.macvlanMode = readU32(bytes, at, length);
        break;
      case 'ipvlan':
      case 'ipvtap':
        if (type === LINUX.IFLA_IPVLAN_MODE) info.ipvlanMode = readU16(bytes, at, length);
        break;
      case 'vrf':
        if (type === LINUX.IFLA_VRF_TABLE) info.vrfTable = readU32(bytes, at, length);
        break;
      case 'hsr':
        if (type === LINUX.IFLA_HSR_SLAVE1 || type === LINUX.IFLA_HSR_SLAVE2) addLower(info, readU32(bytes, at, length));
        break;
      case 'xfrm':
        if (type === LINUX.IFLA_XFRM_IF_ID) info.xfrmId = readU32(bytes, at, length);
        break;
    }
  });
}

function addLower(info: Mutable, ifIndex: number | undefined): void {
  if (ifIndex !== undefined && ifIndex !== 0) info.lowerIndexes = [...(info.lowerIndexes ?? []), ifIndex];
}

function decodeBondSlave(bytes: Buffer, data: Place): BondSlave {
  const slave: { -readonly [Key in keyof BondSlave]?: BondSlave[Key] } = {};
  eachAttribute(bytes, data.at, data.at + data.length, (type, at, length) => {
    switch (type) {
      case LINUX.IFLA_BOND_SLAVE_STATE:
        return void (slave.state = readU8(bytes, at, length));
      case LINUX.IFLA_BOND_SLAVE_MII_STATUS:
        return void (slave.miiStatus = readU8(bytes, at, length));
      case LINUX.IFLA_BOND_SLAVE_LINK_FAILURE_COUNT:
        return void (slave.linkFailureCount = readU32(bytes, at, length));
      case LINUX.IFLA_BOND_SLAVE_PERM_HWADDR:
        return void (slave.permanentAddress = readHardwareAddress(bytes, at, length));
      case LINUX.IFLA_BOND_SLAVE_QUEUE_ID:
        return void (slave.queueId = readU16(bytes, at, length));
      case LINUX.IFLA_BOND_SLAVE_AD_AGGREGATOR_ID:
        return void (slave.aggregatorId = readU16(bytes, at, length));
      case LINUX.IFLA_BOND_SLAVE_AD_ACTOR_OPER_PORT_STATE:
        return void (slave.actorPortState = readU8(bytes, at, length));
      case LINUX.IFLA_BOND_SLAVE_AD_PARTNER_OPER_PORT_STATE:
        return void (slave.partnerPortState = readU16(bytes, at, length));
    }
  });
  return slave as BondSlave;
}
