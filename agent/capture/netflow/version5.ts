import { emptyRecord, type FlowRecord } from './record.js';

/** NetFlow version 5: a header of 24 bytes and up to 30 records of 48. Source: Cisco, "NetFlow Export Datagram Format", table B-3 and B-4. */

export const HEADER_BYTES = 24;
export const RECORD_BYTES = 48;
const MOST_RECORDS = 30;

const ip = (datagram: Buffer, at: number): string => `${datagram[at]}.${datagram[at + 1]}.${datagram[at + 2]}.${datagram[at + 3]}`;

/** Hands over the records of a datagram. Answers `false` when it is cut or says what cannot be; what was whole was handed over. */
export function readVersion5(datagram: Buffer, take: (record: FlowRecord) => void): boolean {
  if (datagram.length < HEADER_BYTES) return false;
  const count = datagram.readUInt16BE(2);
  const uptime = datagram.readUInt32BE(4);
  // Times of flows are milliseconds since the exporter started.
  const bootedAt = datagram.readUInt32BE(8) * 1_000 + Math.floor(datagram.readUInt32BE(12) / 1_000_000) - uptime;
  const whole = Math.min(count, Math.floor((datagram.length - HEADER_BYTES) / RECORD_BYTES), MOST_RECORDS);
  for (let index = 0; index < whole; index++) {
    const at = HEADER_BYTES + index * RECORD_BYTES;
    const record = emptyRecord();
    record.source = ip(datagram, at);
    record.destination = ip(datagram, at + 4);
    record.packets = datagram.readUInt32BE(at + 16);
    record.bytes = datagram.readUInt32BE(at + 20);
    record.start = bootedAt + datagram.readUInt32BE(at + 24);
    record.last = bootedAt + datagram.readUInt32BE(at + 28);
    record.sourcePort = datagram.readUInt16BE(at + 32);
    record.destinationPort = datagram.readUInt16BE(at + 34);
    record.tcpFlags = datagram[at + 37]!;
    record.protocol = datagram[at + 38]!;
    // Of ICMP the type and code stand where the destination port would.
    record.icmpTypeCode = record.destinationPort;
    take(record);
  }
  return whole === count;
}
