import ipaddr from 'ipaddr.js';
import { LINUX, OFFSET, SIZE } from '../abi.js';
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
  const length = family === LINUX.AF_INET ? 4 : family === LINUX.AF_INET6 ? 16 : 0;
  let address: Buffer | undefined;
  let local: Buffer | undefined;
  const isWhole = eachAttribute(body, HEADER_SIZE, (type, value) => {
    if (value.length !== length) return;
    if (type === LINUX.IFA_ADDRESS) address = value;
    else if (type === LINUX.IFA_LOCAL) local = value;
  });
  // On a point-to-point link IFA_ADDRESS is the other side's.
  const own = local ?? address;
  const ifIndex = body.readUInt32LE(FIELDS.ifa_index);
  const prefixLength = body.readUInt8(FIELDS.ifa_prefixlen);
  if (!isWhole || own === undefined || ifIndex === 0 || prefixLength > length * 8) return undefined;
  return { family: length === 4 ? 'IPV4' : 'IPV6', ifIndex, cidr: `${ipaddr.fromByteArray([...own]).toString()}/${prefixLength}` };
}

/** Header of a request for all addresses. */
export const addressHeader = (): Buffer => Buffer.alloc(HEADER_SIZE);
