import type { JsonObject } from '../common/json.js';
import type { Injection } from '../services/injections/injection.js';

/** All fields, as old clients have them: what was asked for as it was said, and what else holds. A node that was asked for by its id is told so. */
export const injectionJson = ({ id, asked, ...injection }: Injection): JsonObject => ({
  UUID: id,
  Src: asked.src || `G.V('${injection.node}')`,
  Dst: asked.dst,
  SrcIP: asked.srcIp ?? '',
  DstIP: asked.dstIp ?? '',
  SrcMAC: asked.srcMac ?? '',
  DstMAC: asked.dstMac ?? '',
  SrcPort: asked.srcPort ?? 0,
  DstPort: asked.dstPort ?? 0,
  Type: injection.type,
  Payload: asked.payload ?? '',
  ICMPID: asked.icmpId ?? 0,
  Count: injection.count,
  Interval: injection.interval,
  Mode: injection.mode,
  IncrementPayload: injection.incrementPayload,
  StartTime: new Date(injection.startedAt).toISOString(),
  Pcap: null,
  TTL: injection.ttl,
});
