import { LINUX, OFFSET, SIZE } from '../abi.js';
import { AttributeTable } from './attributeTable.js';
import { decodeLinkInfo, type LinkInfo } from './linkInfo.js';
import { attribute, eachAttribute, number32, readText, viewOf } from './message.js';
import type { RouteRequests } from './requests.js';

/** RTM_NEWLINK, RTM_DELLINK, RTM_GETLINK: `struct ifinfomsg` and IFLA attributes (linux/if_link.h). */

const FIELDS = OFFSET['struct ifinfomsg'];
const HEADER_SIZE = SIZE['struct ifinfomsg'];

/** What the kernel says about a link in one message. */
export interface LinkMessage {
  /** `AF_UNSPEC` for the link itself; others (`AF_BRIDGE`) tell only of a part of it. */
  readonly family: number;
  /** ARPHRD number (net/if_arp.h). */
  readonly hardwareType: number;
  readonly ifIndex: number;
  /** IFF flags. */
  readonly flags: number;
  readonly name: string;
  /** Other names of the same link (`altname`). */
  readonly alternativeNames: readonly string[];
  /** What people wrote on it. */
  readonly alias: string | undefined;
  readonly mtu: number;
  readonly hardwareAddress: string | undefined;
  /** The address that was burnt in; only on hardware. */
  readonly permanentAddress: string | undefined;
  /** IF_OPER number (linux/if.h). */
  readonly operState: number;
  /** Index of the bridge, bond, … that it belongs to; 0 for none. */
  readonly masterIndex: number;
  /** Index of the link below it, or of the other end of a veth pair; 0 for none. */
  readonly parentIndex: number;
  /** In which namespace the parent is, as this namespace numbers them; `undefined` for the same one. */
  readonly parentNsId: number | undefined;
  readonly info: LinkInfo;
  /** In a DELLINK of a link that moves: where to, as the old namespace numbers them, and its index there. */
  readonly movedToNsId: number | undefined;
  readonly movedToIfIndex: number | undefined;
}

/** Filled anew for each message. */
const attributes = new AttributeTable(LINUX.IFLA_PERM_ADDRESS);
const NO_NAMES: readonly string[] = [];

/** Of what follows the header of a message; `undefined` when it is not a link. `view`: of the same memory. */
export function decodeLink(body: Buffer, start = 0, end = body.length, view = viewOf(body)): LinkMessage | undefined {
  if (end - start < HEADER_SIZE || !attributes.fill(view, start + HEADER_SIZE, end)) return undefined;
  const ifIndex = view.getInt32(start + FIELDS.ifi_index, true);
  if (ifIndex <= 0) return undefined;
  return {
    family: body[start + FIELDS.ifi_family]!,
    hardwareType: view.getUint16(start + FIELDS.ifi_type, true),
    ifIndex,
    flags: view.getUint32(start + FIELDS.ifi_flags, true),
    name: attributes.text(body, LINUX.IFLA_IFNAME),
    alternativeNames: readAlternativeNames(body),
    alias: attributes.text(body, LINUX.IFLA_IFALIAS) || undefined,
    mtu: attributes.u32(view, LINUX.IFLA_MTU) ?? 0,
    hardwareAddress: attributes.hardwareAddress(body, LINUX.IFLA_ADDRESS),
    permanentAddress: attributes.hardwareAddress(body, LINUX.IFLA_PERM_ADDRESS),
    operState: attributes.u8(view, LINUX.IFLA_OPERSTATE) ?? 0,
    masterIndex: attributes.u32(view, LINUX.IFLA_MASTER) ?? 0,
    parentIndex: attributes.u32(view, LINUX.IFLA_LINK) ?? 0,
    parentNsId: nonNegative(attributes.s32(view, LINUX.IFLA_LINK_NETNSID)),
    info: decodeLinkInfo(body, view, attributes.placeOf(LINUX.IFLA_LINKINFO), attributes.lengthOf(LINUX.IFLA_LINKINFO)),
    movedToNsId: nonNegative(attributes.s32(view, LINUX.IFLA_NEW_NETNSID)),
    movedToIfIndex: attributes.u32(view, LINUX.IFLA_NEW_IFINDEX),
  };
}

/** Few links have any. */
function readAlternativeNames(body: Buffer): readonly string[] {
  const size = attributes.lengthOf(LINUX.IFLA_PROP_LIST);
  if (size === 0) return NO_NAMES;
  const names: string[] = [];
  const start = attributes.placeOf(LINUX.IFLA_PROP_LIST);
  eachAttribute(body, start, start + size, (type, at, length) => {
    if (type === LINUX.IFLA_ALT_IFNAME) names.push(readText(body, at, length));
  });
  return names;
}

/** The kernel says -1 for "not numbered". */
const nonNegative = (value: number | undefined): number | undefined => (value === undefined || value < 0 ? undefined : value);

/** Header of a request for one link, or with index 0 for all. */
export function linkHeader(ifIndex: number): Buffer {
  const header = Buffer.alloc(HEADER_SIZE);
  header.writeInt32LE(ifIndex, FIELDS.ifi_index);
  return header;
}

/** Keeps counters out of the answers: they are asked for on their own. */
export const withoutStatistics = attribute(LINUX.IFLA_EXT_MASK, number32(LINUX.RTEXT_FILTER_SKIP_STATS));

/** Asks for the virtual functions too, which events never tell of. */
export const withVirtualFunctions = attribute(LINUX.IFLA_EXT_MASK, number32(LINUX.RTEXT_FILTER_SKIP_STATS | LINUX.RTEXT_FILTER_VF));

/** All links of the namespace, without their counters. Throws `SYSTEM_CALL`. */
export function dumpLinks(requests: RouteRequests): LinkMessage[] {
  return requests.dump(
    { type: LINUX.RTM_GETLINK, header: linkHeader(0), attributes: [withoutStatistics] },
    ({ type, bytes, start, end }) => {
      const link = type === LINUX.RTM_NEWLINK ? decodeLink(bytes, start, end) : undefined;
      if (link === undefined) requests.malformed++;
      return link;
    },
  );
}
