/** Neighbours that tell about themselves: LLDP (IEEE 802.1AB), CDP (Cisco), and the Ethernet configuration test protocol (loopback). */

import type { Cursor } from './cursor.js';
import { LAYER, STOP } from './layers.js';

const LLDP_END = 0;
const LLDP_CHASSIS = 1;
const LLDP_PORT = 2;
const LLDP_TTL = 3;

/** Every announcement begins with chassis, port and time to live, and ends with an end. */
const LLDP_MANDATORY = 4;

export function decodeLldp(at: Cursor): number {
  let count = 0;
  let ended = false;
  let chassis = false;
  let port = false;
  for (let entry = 0; entry < at.remaining && !ended; count++) {
    if (entry + 2 > at.remaining) return at.broken(LAYER.LinkLayerDiscovery);
    const type = at.u8(entry) >> 1;
    const length = at.u16(entry) & 0x1ff;
    if (entry + 2 + length > at.remaining) return at.broken(LAYER.LinkLayerDiscovery);
    if ((type === LLDP_CHASSIS || type === LLDP_PORT || type === LLDP_TTL) && length < 2) return at.broken(LAYER.LinkLayerDiscovery);
    if (type === LLDP_CHASSIS) chassis = at.u8(entry + 2) !== 0;
    if (type === LLDP_PORT) port = at.u8(entry + 2) !== 0;
    ended = type === LLDP_END;
    entry += 2 + length;
  }
  if (count < LLDP_MANDATORY || !ended || !chassis || !port) return at.broken(LAYER.LinkLayerDiscovery);
  if (at.layer(LAYER.LinkLayerDiscovery, 0)) at.layer(LAYER.LinkLayerDiscoveryInfo, at.remaining);
  return STOP;
}

const CDP_HEADER_LENGTH = 4;
const CDP_ENTRY_LENGTH = 4;

export function decodeCdp(at: Cursor): number {
  if (at.remaining < CDP_HEADER_LENGTH || at.u8(0) < 1 || at.u8(0) > 2) return at.broken(LAYER.CiscoDiscovery);
  let entry = CDP_HEADER_LENGTH;
  while (entry + CDP_ENTRY_LENGTH <= at.remaining) {
    const length = at.u16(entry + 2);
    if (length < CDP_ENTRY_LENGTH) return at.broken(LAYER.CiscoDiscovery);
    entry += length;
  }
  if (entry !== at.remaining) return at.broken(LAYER.CiscoDiscovery);
  const hasEntries = at.remaining > CDP_HEADER_LENGTH;
  if (at.layer(LAYER.CiscoDiscovery, CDP_HEADER_LENGTH) && hasEntries) at.layer(LAYER.CiscoDiscoveryInfo, at.remaining);
  return STOP;
}

const CTP_REPLY = 1;
const CTP_FORWARD = 2;
const CTP_FORWARD_LENGTH = 8;

export function decodeEthernetCtp(at: Cursor): number {
  if (at.remaining < 2 || (at.u8(0) & 1) === 1) return at.broken(LAYER.EthernetCTP);
  let more = at.layer(LAYER.EthernetCTP, 2);
  // Numbers of this protocol have their low byte first.
  while (more && at.remaining > 0) {
    const kind = at.remaining < 4 ? 0 : at.u8(0) | (at.u8(1) << 8);
    if (kind === CTP_REPLY) more = at.layer(LAYER.EthernetCTPReply, at.remaining);
    else if (kind === CTP_FORWARD && at.remaining >= CTP_FORWARD_LENGTH) more = at.layer(LAYER.EthernetCTPForwardData, CTP_FORWARD_LENGTH);
    else return at.broken(LAYER.EthernetCTP);
  }
  return STOP;
}
