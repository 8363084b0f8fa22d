import { LINUX, OFFSET, SIZE } from '../abi.js';
import { IPV4_LENGTH, IPV6_LENGTH, ipText } from './ipAddress.js';
import { attribute, eachAttribute, number32, readU32 } from './message.js';

/** RTM_NEWROUTE, RTM_DELROUTE, RTM_GETROUTE: `struct rtmsg` and RTA attributes (linux/rtnetlink.h). */

const FIELDS = OFFSET['struct rtmsg'];
const HEADER_SIZE = SIZE['struct rtmsg'];
const HOP = OFFSET['struct rtnexthop'];
const HOP_SIZE = SIZE['struct rtnexthop'];
/** `struct rtvia`: a family of two bytes before the address. */
const VIA_FAMILY_SIZE = 2;

/** One way on of a route. */
export interface RouteHop {
  /** 0 where the route leads nowhere (blackhole, unreachable, …). */
  readonly ifIndex: number;
  /** `undefined` for a destination on the link itself. */
  readonly gateway: string | undefined;
  /** Share of a multipath route, from 1. */
  readonly weight: number;
}

export interface RouteMessage {
  readonly isIPv6: boolean;
  readonly table: number;
  /** RTPROT number: who made it. */
  readonly protocol: number;
  /** RTN number: 1 unicast, 2 local, 6 blackhole, …. */
  readonly type: number;
  readonly tos: number;
  readonly priority: number;
  /** `10.0.0.0/24`; `0.0.0.0/0` and `::/0` are the default routes. */
  readonly prefix: string;
  /** Where it is only for packets from there (IPv6). */
  readonly from: string | undefined;
  /** Preferred source address. */
  readonly source: string | undefined;
  readonly hops: readonly RouteHop[];
  /** Number of its next-hop object; the hops are then empty on kernels that are told to leave them out. */
  readonly nextHopId: number | undefined;
}

/** `undefined` when the bytes are not a route of IPv4 or IPv6, `'other'` when they are one that is not kept: a cached clone, multicast forwarding. */
export function decodeRoute(body: Buffer): RouteMessage | 'other' | undefined {
  if (body.length < HEADER_SIZE) return undefined;
  const family = body[FIELDS.rtm_family];
  if (family !== LINUX.AF_INET && family !== LINUX.AF_INET6) return 'other';
  if ((body.readUInt32LE(FIELDS.rtm_flags) & LINUX.RTM_F_CLONED) !== 0) return 'other';
  const isIPv6 = family === LINUX.AF_INET6;
  const addressLength = isIPv6 ? IPV6_LENGTH : IPV4_LENGTH;
  const prefixLength = body[FIELDS.rtm_dst_len]!;
  const fromLength = body[FIELDS.rtm_src_len]!;
  let table = body[FIELDS.rtm_table]!;
  let destination: string | undefined = isIPv6 ? '::' : '0.0.0.0';
  let from: string | undefined;
  let source: string | undefined;
  let gateway: string | undefined;
  let ifIndex = 0;
  let priority = 0;
  let hops: RouteHop[] | undefined;
  let nextHopId: number | undefined;
  let isSound = true;
  const address = (at: number, length: number): string | undefined => {
    if (length !== addressLength) isSound = false;
    return ipText(body, at, length);
  };
  const isWhole = eachAttribute(body, HEADER_SIZE, body.length, (type, at, length) => {
    switch (type) {
      case LINUX.RTA_DST:
        return void (destination = address(at, length));
      case LINUX.RTA_SRC:
        return void (from = address(at, length));
      case LINUX.RTA_PREFSRC:
        return void (source = address(at, length));
      case LINUX.RTA_GATEWAY:
        return void (gateway = address(at, length));
      case LINUX.RTA_VIA:
        return void (gateway = ipText(body, at + VIA_FAMILY_SIZE, length - VIA_FAMILY_SIZE));
      case LINUX.RTA_OIF:
        return void (ifIndex = readU32(body, at, length) ?? 0);
      case LINUX.RTA_PRIORITY:
        return void (priority = readU32(body, at, length) ?? 0);
      case LINUX.RTA_TABLE:
        return void (table = readU32(body, at, length) ?? table);
      case LINUX.RTA_NH_ID:
        return void (nextHopId = readU32(body, at, length));
      case LINUX.RTA_MULTIPATH:
        hops = decodeHops(body, at, length);
        if (hops === undefined) isSound = false;
    }
  });
  if (!isWhole || !isSound || prefixLength > addressLength * 8 || fromLength > addressLength * 8) return undefined;
  return {
    isIPv6,
    table,
    protocol: body[FIELDS.rtm_protocol]!,
    type: body[FIELDS.rtm_type]!,
    tos: body[FIELDS.rtm_tos]!,
    priority,
    prefix: `${destination}/${prefixLength}`,
    from: from === undefined ? undefined : `${from}/${fromLength}`,
    source,
    hops: hops ?? (ifIndex === 0 && gateway === undefined ? [] : [{ ifIndex, gateway, weight: 1 }]),
    nextHopId,
  };
}

/** RTA_MULTIPATH: `struct rtnexthop`, each with attributes of its own. */
function decodeHops(bytes: Buffer, start: number, size: number): RouteHop[] | undefined {
  const hops: RouteHop[] = [];
  const end = start + size;
  let hop = start;
  while (hop < end) {
    if (end - hop < HOP_SIZE) return undefined;
    const hopLength = bytes.readUInt16LE(hop + HOP.rtnh_len);
    if (hopLength < HOP_SIZE || hopLength > end - hop) return undefined;
    let gateway: string | undefined;
    const isWhole = eachAttribute(bytes, hop + HOP_SIZE, hop + hopLength, (type, at, length) => {
      if (type === LINUX.RTA_GATEWAY) gateway = ipText(bytes, at, length);
      else if (type === LINUX.RTA_VIA) gateway = ipText(bytes, at + VIA_FAMILY_SIZE, length - VIA_FAMILY_SIZE);
    });
    if (!isWhole) return undefined;
    // The kernel counts the weight from 0.
    hops.push({ ifIndex: bytes.readUInt32LE(hop + HOP.rtnh_ifindex), gateway, weight: bytes[hop + HOP.rtnh_hops]! + 1 });
    hop += (hopLength + 3) & ~3;
  }
  return hops;
}

/** Header of a request for all routes of a family, in every table. */
export function routeHeader(family: number): Buffer {
  const header = Buffer.alloc(HEADER_SIZE);
  header.writeUInt8(family, FIELDS.rtm_family);
  return header;
}

/** Asks for routes that leave through one interface only; kernels without strict checking answer all. */
export const throughInterface = (ifIndex: number): Buffer => attribute(LINUX.RTA_OIF, number32(ifIndex));
