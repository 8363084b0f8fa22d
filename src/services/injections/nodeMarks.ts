import type { Json, JsonObject } from '../../common/json.js';
import type { Delta } from '../../graph/delta.js';
import { isJsonObject } from '../../graph/metadataPath.js';
import type { RecorderContract } from '../../journal/contracts.js';
import type { Sending } from './injection.js';

/** Who writes `PacketInjections` on nodes. */
const INJECTIONS_WRITER = 'canopy.injections';
const INJECTIONS_KEY = 'PacketInjections';

/** `PacketInjections` in the metadata of nodes, as Skydive has it: what is sent from there, as long as it is sent. */
export class InjectionMarks {
  private readonly marked = new Map<string, Map<string, JsonObject>>();

  constructor(private readonly recorder: RecorderContract) {}

  /** Shows how the injection of this id stands on one of its nodes. */
  write(id: string, sending: Sending): void {
    const { node, state, sent } = sending;
    const marks = this.marked.get(node) ?? new Map<string, JsonObject>();
    const isKnown = marks.has(id);
    if (state === 'ACTIVE') marks.set(id, markOf(id, sending));
    else if (!marks.delete(id)) return;
    if (marks.size === 0) this.marked.delete(node);
    else this.marked.set(node, marks);
    const counted: Delta = { op: 'measure', id: node, values: [[`${INJECTIONS_KEY}.${id}.PacketCount`, sent]] };
    const patched: Delta = { op: 'patch', id: node, set: [[INJECTIONS_KEY, [...marks.values()]]] };
    if (state !== 'ACTIVE') this.record(marks.size === 0 ? [{ op: 'remove', id: node }] : [patched]);
    else this.record(isKnown ? [counted] : [patched, counted]);
  }

  /** After a start: takes away what the graph kept of injections that are over. */
  keepOnly(isActive: (injection: string, node: string) => boolean): void {
    const deltas: Delta[] = [];
    const view = this.recorder.present();
    try {
      for (const { id: node, overlays } of view.nodes()) {
        const list = overlays?.[INJECTIONS_WRITER]?.[INJECTIONS_KEY];
        if (!Array.isArray(list)) continue;
        const entries = (list as Json[]).filter(isJsonObject).map((entry) => [String(entry.ID), entry] as const);
        const marks = new Map(entries.filter(([injection]) => isActive(injection, node)));
        if (marks.size > 0) this.marked.set(node, marks);
        if (marks.size === entries.length) continue;
        deltas.push(
          marks.size === 0 ? { op: 'remove', id: node } : { op: 'patch', id: node, set: [[INJECTIONS_KEY, [...marks.values()]]] },
        );
      }
    } finally {
      view.release();
    }
    this.record(deltas);
  }

  /** What is about a node that went meanwhile is rejected, and that is all right. */
  private record(deltas: readonly Delta[]): void {
    if (deltas.length === 0) return;
    const { durable } = this.recorder.record({ origin: INJECTIONS_WRITER, deltas, immediate: true });
    // Said again with the next progress; a disk that refuses is shown elsewhere.
    durable.catch(() => undefined);
  }
}

/** Skydive's form of an entry. */
const markOf = (id: string, injection: Sending): JsonObject => ({
  ID: id,
  UUID: id,
  State: 'active',
  Type: injection.type,
  SrcIP: injection.srcIp,
  DstIP: injection.dstIp,
  SrcMAC: injection.srcMac,
  DstMAC: injection.dstMac,
  SrcPort: injection.srcPort,
  DstPort: injection.dstPort,
  ICMPID: injection.icmpId,
  Count: injection.count,
  Interval: injection.interval,
  Mode: injection.mode,
  Payload: injection.payload,
  IncrementPayload: injection.incrementPayload,
  TTL: injection.ttl,
  PacketCount: 0,
});
