import type { IcmpType } from '../../src/flow/flow.js';

/** Types of ICMP messages as flows name them (flows.md §1.1); what is not here is `UNKNOWN`. */
export const ICMP_V4: Readonly<Record<number, IcmpType>> = {
  0: 'ECHO',
  3: 'DESTINATION_UNREACHABLE',
  4: 'SOURCE_QUENCH',
  5: 'REDIRECT',
  8: 'ECHO',
  9: 'ROUTER',
  10: 'ROUTER',
  11: 'TIME_EXCEEDED',
  12: 'PARAMETER_PROBLEM',
  13: 'TIMESTAMP',
  14: 'TIMESTAMP',
  15: 'INFO',
  16: 'INFO',
  17: 'ADDRESS_MASK',
  18: 'ADDRESS_MASK',
};

/** The same of ICMPv6. */
export const ICMP_V6: Readonly<Record<number, IcmpType>> = {
  1: 'DESTINATION_UNREACHABLE',
  2: 'PACKET_TOO_BIG',
  3: 'TIME_EXCEEDED',
  4: 'PARAMETER_PROBLEM',
  128: 'ECHO',
  129: 'ECHO',
  133: 'ROUTER',
  134: 'ROUTER',
  135: 'NEIGHBOR',
  136: 'NEIGHBOR',
  137: 'REDIRECT',
};
