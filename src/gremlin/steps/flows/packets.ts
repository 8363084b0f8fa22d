import type { RawPacket } from '../../../flow/flow.js';

/** A packet in Skydive's form: its bytes are base64, and nothing is said of nanoseconds and what was cut off. */
export type PacketJson = Pick<RawPacket, 'Timestamp' | 'Index' | 'LinkType'> & { readonly Data: string };

export const packetJson = ({ Timestamp, Index, Data, LinkType }: RawPacket): PacketJson => ({
  Timestamp,
  Index,
  Data: Buffer.from(Data.buffer, Data.byteOffset, Data.byteLength).toString('base64'),
  LinkType,
});

export function packetFrom(packet: PacketJson): RawPacket {
  const Data = Buffer.from(packet.Data, 'base64');
  return { ...packet, Nanos: 0, Data, WireLength: Data.length };
}
