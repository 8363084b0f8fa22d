import { LINUX, OFFSET, SIZE } from '../../../../agent/linux/abi.js';
import { attribute, buildMessage, number32, text } from '../../../../agent/linux/netlink/message.js';

/** Bytes as the kernel sends them, made by hand from its headers: for kinds of links that this machine's kernel does not have. */

export const number8 = (value: number): Buffer => Buffer.from([value]);
export const number16 = (value: number): Buffer => Buffer.from([value & 0xff, value >> 8]);

export interface LinkFields {
  readonly index: number;
  readonly name: string;
  readonly hardwareType?: number;
  readonly flags?: number;
  readonly operState?: number;
  readonly master?: number;
  readonly link?: number;
  readonly linkNsId?: number;
  readonly address?: readonly number[];
  readonly permanentAddress?: readonly number[];
  readonly kind?: string;
  readonly data?: readonly Buffer[];
  readonly slaveKind?: string;
  readonly slaveData?: readonly Buffer[];
}

/** Body of a RTM_NEWLINK: `struct ifinfomsg` and attributes. */
export function linkBody(fields: LinkFields): Buffer {
  const offsets = OFFSET['struct ifinfomsg'];
  const header = Buffer.alloc(SIZE['struct ifinfomsg']);
  header.writeUInt16LE(fields.hardwareType ?? 1, offsets.ifi_type);
  header.writeInt32LE(fields.index, offsets.ifi_index);
  header.writeUInt32LE(fields.flags ?? 0, offsets.ifi_flags);
  const attributes = [
    attribute(LINUX.IFLA_IFNAME, text(fields.name)),
    attribute(LINUX.IFLA_MTU, number32(1500)),
    attribute(LINUX.IFLA_OPERSTATE, number8(fields.operState ?? 6)),
  ];
  const add = (type: number, value: Buffer | readonly Buffer[] | undefined): void => {
    if (value !== undefined) attributes.push(attribute(type, value));
  };
  add(LINUX.IFLA_MASTER, fields.master === undefined ? undefined : number32(fields.master));
  add(LINUX.IFLA_LINK, fields.link === undefined ? undefined : number32(fields.link));
  add(LINUX.IFLA_LINK_NETNSID, fields.linkNsId === undefined ? undefined : number32(fields.linkNsId));
  add(LINUX.IFLA_ADDRESS, fields.address && Buffer.from(fields.address));
  add(LINUX.IFLA_PERM_ADDRESS, fields.permanentAddress && Buffer.from(fields.permanentAddress));
  const info = [
    ...(fields.kind === undefined ? [] : [attribute(LINUX.IFLA_INFO_KIND, text(fields.kind))]),
    ...(fields.data === undefined ? [] : [attribute(LINUX.IFLA_INFO_DATA, fields.data)]),
    ...(fields.slaveKind === undefined ? [] : [attribute(LINUX.IFLA_INFO_SLAVE_KIND, text(fields.slaveKind))]),
    ...(fields.slaveData === undefined ? [] : [attribute(LINUX.IFLA_INFO_SLAVE_DATA, fields.slaveData)]),
  ];
  if (info.length > 0) attributes.push(attribute(LINUX.IFLA_LINKINFO, info));
  return Buffer.concat([header, ...attributes]);
}

/** A whole message of it. */
export const newLink = (fields: LinkFields): Buffer => buildMessage(LINUX.RTM_NEWLINK, 0, 0, linkBody(fields));

export interface RouteFields {
  /** Four or sixteen bytes; they choose the family. */
  readonly prefix: readonly number[];
  readonly length: number;
  readonly table?: number;
  readonly protocol?: number;
  readonly type?: number;
  readonly priority?: number;
  readonly source?: readonly number[];
  readonly gateway?: readonly number[];
  readonly ifIndex?: number;
  readonly hops?: readonly { readonly ifIndex: number; readonly gateway?: readonly number[]; readonly weight?: number }[];
  readonly nextHopId?: number;
}

