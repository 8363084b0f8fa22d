/** What one record of NetFlow or IPFIX says of a flow; texts and numbers are reused from record to record. */
export interface FlowRecord {
  /** IPv4 or IPv6 as text; '' where it says none. */
  source: string;
  destination: string;
  sourcePort: number;
  destinationPort: number;
  /** IP protocol number. */
  protocol: number;
  packets: number;
  bytes: number;
  /** Of the other direction, in bidirectional records (RFC 5103); 0 without. */
  reversePackets: number;
  reverseBytes: number;
  /** Milliseconds since the epoch. */
  start: number;
  last: number;
  sourceMac: string;
  destinationMac: string;
  vlan: number;
  icmpTypeCode: number;
  tcpFlags: number;
}

export const emptyRecord = (): FlowRecord => ({
  source: '',
  destination: '',
  sourcePort: 0,
  destinationPort: 0,
  protocol: 0,
  packets: 0,
  bytes: 0,
  reversePackets: 0,
  reverseBytes: 0,
  start: 0,
  last: 0,
  sourceMac: '',
  destinationMac: '',
  vlan: 0,
  icmpTypeCode: 0,
  tcpFlags: 0,
});
