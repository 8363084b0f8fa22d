import { PACKET } from './packetAbi.js';
import { LINK_TYPE } from './interface.js';

/** How many frames on the wire a frame is that the kernel, or a network card for it, has joined or will split. */

const ETHER_TYPE = { ipv4: 0x0800, ipv6: 0x86dd, vlan: 0x8100, providerVlan: 0x88a8 } as const;
const MAC_BYTES = 12;
const TAG_BYTES = 4;
const IPV6_BYTES = 40;
const TCP = 6;
const UDP = 17;
const UDP_BYTES = 8;

/** What the kernel says of such a frame: `struct virtio_net_hdr`. */
export interface OffloadHeader {
  /** VIRTIO_NET_HDR_GSO_* */
  readonly type: number;
  /** Payload bytes of each frame. */
  readonly size: number;
  /** Bytes that lie in one piece of memory: the headers of what is sent, but also payload of what was received. */
  readonly inOnePiece: number;
}

/** Payload in parts of `size`. `captured` bytes of the frame's `length` are there from `offset` on. */
export function wireSegments(
  bytes: Uint8Array,
  offset: number,
  captured: number,
  length: number,
  linkType: number,
  { type, size, inOnePiece }: OffloadHeader,
): number {
  if (type === PACKET.VIRTIO_NET_HDR_GSO_NONE || size === 0) return 1;
  const headers = headerBytes(bytes, offset, offset + captured, linkType, type) ?? (inOnePiece > size ? inOnePiece - size : inOnePiece);
  return Math.max(1, Math.ceil((length - headers) / size));
}

/** Bytes of all headers before the payload that is joined; `undefined` where that lies deeper, in a tunnel. */
function headerBytes(bytes: Uint8Array, offset: number, end: number, linkType: number, type: number): number | undefined {
  const word = (at: number): number => (at + 2 <= end ? (bytes[at]! << 8) | bytes[at + 1]! : 0);
  let at = offset;
  if (linkType === LINK_TYPE.ethernet) {
    at += MAC_BYTES;
    while (word(at) === ETHER_TYPE.vlan || word(at) === ETHER_TYPE.providerVlan) at += TAG_BYTES;
    if (word(at) !== ETHER_TYPE.ipv4 && word(at) !== ETHER_TYPE.ipv6) return undefined;
    at += 2;
  }
  const isV6 = bytes[at]! >> 4 === 6;
  const protocol = bytes[at + (isV6 ? 6 : 9)];
  at += isV6 ? IPV6_BYTES : (bytes[at]! & 0x0f) * 4;
  const isStream = type === PACKET.VIRTIO_NET_HDR_GSO_TCPV4 || type === PACKET.VIRTIO_NET_HDR_GSO_TCPV6;
  if (protocol !== (isStream ? TCP : UDP)) return undefined;
  if (!isStream) return at + UDP_BYTES - offset;
  return at + 12 < end ? at + (bytes[at + 12]! >> 4) * 4 - offset : undefined;
}
