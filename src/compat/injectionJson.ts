import type { JsonObject } from '../common/json.js';
import type { Injection } from '../services/injections/injection.js';

/** All fields, as old clients have them. A node that was asked for by its id is told so. */
export const injectionJson = (injection: Injection): JsonObject => ({
  UUID: injection.id,
  Src: injection.asked.src || `G.V('${injection.node}')`,
  Dst: injection.asked.dst,
  SrcIP: injection.srcIp,
  DstIP: injection.dstIp,
  SrcMAC: injection.srcMac,
  DstMAC: injection.dstMac,
  SrcPort: injection.srcPort,
  DstPort: injection.dstPort,
  Type: injection.type,
  Payload: injection.payload,
  TrackingID: injection.trackingId ?? '',
  ICMPID: injection.icmpId,
  Count: injection.count,
  Interval: injection.interval,
  Mode: injection.mode,
  IncrementPayload: injection.incrementPayload,
  StartTime: new Date(injection.startedAt).toISOString(),
  Pcap: null,
  TTL: injection.ttl,
});
