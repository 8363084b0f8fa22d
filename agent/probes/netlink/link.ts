import type { Json, JsonObject } from '../../../src/common/json.js';
import type { ElementId } from '../../../src/graph/element.js';
import type { DriverInfo } from '../../linux/ethtool.js';
import type { Features } from '../../linux/features.js';
import type { BondSlave } from '../../linux/netlink/linkInfo.js';
import type { LinkMessage } from '../../linux/netlink/link.js';
import type { Tunnel } from '../../linux/netlink/tunnel.js';
import {
  bondModeName,
  bondSlaveStateName,
  encapsulationName,
  flagNames,
  ipvlanModeName,
  isEndOfPair,
  linkType,
  macvlanModeName,
  miiStateName,
  operStateName,
} from './names.js';
import type { WatchedNamespace } from './watchedNamespace.js';

/** A link as the probe knows it. */
export interface Link {
  readonly id: ElementId;
  /** The name from which its topological id is made. */
  tidName: string;
  /** Where it is now. */
  namespace: WatchedNamespace;
  /** What the kernel said last. */
  message: LinkMessage;
  driver: DriverInfo | undefined;
  /** Only where there is a driver. */
  features: Features | undefined;
  speed: number | undefined;
  /** `Vfs` of a physical function of SR-IOV, and the number of a virtual one. */
  virtualFunctions: readonly JsonObject[] | undefined;
  virtualFunctionId: number | undefined;
  ipv4: readonly string[];
  ipv6: readonly string[];
  /** When an event told of it, so that its counters began at zero then; `undefined` for a link that was there before. */
  readonly appearedAt: number | undefined;
  /** Counters at the last reading, and when that was. */
  counters: readonly number[] | undefined;
  countersAt: number;
  /** `WireGuard` of such a device. */
  wireGuard: JsonObject | undefined;
  /** By what is not shown whole how much there is: counters of a driver, peers of WireGuard. */
  hidden: Readonly<Record<string, number>>;
  /** Edges to other links that it is an end of. */
  readonly edges: Set<ElementId>;
}

/** What is hidden of a link when this one thing has so many, or `undefined`: all of it is shown. */
export function hiddenWith({ hidden }: Link, name: string, count: number | undefined): Link['hidden'] {
  const { [name]: _before, ...others } = hidden;
  return count === undefined ? others : { ...others, [name]: count };
}

/** Indexes of the links below it, or of the other end of its pair, in the namespace that `parentNsId` names. */
export function lowerIndexes({ message: { parentIndex, info } }: Link): readonly number[] {
  if (parentIndex === 0) return info.lowerIndexes ?? NONE;
  if (info.lowerIndexes === undefined) return [parentIndex];
  return info.lowerIndexes.includes(parentIndex) ? info.lowerIndexes : [parentIndex, ...info.lowerIndexes];
}

const NONE: readonly number[] = [];

/** Name of the namespace in which the parent or peer is, where it is another, named one. */
export type NameOfNamespace = (link: Link) => string | undefined;

/** State of a link, complete: keys in the order in which people read them. Measurements are not in it. */
export function linkMetadata(link: Link, nameOfParentNamespace: NameOfNamespace): JsonObject {
  const { message } = link;
  const { info } = message;
  const driver = link.driver?.driver;
  const type = linkType(info.kind, driver);
  const metadata: Record<string, Json> = {
    Name: message.name,
    Type: type,
    EncapType: encapsulationName(message.hardwareType),
    IfIndex: message.ifIndex,
    Driver: driver ?? (type === 'bridge' ? 'bridge' : ''),
    State: operStateName(message.operState),
    LinkFlags: flagNames(message.flags),
  };
  const put = (key: string, value: Json | undefined): void => {
    if (value !== undefined) metadata[key] = value;
  };
  if (message.alternativeNames.length > 0) metadata.AltNames = message.alternativeNames;
  put('Alias', message.alias);
  put('MTU', message.mtu || undefined);
  put('MAC', message.hardwareAddress);
  put('MasterIndex', message.masterIndex || undefined);
  put('ParentIndex', message.parentIndex || undefined);
  put('Speed', link.speed);
  put('BusInfo', link.driver?.busInfo);
  if (link.ipv4.length > 0) metadata.IPV4 = link.ipv4;
  if (link.ipv6.length > 0) metadata.IPV6 = link.ipv6;
  put('Vlan', info.vlanId);
  put('VNI', info.networkIdentifier);
  if (info.vlanProtocol === PROVIDER_VLAN) metadata.VlanProtocol = '802.1ad';
  if (info.tunnel !== undefined) metadata.Tunnel = tunnelMetadata(info.tunnel);
  if (link.wireGuard !== undefined && Object.keys(link.wireGuard).length > 0) metadata.WireGuard = link.wireGuard;
  put('VrfTable', info.vrfTable);
  put('XfrmID', info.xfrmId);
  put('MacvlanMode', named(info.macvlanMode, macvlanModeName));
  put('IpvlanMode', named(info.ipvlanMode, ipvlanModeName));
  put('BondMode', named(info.bondMode, bondModeName));
  put('BondActiveSlave', info.bondActiveSlave || undefined);
  put('SpanningTree', info.hasSpanningTree);
  put('VlanFiltering', info.hasVlanFiltering);
  if (info.bondSlave !== undefined) metadata.BondSlave = bondSlaveMetadata(info.bondSlave);
  if (isEndOfPair(type)) put('PeerIfIndex', message.parentIndex || undefined);
  if (message.parentNsId !== undefined) {
    metadata.LinkNetNsID = message.parentNsId;
    put('LinkNetNsName', nameOfParentNamespace(link));
  }
  put('Features', link.features);
  put('Vfs', link.virtualFunctions);
  put('VfID', link.virtualFunctionId);
  return metadata;
}

const named = (value: number | undefined, name: (value: number) => string): string | undefined =>
  value === undefined ? undefined : name(value);

/** ETH_P_8021AD */
const PROVIDER_VLAN = 0x88a8;

function tunnelMetadata({ local, remote, port, inKey, outKey, ttl }: Tunnel): JsonObject {
  const metadata: Record<string, Json> = {};
  const put = (key: string, value: Json | undefined): void => {
    if (value !== undefined) metadata[key] = value;
  };
  put('Local', local);
  put('Remote', remote);
  put('Port', port);
  put('InKey', inKey);
  put('OutKey', outKey);
  put('TTL', ttl);
  return metadata;
}

function bondSlaveMetadata(slave: BondSlave): JsonObject {
  const metadata: Record<string, Json> = { Type: 'bond' };
  const put = (key: string, value: Json | undefined): void => {
    if (value !== undefined) metadata[key] = value;
  };
  put('State', named(slave.state, bondSlaveStateName));
  put('MiiStatus', named(slave.miiStatus, miiStateName));
  put('LinkFailureCount', slave.linkFailureCount);
  put('QueueId', slave.queueId);
  put('AggregatorId', slave.aggregatorId);
  put('AdActorOperPortState', slave.actorPortState);
  put('AdPartnerOperPortState', slave.partnerPortState);
  put('PermMAC', slave.permanentAddress);
  return metadata;
}
