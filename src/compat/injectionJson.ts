import type { JsonObject } from '../common/json.js';
import type { Injection } from '../services/injections/injection.js';

/** All fields, as old clients have them. Which node sends is known by its id. */
export const injectionJson = (injection: Injection): JsonObject => ({
  UUID: injection.id,
  Src: `G.V('${injection.node}')`,
  Dst: '',
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
