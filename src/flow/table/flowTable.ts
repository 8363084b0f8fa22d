import { Cursor } from '../decode/cursor.js';
import { dissect } from '../decode/dissect.js';
import { LAYER_NAMES } from '../decode/layers.js';
import { layersByUdpPort } from '../decode/numbers.js';
import { ECHO, ENDPOINT, TCP_FLAG, type Slice } from '../decode/slice.js';
import { FINISH_TYPE, type Flow, type SendReason } from '../flow.js';
import type { PacketBatch } from '../packetBatch.js';
import { COLD, coldAt, coldFloatAt, HOT, hotAt, hotFloatAt } from './columns.js';
import { Defragmenter, type Frames } from './defrag.js';
import type { ExternalFlow, Recount } from './external.js';
import { countExternal, recountExternal } from './externalCounters.js';
import { FlowRows, type RowTexts } from './flowRows.js';
import { KnownFlows } from './knownFlows.js';
import type { FlowTableOptions } from './options.js';
import { followStream, keepDetails, rawBytes, rawLinkType, rawSize } from './details.js';
import { Applications } from './rowMaker.js';
import type { FlowSink } from './sink.js';
import type { FlowTableStats } from './stats.js';
import type { TableMemory } from './tableMemory.js';
import { countTcpFlags, watchEcho, watchTcp } from './tcpWatch.js';

/** Milliseconds for which a finished connection is kept, for its last segments. */
const FINISHED_HOLD_MS = 15_000;

/** Milliseconds after which a silent TCP stream is not waited for any more. */
const STREAM_IDLE_MS = 30_000;

const ENDS = TCP_FLAG.fin | TCP_FLAG.rst;
const SAYS_SOMETHING = TCP_FLAG.syn | ENDS;

/** Makes an empty table; once it is large, its memory comes from `memory`. */
export const openFlowTable = (options: FlowTableOptions, memory?: TableMemory): FlowTable => new FlowTable(options, memory);

/** One capture's flows on one node: packets go in, updates and ended flows come out through a sink. No clock, no I/O of its own. */
export class FlowTable {
  private readonly cursor = new Cursor();
  private readonly rows: FlowRows;
  private readonly known: KnownFlows;
  private readonly applications: Applications;
  private readonly layerByUdpPort: Uint8Array;
  private readonly defragmenter: Defragmenter | undefined;
  private readonly preferL2: boolean;
  /** Whether packets are looked at for more than counting. */
  private readonly detailed: boolean;
  /** Whether nothing but counting is done with most packets of TCP and UDP that carry nothing known. */
  private readonly isCounted: boolean;
  private hand = 0;
  /** Rows that `flush` has sent so far. */
  private flushed = 0;
  /** Packets that the decoders had to read. */
  private decoded = 0;
  private ignored = 0;

  constructor(
    readonly options: FlowTableOptions,
    memory?: TableMemory,
  ) {
    this.preferL2 = options.layerKeyMode === 'L2';
    this.detailed = options.extraTcpMetric || options.reassembleTcp || options.extraLayers !== 0 || options.rawPacketLimit !== 0;
    this.isCounted = !options.reassembleTcp;
    this.applications = new Applications(options.applicationPorts);
    this.layerByUdpPort = layersByUdpPort(options.mplsUdpPort);
    this.defragmenter = options.ipDefrag ? new Defragmenter() : undefined;
    const texts: RowTexts = {
      path: (path) => this.cursor.paths.text(path),
      application: (application) => this.applications.text(application),
    };
    this.rows = new FlowRows(options, texts, memory);
    this.known = new KnownFlows(this.rows, this.cursor.paths, this.applications, this.layerByUdpPort, options);
  }

  get stats(): FlowTableStats {
    const malformed: Record<string, number> = {};
    this.cursor.malformed.forEach((count, layer) => {
      if (count !== 0) malformed[LAYER_NAMES[layer]!] = count;
    });
    return {
      flows: this.rows.finder.index.size,
      created: this.rows.created,
      evicted: this.rows.evicted,
      evictedUnsent: this.rows.evictedUnsent,
      packets: this.decoded + this.known.packets,
      decoded: this.decoded,
      ignored: this.ignored,
      malformed,
      fragmentsDropped: this.defragmenter?.dropped ?? 0,
      rawPacketsRefused: this.rows.budgets.raw.refused,
      layersRefused: this.rows.budgets.layers.refused,
      segmentsRefused: this.rows.budgets.segments.refused,
      segmentsWaiting: this.rows.budgets.segments.held,
      bytes: this.rows.columns.bytes + this.rows.finder.index.bytes,
    };
  }

