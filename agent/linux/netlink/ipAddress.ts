import ipaddr from 'ipaddr.js';

/** Bytes of an address of IPv4 and of IPv6. */
export const IPV4_LENGTH = 4;
export const IPV6_LENGTH = 16;

/** An IP address as people write it (IPv6 by RFC 5952); `undefined` for bytes of another length. */
export function ipText(bytes: Buffer): string | undefined {
  // Written by hand, because a storm of routes is mostly this.
  if (bytes.length === IPV4_LENGTH) return `${bytes[0]}.${bytes[1]}.${bytes[2]}.${bytes[3]}`;
  return bytes.length === IPV6_LENGTH ? ipaddr.fromByteArray([...bytes]).toString() : undefined;
}
