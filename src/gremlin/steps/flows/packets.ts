import type { RawPacket } from '../../../flow/flow.js';

/** A packet in Skydive's form: its bytes are base64. */
export type PacketJson = { readonly [Key in keyof RawPacket]: Key extends 'Data' ? string : RawPacket[Key] };

export const packetJson = ({ Timestamp, Index, Data, LinkType }: RawPacket): PacketJson => ({
  Timestamp,
  Index,
  Data: Buffer.from(Data.buffer, Data.byteOffset, Data.byteLength).toString('base64'),
  LinkType,
});

export const packetFrom = (packet: PacketJson): RawPacket => ({ ...packet, Data: Buffer.from(packet.Data, 'base64') });
