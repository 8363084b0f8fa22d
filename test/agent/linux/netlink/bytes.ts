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