  /** Takes all packets of a batch, as `packet` does. */
  packets(batch: PacketBatch): void {
    if (this.isCounted) this.known.count(batch, this);
    else for (let packet = 0; packet < batch.size; packet++) batch.packetTo(this, packet);
  }

  /**
   * Takes one packet: `capturedLength` bytes from `offset`, `wireLength` bytes on the wire, at `timeMs` milliseconds since the epoch
   * and `nanos` nanoseconds (below 1,000,000). `linkType` is pcap's. `vlanTag` is the tag that the kernel took out, as
   * `TPID << 16 | TCI`, 0 for none (`wireLength` is without it). `segments` is the number of wire segments in the frame.
   * Never throws, whatever the bytes; keeps no reference to them.
   */
  packet(
    bytes: Uint8Array,
    offset: number,
    capturedLength: number,
    wireLength: number,
    timeMs: number,
    nanos: number,
    linkType: number,
    vlanTag = 0,
    segments = 1,
  ): void {
    this.decoded++;
    const captured = Math.min(capturedLength, bytes.length - offset);
    const length = wireLength > captured ? wireLength : captured;
    const at = this.cursor;
    at.open(bytes, offset, captured, length);
    dissect(at, linkType, vlanTag, this.layerByUdpPort);
    if (this.defragmenter !== undefined && at.parts[0]!.fragmentAt >= 0) {
      const headerAt = at.parts[0]!.fragmentAt;
      const frames = this.defragmenter.take({
        bytes,
        offset,
        capturedLength: captured,
        wireLength: length,
        timeMs,
        nanos,
        linkType,
        vlanTag,
        segments,
        headerAt,
      });
      if (frames !== undefined) this.countFrames(frames);
      // No more than that: nobody is here to take flows that these push out.
      if (this.defragmenter.isFull) for (const oldest of this.defragmenter.expired(-Infinity)) this.countFrames(oldest);
      return;
    }
    this.count(
      bytes,
      offset + captured,
      offset + (wireLength > 0 ? wireLength : captured),
      timeMs,
      nanos,
      linkType,
      vlanTag,
      segments,
      undefined,
    );
  }

  /** Takes the counters of a flow that something else counts: the kernel's map, a NetFlow record. */
  external(flow: ExternalFlow, nowMs: number): void {
    if (!countExternal(this.rows, this.cursor.paths, this.applications, flow, nowMs)) this.ignored++;
  }

  /** Takes how a flow stands that `external` was told of before; `false` when it was not, or is gone. */
  recount(counted: Recount, nowMs: number): boolean {
    return recountExternal(this.rows, counted, nowMs);
  }

  /**
   * Sends what is due at `nowMs` and removes what has ended, row by row from where the last sweep stopped, and stops after `rows` rows.
   * A table is in time when each row is visited once in `updateMs`. All flows that were evicted since the last call go first; who has little
   * time sends those before, by `sendEvicted`. Returns the rows visited.
   */
  sweep(nowMs: number, rows: number, sink: FlowSink): number {
    // Fragments first: their flows may push others out.
    this.giveUpFragments(nowMs, sink);
    this.rows.sendLeaving(Infinity, sink);
    this.rows.finder.index.settle(rows);
    const visits = Math.min(rows, this.rows.columns.length);
    for (let visit = 0; visit < visits; visit++) {
      if (this.hand >= this.rows.columns.length) this.hand = 0;
      this.visit(this.hand++, nowMs, sink);
    }
    return visits;
  }

  /** Sends at most so many of the flows that were evicted, and answers whether there are more. */
  sendEvicted(most: number, sink: FlowSink): boolean {
    return this.rows.sendLeaving(most, sink);
  }

  /**
   * Sends how the flows stand that have changed since their last update, for who cannot wait for the next one: no window ends, and raw
   * packets are sent again with the update. Looks at so many rows from `from` on, and returns where to go on; -1 behind the last one.
   */
  refresh(nowMs: number, sink: FlowSink, from = 0, rows = Infinity): number {
    const end = Math.min(from + rows, this.rows.columns.length);
    for (let row = from; row < end; row++) {
      if (this.rows.isHere(row) && this.rows.hasUnsent(row)) sink.flow(this.rows.withWindow(row, nowMs), 'update');
    }
    return end < this.rows.columns.length ? end : -1;
  }