/** Body of a RTM_NEWROUTE: `struct rtmsg` and attributes. */
export function routeBody(fields: RouteFields): Buffer {
  const offsets = OFFSET['struct rtmsg'];
  const header = Buffer.alloc(SIZE['struct rtmsg']);
  header[offsets.rtm_family] = fields.prefix.length === 4 ? LINUX.AF_INET : LINUX.AF_INET6;
  header[offsets.rtm_dst_len] = fields.length;
  header[offsets.rtm_protocol] = fields.protocol ?? 4;
  header[offsets.rtm_type] = fields.type ?? LINUX.RTN_UNICAST;
  const attributes: Buffer[] = [attribute(LINUX.RTA_TABLE, number32(fields.table ?? 254))];
  const add = (type: number, value: Buffer | undefined): void => {
    if (value !== undefined) attributes.push(attribute(type, value));
  };
  if (fields.length > 0) add(LINUX.RTA_DST, Buffer.from(fields.prefix));
  add(LINUX.RTA_PRIORITY, fields.priority === undefined ? undefined : number32(fields.priority));
  add(LINUX.RTA_PREFSRC, fields.source && Buffer.from(fields.source));
  add(LINUX.RTA_GATEWAY, fields.gateway && Buffer.from(fields.gateway));
  add(LINUX.RTA_OIF, fields.ifIndex === undefined ? undefined : number32(fields.ifIndex));
  add(LINUX.RTA_NH_ID, fields.nextHopId === undefined ? undefined : number32(fields.nextHopId));
  add(LINUX.RTA_MULTIPATH, fields.hops && Buffer.concat(fields.hops.map(hopBytes)));
  return Buffer.concat([header, ...attributes]);
}

/** `struct rtnexthop`. */
function hopBytes({ ifIndex, gateway, weight = 1 }: NonNullable<RouteFields['hops']>[number]): Buffer {
  const offsets = OFFSET['struct rtnexthop'];
  const via = gateway === undefined ? Buffer.alloc(0) : attribute(LINUX.RTA_GATEWAY, Buffer.from(gateway));
  const header = Buffer.alloc(SIZE['struct rtnexthop']);
  header.writeUInt16LE(header.length + via.length, offsets.rtnh_len);
  header[offsets.rtnh_hops] = weight - 1;
  header.writeUInt32LE(ifIndex, offsets.rtnh_ifindex);
  return Buffer.concat([header, via]);
}

export const newRoute = (fields: RouteFields, flags = 0): Buffer => buildMessage(LINUX.RTM_NEWROUTE, flags, 0, routeBody(fields));

export interface NeighborFields {
  readonly family?: number;
  readonly ifIndex: number;
  readonly state: number;
  readonly flags?: number;
  readonly address?: readonly number[];
  readonly hardwareAddress?: readonly number[];
  readonly vlan?: number;
  readonly vni?: number;
}

/** Body of a RTM_NEWNEIGH: `struct ndmsg` and attributes. */
export function neighborBody(fields: NeighborFields): Buffer {
  const offsets = OFFSET['struct ndmsg'];
  const header = Buffer.alloc(SIZE['struct ndmsg']);
  header[offsets.ndm_family] = fields.family ?? (fields.address?.length === 16 ? LINUX.AF_INET6 : LINUX.AF_INET);
  header.writeInt32LE(fields.ifIndex, offsets.ndm_ifindex);
  header.writeUInt16LE(fields.state, offsets.ndm_state);
  header[offsets.ndm_flags] = fields.flags ?? 0;
  const attributes: Buffer[] = [];
  if (fields.address !== undefined) attributes.push(attribute(LINUX.NDA_DST, Buffer.from(fields.address)));
  if (fields.hardwareAddress !== undefined) attributes.push(attribute(LINUX.NDA_LLADDR, Buffer.from(fields.hardwareAddress)));
  if (fields.vlan !== undefined) attributes.push(attribute(LINUX.NDA_VLAN, number16(fields.vlan)));
  if (fields.vni !== undefined) attributes.push(attribute(LINUX.NDA_VNI, number32(fields.vni)));
  return Buffer.concat([header, ...attributes]);
}

export const newNeighbor = (fields: NeighborFields): Buffer => buildMessage(LINUX.RTM_NEWNEIGH, 0, 0, neighborBody(fields));
