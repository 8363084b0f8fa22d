import type { RawPacket } from '../../flow/flow.js';
import { isTime } from './numbering.js';
import type { WireField } from './wire.js';

/**
 * A kept packet, `undefined` where it cannot be told which field is which: the bytes are the data, the number that is a time the
 * timestamp, and of the two others the lower-numbered counts packets and the higher-numbered names the kind of link; neither is ever 0
 * for what agents capture, except the kind of a loopback of BSD.
 */
export function readRawPacket(fields: readonly WireField[]): RawPacket | undefined {
  const data = fields.filter(({ bytes }) => bytes !== undefined);
  const numbers = fields.flatMap(({ value }) => (value === undefined ? [] : [value]));
  const [timestamp, ...more] = numbers.filter(isTime);
  const [index, linkType = 0, ...others] = numbers.filter((value) => !isTime(value));
  if (data.length !== 1 || timestamp === undefined || more.length > 0 || index === undefined || others.length > 0) return undefined;
  const bytes = Uint8Array.from(data[0]!.bytes!);
  // How long a packet was that was cut is not told.
  return { Timestamp: timestamp, Nanos: 0, Index: index, Data: bytes, WireLength: bytes.length, LinkType: linkType };
}
