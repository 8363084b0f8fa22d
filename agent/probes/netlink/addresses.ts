import type { AddressMessage } from '../../linux/netlink/address.js';

/** Addresses by the link that has them, in the kernel's order. */
export function addressesByIndex(addresses: readonly AddressMessage[]): Map<number, AddressMessage[]> {
  const map = new Map<number, AddressMessage[]>();
  for (const address of addresses) {
    const list = map.get(address.ifIndex);
    if (list === undefined) map.set(address.ifIndex, [address]);
    else list.push(address);
  }
  return map;
}

/** The first IPv4 address is the primary one; the kernel's order of IPv6 addresses means nothing and differs from one dump to the next. */
export function inFamilies(addresses: readonly AddressMessage[]): { ipv4: string[]; ipv6: string[] } {
  const of = (wanted: AddressMessage['family']): string[] => addresses.filter(({ family }) => family === wanted).map(({ cidr }) => cidr);
  return { ipv4: of('IPV4'), ipv6: of('IPV6').sort() };
}
