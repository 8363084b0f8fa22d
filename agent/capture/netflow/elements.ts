/** Information elements that are read, by their number: the same in NetFlow v9 (RFC 3954 §8) and IPFIX (IANA, "IPFIX Information Elements"). */
export const ELEMENT = {
  octetDeltaCount: 1,
  packetDeltaCount: 2,
  protocolIdentifier: 4,
  tcpControlBits: 6,
  sourceTransportPort: 7,
  sourceIPv4Address: 8,
  destinationTransportPort: 11,
  destinationIPv4Address: 12,
  flowEndSysUpTime: 21,
  flowStartSysUpTime: 22,
  sourceIPv6Address: 27,
  destinationIPv6Address: 28,
  icmpTypeCodeIPv4: 32,
  sourceMacAddress: 56,
  postDestinationMacAddress: 57,
  vlanId: 58,
  destinationMacAddress: 80,
  octetTotalCount: 85,
  packetTotalCount: 86,
  icmpTypeCodeIPv6: 139,
  flowStartSeconds: 150,
  flowEndSeconds: 151,
  flowStartMilliseconds: 152,
  flowEndMilliseconds: 153,
  flowStartMicroseconds: 154,
  flowEndMicroseconds: 155,
  flowStartNanoseconds: 156,
  flowEndNanoseconds: 157,
  flowStartDeltaMicroseconds: 158,
  flowEndDeltaMicroseconds: 159,
  systemInitTimeMilliseconds: 160,
  icmpTypeIPv4: 176,
  icmpCodeIPv4: 177,
  icmpTypeIPv6: 178,
  icmpCodeIPv6: 179,
  dot1qVlanId: 243,
} as const;

/** Enterprise number of elements of the other direction, RFC 5103 §6.1. */
export const REVERSE_ENTERPRISE = 29_305;

/** Length of a field that says its own length in each record, RFC 7011 §7. */
export const VARIABLE_LENGTH = 0xffff;
