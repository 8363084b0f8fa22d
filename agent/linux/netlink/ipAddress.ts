import ipaddr from 'ipaddr.js';

/** Bytes of an address of IPv4 and of IPv6. */
export const IPV4_LENGTH = 4;
export const IPV6_LENGTH = 16;

/** An IP address as people write it (IPv6 by RFC 5952); `undefined` for bytes of another length. */
export function ipText(bytes: Buffer, at: number, length: number): string | undefined {
  // Written by hand, because a storm of routes is mostly this.
  if (length === IPV4_LENGTH) return `${bytes[at]}.${bytes[at + 1]}.${bytes[at + 2]}.${bytes[at + 3]}`;
  return length === IPV6_LENGTH ? ipaddr.fromByteArray([...bytes.subarray(at, at + length)]).toString() : undefined;
}
