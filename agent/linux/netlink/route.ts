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
  const address = (value: Buffer): string | undefined => {
    if (value.length !== addressLength) isSound = false;
    return ipText(value);
  };
  const isWhole = eachAttribute(body, HEADER_SIZE, (type, value) => {
    switch (type) {
      case LINUX.RTA_DST:
        return void (destination = address(value));
      case LINUX.RTA_SRC:
        return void (from = address(value));
      case LINUX.RTA_PREFSRC:
        return void (source = address(value));
      case LINUX.RTA_GATEWAY:
        return void (gateway = address(value));
      case LINUX.RTA_VIA:
        return void (gateway = ipText(value.subarray(VIA_FAMILY_SIZE)));
      case LINUX.RTA_OIF:
        return void (ifIndex = readU32(value) ?? 0);
      case LINUX.RTA_PRIORITY:
        return void (priority = readU32(value) ?? 0);
      case LINUX.RTA_TABLE:
        return void (table = readU32(value) ?? table);
      case LINUX.RTA_NH_ID:
        return void (nextHopId = readU32(value));
      case LINUX.RTA_MULTIPATH:
        hops = decodeHops(value);
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
function decodeHops(bytes: Buffer): RouteHop[] | undefined {
  const hops: RouteHop[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (bytes.length - at < HOP_SIZE) return undefined;
    const length = bytes.readUInt16LE(at + HOP.rtnh_len);
    if (length < HOP_SIZE || length > bytes.length - at) return undefined;
    let gateway: string | undefined;
    const isWhole = eachAttribute(bytes.subarray(at, at + length), HOP_SIZE, (type, value) => {
      if (type === LINUX.RTA_GATEWAY) gateway = ipText(value);
      else if (type === LINUX.RTA_VIA) gateway = ipText(value.subarray(VIA_FAMILY_SIZE));
    });
    if (!isWhole) return undefined;
    // The kernel counts the weight from 0.
    hops.push({ ifIndex: bytes.readUInt32LE(at + HOP.rtnh_ifindex), gateway, weight: bytes[at + HOP.rtnh_hops]! + 1 });
    at += (length + 3) & ~3;
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
