/** DHCPv4 (RFC 2131) and DHCPv6 (RFC 8415). */

import type { Cursor } from './cursor.js';
import { LAYER, STOP } from './layers.js';

const V4_FIXED_LENGTH = 240;
const V4_MAGIC = 0x63825363;
const V4_PAD = 0;
const V4_END = 255;
/** The longest hardware address that Skydive can hold; one of more than 16 bytes is nonsense in any case (RFC 2131 §2). */
const V4_MOST_HARDWARE_LENGTH = 227;

function v4OptionsAreWhole(at: Cursor): boolean {
  for (let option = V4_FIXED_LENGTH; option < at.remaining;) {
    const kind = at.u8(option);
    if (kind === V4_END) return true;
    if (kind === V4_PAD) option++;
    else {
      if (option + 2 > at.remaining || option + 2 + at.u8(option + 1) > at.remaining) return false;
      option += 2 + at.u8(option + 1);
    }
  }
  return true;
}

export function decodeDhcpv4(at: Cursor): number {
  if (at.remaining < V4_FIXED_LENGTH || at.i32(V4_FIXED_LENGTH - 4) !== V4_MAGIC || at.u8(2) > V4_MOST_HARDWARE_LENGTH)
    return at.broken(LAYER.DHCPv4);
  if (!v4OptionsAreWhole(at)) return at.broken(LAYER.DHCPv4);
  if (at.slice.dhcpAt === 0) {
    at.slice.dhcpAt = at.position;
    at.slice.extraEnd = at.end;
  }
  at.layer(LAYER.DHCPv4, at.remaining);
  return STOP;
}

const V6_FIXED_LENGTH = 4;
const V6_RELAY_LENGTH = 34;
const V6_RELAY_FORWARD = 12;
const V6_RELAY_REPLY = 13;

export function decodeDhcpv6(at: Cursor): number {
  if (at.remaining < V6_FIXED_LENGTH) return at.broken(LAYER.DHCPv6);
  const type = at.u8(0);
  let option = type === V6_RELAY_FORWARD || type === V6_RELAY_REPLY ? V6_RELAY_LENGTH : V6_FIXED_LENGTH;
  while (option + 4 <= at.remaining) option += 4 + at.u16(option + 2);
  if (option !== at.remaining) return at.broken(LAYER.DHCPv6);
  at.layer(LAYER.DHCPv6, at.remaining);
  return STOP;
}
