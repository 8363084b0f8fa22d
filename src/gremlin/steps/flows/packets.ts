import type { RawPacket } from '../../../flow/flow.js';

/** A packet in Skydive's form: its bytes are base64, and nothing is said of nanoseconds and what was cut off. */
export type PacketJson = Pick<RawPacket, 'Timestamp' | 'Index' | 'LinkType'> & { readonly Data: string };

/** What a packet was made from: filters and capture files need what its form does not say. */
const originals = new WeakMap<PacketJson, RawPacket>();

export function packetJson(packet: RawPacket): PacketJson {
  const { Timestamp, Index, Data, LinkType } = packet;
  const json = { Timestamp, Index, Data: Buffer.from(Data.buffer, Data.byteOffset, Data.byteLength).toString('base64'), LinkType };
  originals.set(json, packet);
  return json;
}

export function packetFrom(packet: PacketJson): RawPacket {
  const original = originals.get(packet);
  if (original !== undefined) return original;
  const Data = Buffer.from(packet.Data, 'base64');
  return { ...packet, Nanos: 0, Data, WireLength: Data.length };
}