  /**
   * Sends every flow and empties the table; what is sent as `moved` has not ended. Stops after `rows` rows and answers whether there are more: nothing may come in
   * then.
   */
  flush(sink: FlowSink, rows = Infinity, reason: SendReason = 'stop'): boolean {
    this.giveUpFragments(Infinity, sink);
    if (this.rows.sendLeaving(rows, sink)) return true;
    const end = Math.min(this.flushed + rows, this.rows.columns.length);
    for (; this.flushed < end; this.flushed++) {
      const row = this.flushed;
      if (!this.rows.isHere(row)) continue;
      this.rows.flushStreams(row, Infinity);
      if (reason !== 'moved' && this.rows.finishTypeOf(row) === 0) this.rows.finish(row, FINISH_TYPE.timeout);
      sink.flow(this.rows.outgoing(row, this.rows.lastOf(row)), reason);
    }
    if (end < this.rows.columns.length) return true;
    this.rows.clear();
    this.hand = 0;
    this.flushed = 0;
    return false;
  }

  /** Every flow as it is now, for live questions. The last update's window runs until now. */
  *flows(): IterableIterator<Flow> {
    for (let row = 0; row < this.rows.columns.length; row++) if (this.rows.isHere(row)) yield this.rows.running(row).toFlow();
  }

  /** Counts the parts of the packet that the cursor has dissected. */
  private count(
    bytes: Uint8Array,
    capturedEnd: number,
    wireEnd: number,
    timeMs: number,
    nanos: number,
    linkType: number,
    vlanTag: number,
    segments: number,
    frames: Frames | undefined,
  ): void {
    const { parts, slices, start } = this.cursor;
    let parent = -1;
    for (let index = 0; index < slices; index++) {
      const slice = parts[index]!;
      if (slice.path === 0 || (!slice.hasMac && slice.network === 0)) continue;
      const whole = index === 0 ? frames : undefined;
      const byDatagram = this.preferL2 && !slice.startsWithEthernet && slice.datagramLength !== 0;
      let packets = 1;
      // In mode L3 what is outermost counts as it was captured, also the header of a cooked capture.
      const from = index === 0 && !this.preferL2 ? start : slice.start;
      let length = byDatagram ? slice.datagramLength : Math.max(0, wireEnd - from) + (index === 0 && vlanTag !== 0 ? 4 : 0);
      if (whole !== undefined) {
        packets = whole.frames;
        length = byDatagram ? whole.datagramBytes : whole.frameBytes;
      }
      const row = this.rowOf(slice, parent, whole === undefined ? timeMs : whole.startMs);
      parent = row;
      const forward = this.rows.finder.forward;
      const floats = this.rows.columns.hotFloat(row);
      const at = hotFloatAt(row);
      const counter = at + (forward ? HOT.abPackets_F : HOT.baPackets_F);
      floats[counter] = floats[counter]! + packets;
      floats[counter + 1] = floats[counter + 1]! + length;
      if (timeMs > floats[at + HOT.last_F]!) floats[at + HOT.last_F] = timeMs;
      if (segments !== packets) this.rows.addSurplus(row, forward, Math.max(0, segments - packets));
      if ((slice.tcpFlags & SAYS_SOMETHING) !== 0) watchTcp(this.rows.columns, row, slice.tcpFlags, forward, timeMs, nanos);
      else if (slice.echo !== ECHO.none) watchEcho(this.rows.columns, row, slice.echo, forward, timeMs, nanos);
      if (whole !== undefined) this.countFragments(row, whole);
      if (this.detailed)
        this.detail(row, slice, forward, bytes, capturedEnd, wireEnd, timeMs, nanos, index === 0 ? linkType : 0, index === 0 ? vlanTag : 0);
    }
    if (parent < 0) this.ignored++;
  }

