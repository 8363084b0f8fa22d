import { LINUX, OFFSET, SIZE } from '../abi.js';
import { IPV4_LENGTH, IPV6_LENGTH, ipText } from './ipAddress.js';
import { eachAttribute } from './message.js';

/** RTM_NEWADDR, RTM_DELADDR, RTM_GETADDR: `struct ifaddrmsg` and IFA attributes (linux/if_addr.h). */

const FIELDS = OFFSET['struct ifaddrmsg'];
const HEADER_SIZE = SIZE['struct ifaddrmsg'];

export interface AddressMessage {
  readonly family: 'IPV4' | 'IPV6';
  readonly ifIndex: number;
  /** `10.0.0.1/24` */
  readonly cidr: string;
}

/** `undefined` when the bytes are not an address of IPv4 or IPv6. */
export function decodeAddress(body: Buffer): AddressMessage | undefined {
  if (body.length < HEADER_SIZE) return undefined;
  const family = body.readUInt8(FIELDS.ifa_family);
  const addressLength = family === LINUX.AF_INET ? IPV4_LENGTH : family === LINUX.AF_INET6 ? IPV6_LENGTH : 0;
  let address: string | undefined;
  let local: string | undefined;
  const isWhole = eachAttribute(body, HEADER_SIZE, body.length, (type, at, length) => {
    if (length !== addressLength) return;
    if (type === LINUX.IFA_ADDRESS) address = ipText(body, at, length);
    else if (type === LINUX.IFA_LOCAL) local = ipText(body, at, length);
  });
  // On a point-to-point link IFA_ADDRESS is the other side's.
  const own = local ?? address;
  const ifIndex = body.readUInt32LE(FIELDS.ifa_index);
  const prefixLength = body.readUInt8(FIELDS.ifa_prefixlen);
  if (!isWhole || own === undefined || ifIndex === 0 || prefixLength > addressLength * 8) return undefined;
  return { family: family === LINUX.AF_INET ? 'IPV4' : 'IPV6', ifIndex, cidr: `${own}/${prefixLength}` };
}

/** Header of a request for all addresses. */
export const addressHeader = (): Buffer => Buffer.alloc(HEADER_SIZE);
