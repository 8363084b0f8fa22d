import { LINUX, OFFSET, SIZE } from '../abi.js';
import { decodeLinkInfo, type LinkInfo } from './linkInfo.js';
import { attribute, eachAttribute, number32, readHardwareAddress, readS32, readText, readU32, readU8 } from './message.js';

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

/** `undefined` when the bytes are not a link message. */
export function decodeLink(body: Buffer): LinkMessage | undefined {
  if (body.length < HEADER_SIZE) return undefined;
  let name = '';
  const alternativeNames: string[] = [];
  let alias: string | undefined;
  let mtu = 0;
  let hardwareAddress: string | undefined;
  let permanentAddress: string | undefined;
  let operState = 0;
  let masterIndex = 0;
  let parentIndex = 0;
  let parentNsId: number | undefined;
  let info: LinkInfo = {};
  let movedToNsId: number | undefined;
  let movedToIfIndex: number | undefined;
  const isWhole = eachAttribute(body, HEADER_SIZE, body.length, (type, at, length) => {
    switch (type) {
      case LINUX.IFLA_IFNAME:
        return void (name = readText(body, at, length));
      case LINUX.IFLA_IFALIAS:
        return void (alias = readText(body, at, length) || undefined);
      case LINUX.IFLA_PROP_LIST:
        eachAttribute(body, at, at + length, (property, start, size) => {
          if (property === LINUX.IFLA_ALT_IFNAME) alternativeNames.push(readText(body, start, size));
        });
        return;
      case LINUX.IFLA_MTU:
        return void (mtu = readU32(body, at, length) ?? 0);
      case LINUX.IFLA_ADDRESS:
        return void (hardwareAddress = readHardwareAddress(body, at, length));
      case LINUX.IFLA_PERM_ADDRESS:
        return void (permanentAddress = readHardwareAddress(body, at, length));
      case LINUX.IFLA_OPERSTATE:
        return void (operState = readU8(body, at, length) ?? 0);
      case LINUX.IFLA_MASTER:
        return void (masterIndex = readU32(body, at, length) ?? 0);
      case LINUX.IFLA_LINK:
        return void (parentIndex = readU32(body, at, length) ?? 0);
      case LINUX.IFLA_LINK_NETNSID:
        return void (parentNsId = nonNegative(readS32(body, at, length)));
      case LINUX.IFLA_LINKINFO:
        return void (info = decodeLinkInfo(body, at, length));
      case LINUX.IFLA_NEW_NETNSID:
        return void (movedToNsId = nonNegative(readS32(body, at, length)));
      case LINUX.IFLA_NEW_IFINDEX:
        return void (movedToIfIndex = readU32(body, at, length));
    }
  });
  const ifIndex = body.readInt32LE(FIELDS.ifi_index);
  if (!isWhole || ifIndex <= 0) return undefined;
  return {
    family: body.readUInt8(FIELDS.ifi_family),
    hardwareType: body.readUInt16LE(FIELDS.ifi_type),
    ifIndex,
    flags: body.readUInt32LE(FIELDS.ifi_flags),
    name,
    alternativeNames,
    alias,
    mtu,
    hardwareAddress,
    permanentAddress,
    operState,
    masterIndex,
    parentIndex,
    parentNsId,
    info,
    movedToNsId,
    movedToIfIndex,
  };
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