  private detail(
    row: number,
    slice: Slice,
    forward: boolean,
    bytes: Uint8Array,
    capturedEnd: number,
    wireEnd: number,
    timeMs: number,
    nanos: number,
    linkType: number,
    vlanTag: number,
  ): void {
    const { options } = this;
    if (slice.transport === ENDPOINT.tcp && (options.extraTcpMetric || options.reassembleTcp)) {
      const { columns, budgets } = this.rows;
      this.rows.beginTcp(row);
      if (options.extraTcpMetric) countTcpFlags(columns, row, slice, forward, timeMs);
      if (options.reassembleTcp) followStream(this.rows.extrasOf(row), columns.tcp, row, slice, forward, timeMs, nanos, budgets);
    }
    if (options.extraLayers !== 0 && (slice.dnsAt | slice.dhcpAt | slice.vrrpAt) !== 0) {
      keepDetails(this.rows.extrasOf(row), slice, options.extraLayers, bytes, timeMs, nanos, this.rows.budgets);
    }
    if (options.rawPacketLimit === 0) return;
    const cold = this.rows.columns.cold(row);
    const captured = coldAt(row) + COLD.rawCaptured;
    if (cold[captured]! >= options.rawPacketLimit) return;
    const Data = rawBytes(bytes, slice, capturedEnd, vlanTag);
    if (!this.rows.budgets.raw.take(rawSize([{ Data }]))) return;
    cold[captured]!++;
    (this.rows.extrasOf(row).raw ??= []).push({
      Timestamp: timeMs,
      Nanos: nanos,
      Index: cold[captured]!,
      Data,
      WireLength: Data.length + Math.max(0, wireEnd - capturedEnd),
      LinkType: rawLinkType(slice, linkType),
    });
  }

  /** Counts all frames of a datagram that was cut into fragments. */
  private countFrames(frames: Frames): void {
    const at = this.cursor;
    at.open(frames.bytes, 0, frames.bytes.length, frames.length);
    at.reassembled = frames.whole;
    dissect(at, frames.linkType, frames.vlanTag, this.layerByUdpPort);
    this.count(
      frames.bytes,
      frames.bytes.length,
      frames.length,
      frames.lastMs,
      frames.lastNanos,
      frames.linkType,
      frames.vlanTag,
      frames.segments,
      frames,
    );
  }

  /** Thousands may be given up at once, and push as many flows out of a full table. */
  private giveUpFragments(nowMs: number, sink: FlowSink): void {
    if (this.defragmenter === undefined) return;
    for (const frames of this.defragmenter.expired(nowMs)) {
      this.countFrames(frames);
      this.rows.sendLeaving(Infinity, sink);
    }
  }

  private countFragments(row: number, { frames, errors }: Frames): void {
    const ip = (this.rows.extrasOf(row).ip ??= { Fragments: 0, FragmentErrors: 0 });
    ip.Fragments += frames;
    ip.FragmentErrors += errors;
  }

  private rowOf(slice: Slice, parent: number, startMs: number): number {
    const parentSerial = parent < 0 ? 0 : this.rows.columns.hot(parent)[hotAt(parent) + HOT.serial]!;
    const row = this.rows.finder.find(slice, parentSerial, false);
    if (row >= 0) return row;
    const cold = parent < 0 ? undefined : this.rows.columns.cold(parent);
    const high = cold === undefined ? 0 : cold[coldAt(parent) + COLD.uuid]!;
    const low = cold === undefined ? 0 : cold[coldAt(parent) + COLD.uuid + 1]!;
    this.rows.keys.ofSlice(slice, this.preferL2, high, low, startMs);
    return this.rows.add(slice, parentSerial, high, low, startMs, this.applications.of(slice), false);
  }

  /** One flow's timers. */
  private visit(row: number, nowMs: number, sink: FlowSink): void {
    if (!this.rows.isHere(row)) return;
    const { updateMs, expireMs, applicationTimeouts } = this.options;
    const last = this.rows.lastOf(row);
    const idle = nowMs - last;
    const changed = this.rows.hasUnsent(row);
    const finished = this.rows.finishTypeOf(row) !== 0;
    this.rows.flushStreams(row, nowMs - STREAM_IDLE_MS);
    if (expireMs !== 0 && idle > expireMs) return this.rows.end(row, changed, last, sink);
    const floats = this.rows.columns.coldFloat(row);
    const window = coldFloatAt(row) + COLD.window_F;
    // After a step of the clock backwards the window begins anew.
    if (updateMs === 0 || (nowMs - floats[window]! < updateMs && floats[window]! <= nowMs + updateMs)) return;
    if (finished && idle >= FINISHED_HOLD_MS) return this.rows.end(row, changed, last, sink);
    if (changed) {
      this.rows.send(row, nowMs, 'update', sink);
    } else if (applicationTimeouts.size > 0) {
      const timeout = applicationTimeouts.get(
        this.applications.text(this.rows.columns.cold(row)[coldAt(row) + COLD.application]!).toUpperCase(),
      );
      if (timeout !== undefined && idle > timeout) return this.rows.end(row, changed, last, sink);
    }
    floats[window] = nowMs;
  }
}
