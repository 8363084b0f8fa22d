import { randomInt } from 'node:crypto';
import { Cursor } from '../decode/cursor.js';
import { dissect } from '../decode/dissect.js';
import { LAYER_NAMES } from '../decode/layers.js';
import { layersByUdpPort } from '../decode/numbers.js';
import { ECHO, ENDPOINT, TCP_FLAG, type Slice } from '../decode/slice.js';
import { FINISH_TYPE, type Flow, type FlowMetric, type SendReason } from '../flow.js';
import { FlowKeys } from '../keys/flowKeys.js';
import { COLD, coldAt, coldFloatAt, FLAG, FlowColumns, HOT, hotAt, hotFloatAt } from './columns.js';
import { Defragmenter, type Frames } from './defrag.js';
import { newTcpCounters, type FlowExtras } from './extras.js';
import type { ExternalFlow } from './external.js';
import { externalKeys, externalSlice } from './externalSlice.js';
import { FlowFinder } from './finder.js';
import { FlowRow, metric } from './flowRow.js';
import type { FlowTableOptions } from './options.js';
import { endStreams, followStream, keepDetails, rawBytes, rawLinkType } from './details.js';
import { Applications, writeRow } from './rowMaker.js';
import type { FlowSink } from './sink.js';
import type { FlowTableStats } from './stats.js';
import { countTcpFlags, watchEcho, watchTcp } from './tcpWatch.js';

/** Milliseconds for which a finished connection is kept, for its last segments. */
const FINISHED_HOLD_MS = 15_000;

/** Milliseconds after which a silent TCP stream is not waited for any more. */
const STREAM_IDLE_MS = 30_000;

/** Rows that are looked at when one has to go: the one that was idle for longest goes. */
const EVICTION_SAMPLE = 16;

/** Evicted flows that wait to be sent: at least so many, and an eighth of the table. */
const MIN_LEAVING = 1024;

const ENDS = TCP_FLAG.fin | TCP_FLAG.rst;
const SAYS_SOMETHING = TCP_FLAG.syn | ENDS;

/** Makes an empty table. */
export const openFlowTable = (options: FlowTableOptions): FlowTable => new FlowTable(options);

/** One capture's flows on one node: packets go in, updates and ended flows come out through a sink. No clock, no I/O of its own. */
export class FlowTable {
  private readonly cursor = new Cursor();
  private readonly columns = new FlowColumns();
  private readonly finder: FlowFinder;
  private readonly keys: FlowKeys;
  private readonly applications: Applications;
  private readonly layerByUdpPort: Uint8Array;
  private readonly extras = new Map<number, FlowExtras>();
  private readonly defragmenter: Defragmenter | undefined;
  private readonly view: FlowRow;
  private readonly leaving: number[] = [];
  private readonly preferL2: boolean;
  /** Whether packets are looked at for more than counting. */
  private readonly detailed: boolean;
  private hand = 0;
  private evictionHand = 0;
  private serial = 0;
  private created = 0;
  private evicted = 0;
  private evictedUnsent = 0;
  private packets = 0;
  private ignored = 0;

  constructor(readonly options: FlowTableOptions) {
    this.preferL2 = options.layerKeyMode === 'L2';
    this.detailed = options.extraTcpMetric || options.reassembleTcp || options.extraLayers !== 0 || options.rawPacketLimit !== 0;
    this.finder = new FlowFinder(this.columns, this.preferL2, options.hashSeed ?? randomInt(2 ** 32) | 0);
    this.keys = new FlowKeys(options.nodeTid);
    this.applications = new Applications(options.applicationPorts);
    this.layerByUdpPort = layersByUdpPort(options.mplsUdpPort);
    this.defragmenter = options.ipDefrag ? new Defragmenter() : undefined;
    this.view = new FlowRow({
      columns: this.columns,
      captureId: options.captureId,
      nodeTid: options.nodeTid,
      pathText: (path) => this.cursor.paths.text(path),
      applicationText: (application) => this.applications.text(application),
      extras: (row) => this.extras.get(row),
    });
  }

  get stats(): FlowTableStats {
    const malformed: Record<string, number> = {};
    this.cursor.malformed.forEach((count, layer) => {
      if (count !== 0) malformed[LAYER_NAMES[layer]!] = count;
    });
    return {
      flows: this.finder.index.size,
      created: this.created,
      evicted: this.evicted,
      evictedUnsent: this.evictedUnsent,
      packets: this.packets,
      ignored: this.ignored,
      malformed,
      fragmentsDropped: this.defragmenter?.dropped ?? 0,
      bytes: this.columns.bytes + this.finder.index.pairs.byteLength,
    };
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
    this.packets++;
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
      if (this.defragmenter.isFull) this.giveUpFragments(timeMs);
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
    const slice = externalSlice(flow, this.cursor.paths);
    if (!slice.hasMac && slice.network === 0) {
      this.ignored++;
      return;
    }
    let row = this.finder.find(slice, 0, true);
    if (row < 0) {
      externalKeys(flow, this.keys);
      row = this.add(slice, 0, 0, 0, flow.start, this.applications.number(flow.application), true);
      this.columns.cold(row)[coldAt(row) + COLD.transportId] = flow.transport?.id ?? 0;
    }
    const { forward } = this.finder;
    const floats = this.columns.hotFloat(row);
    const at = hotFloatAt(row);
    const put = (column: number, value: number): void => {
      floats[at + column] = flow.counters === 'add' ? floats[at + column]! + value : value;
    };
    put(forward ? HOT.abPackets_F : HOT.baPackets_F, flow.abPackets);
    put(forward ? HOT.abBytes_F : HOT.baBytes_F, flow.abBytes);
    put(forward ? HOT.baPackets_F : HOT.abPackets_F, flow.baPackets);
    put(forward ? HOT.baBytes_F : HOT.abBytes_F, flow.baBytes);
    floats[at + HOT.last_F] = Math.max(floats[at + HOT.last_F]!, Math.min(flow.last, nowMs));
    const { tcp } = flow;
    if (tcp === undefined) return;
    const counters = (this.extrasOf(row).tcp ??= newTcpCounters());
    const [ab, ba] = forward ? (['AB', 'BA'] as const) : (['BA', 'AB'] as const);
    counters[`${ab}SynStart`] ||= tcp.abSyn;
    counters[`${ba}SynStart`] ||= tcp.baSyn;
    counters[`${ab}FinStart`] = tcp.abFin || counters[`${ab}FinStart`];
    counters[`${ba}FinStart`] = tcp.baFin || counters[`${ba}FinStart`];
    counters[`${ab}RstStart`] = tcp.abRst || counters[`${ab}RstStart`];
    counters[`${ba}RstStart`] = tcp.baRst || counters[`${ba}RstStart`];
    counters.ABPackets = floats[at + HOT.abPackets_F]!;
    counters.ABBytes = floats[at + HOT.abBytes_F]!;
    counters.BAPackets = floats[at + HOT.baPackets_F]!;
    counters.BABytes = floats[at + HOT.baBytes_F]!;
    const ended = tcp.abRst || tcp.baRst ? FINISH_TYPE.tcpRst : tcp.abFin || tcp.baFin ? FINISH_TYPE.tcpFin : 0;
    if (ended !== 0) this.finish(row, ended);
  }

  /**
   * Sends what is due at `nowMs` and removes what has ended, row by row from where the last sweep stopped, and stops after `rows` rows.
   * A table is in time when each row is visited once in `updateMs`. Flows that were evicted since the last call go first. Returns the
   * rows visited.
   */
  sweep(nowMs: number, rows: number, sink: FlowSink): number {
    // Fragments first: their flows may push others out.
    this.giveUpFragments(nowMs);
    this.sendLeaving(sink);
    const visits = Math.min(rows, this.columns.length);
    for (let visit = 0; visit < visits; visit++) {
      if (this.hand >= this.columns.length) this.hand = 0;
      this.visit(this.hand++, nowMs, sink);
    }
    return visits;
  }

  /**
   * Sends how the flows stand that have changed since their last update, for who cannot wait for the next one: no window ends, and raw
   * packets are sent again with the update.
   */
  refresh(nowMs: number, sink: FlowSink): void {
    for (let row = 0; row < this.columns.length; row++) {
      if (this.isHere(row) && this.hasUnsent(row)) sink.flow(this.view.moveTo(row, this.difference(row, nowMs)), 'update');
    }
  }

  /** Sends every flow as `stop` and empties the table. */
  flush(sink: FlowSink): void {
    this.giveUpFragments(Infinity);
    this.sendLeaving(sink);
    for (let row = 0; row < this.columns.length; row++) {
      if (!this.isHere(row)) continue;
      this.flushStreams(row, Infinity);
      if (this.finishTypeOf(row) === 0) this.finish(row, FINISH_TYPE.timeout);
      sink.flow(this.view.moveTo(row, this.window(row, this.lastOf(row))), 'stop');
    }
    this.finder.index.clear();
    this.columns.clear();
    this.extras.clear();
    this.hand = 0;
    this.evictionHand = 0;
  }

  /** Every flow as it is now, for live questions. The last update's window runs until now. */
  *flows(): IterableIterator<Flow> {
    for (let row = 0; row < this.columns.length; row++) if (this.isHere(row)) yield this.view.moveTo(row, this.running(row)).toFlow();
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
    const { parts, slices } = this.cursor;
    let parent = -1;
    for (let index = 0; index < slices; index++) {
      const slice = parts[index]!;
      if (slice.path === 0 || (!slice.hasMac && slice.network === 0)) continue;
      const whole = index === 0 ? frames : undefined;
      const byDatagram = this.preferL2 && !slice.startsWithEthernet && slice.datagramLength !== 0;
      let packets = 1;
      let length = byDatagram ? slice.datagramLength : Math.max(0, wireEnd - slice.start) + (index === 0 && vlanTag !== 0 ? 4 : 0);
      if (whole !== undefined) {
        packets = whole.frames;
        length = byDatagram ? whole.datagramBytes : whole.frameBytes;
      }
      const row = this.rowOf(slice, parent, whole === undefined ? timeMs : whole.startMs);
      parent = row;
      const forward = this.finder.forward;
      const floats = this.columns.hotFloat(row);
      const at = hotFloatAt(row);
      const counter = at + (forward ? HOT.abPackets_F : HOT.baPackets_F);
      floats[counter] = floats[counter]! + packets;
      floats[counter + 1] = floats[counter + 1]! + length;
      if (timeMs > floats[at + HOT.last_F]!) floats[at + HOT.last_F] = timeMs;
      if (segments !== packets) this.addSurplus(row, forward, Math.max(0, segments - packets));
      if ((slice.tcpFlags & SAYS_SOMETHING) !== 0) watchTcp(this.columns, row, slice.tcpFlags, forward, timeMs, nanos);
      else if (slice.echo !== ECHO.none) watchEcho(this.columns, row, slice.echo, forward, timeMs, nanos);
      if (whole !== undefined) this.countFragments(row, whole);
      if (this.detailed)
        this.detail(row, slice, forward, bytes, capturedEnd, timeMs, nanos, index === 0 ? linkType : 0, index === 0 ? vlanTag : 0);
    }
    if (parent < 0) this.ignored++;
  }

  private detail(
    row: number,
    slice: Slice,
    forward: boolean,
    bytes: Uint8Array,
    capturedEnd: number,
    timeMs: number,
    nanos: number,
    linkType: number,
    vlanTag: number,
  ): void {
    const { options } = this;
    if (slice.transport === ENDPOINT.tcp && (options.extraTcpMetric || options.reassembleTcp)) {
      const extras = this.extrasOf(row);
      const counters = (extras.tcp ??= newTcpCounters());
      if (options.extraTcpMetric) countTcpFlags(counters, slice, forward, timeMs);
      if (options.reassembleTcp) followStream(extras, counters, slice, forward, timeMs);
    }
    if (options.extraLayers !== 0 && (slice.dnsAt | slice.dhcpAt | slice.vrrpAt) !== 0) {
      keepDetails(this.extrasOf(row), slice, options.extraLayers, bytes, timeMs, nanos);
    }
    if (options.rawPacketLimit === 0) return;
    const cold = this.columns.cold(row);
    const captured = coldAt(row) + COLD.rawCaptured;
    if (cold[captured]! >= options.rawPacketLimit) return;
    cold[captured]!++;
    (this.extrasOf(row).raw ??= []).push({
      Timestamp: timeMs,
      Index: cold[captured]!,
      Data: rawBytes(bytes, slice, capturedEnd, vlanTag),
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
      0,
      frames.linkType,
      frames.vlanTag,
      frames.segments,
      frames,
    );
  }

  private giveUpFragments(nowMs: number): void {
    if (this.defragmenter !== undefined) for (const frames of this.defragmenter.expired(nowMs)) this.countFrames(frames);
  }

  private countFragments(row: number, { frames, errors }: Frames): void {
    const ip = (this.extrasOf(row).ip ??= { Fragments: 0, FragmentErrors: 0 });
    ip.Fragments += frames;
    ip.FragmentErrors += errors;
  }

  private rowOf(slice: Slice, parent: number, startMs: number): number {
    const parentSerial = parent < 0 ? 0 : this.columns.hot(parent)[hotAt(parent) + HOT.serial]!;
    const row = this.finder.find(slice, parentSerial, false);
    if (row >= 0) return row;
    const cold = parent < 0 ? undefined : this.columns.cold(parent);
    const high = cold === undefined ? 0 : cold[coldAt(parent) + COLD.uuid]!;
    const low = cold === undefined ? 0 : cold[coldAt(parent) + COLD.uuid + 1]!;
    this.keys.ofSlice(slice, this.preferL2, high, low, startMs);
    return this.add(slice, parentSerial, high, low, startMs, this.applications.of(slice), false);
  }

  /** Makes the row that the finder did not find; the keys hold its ids. */
  private add(
    slice: Slice,
    parent: number,
    parentHigh: number,
    parentLow: number,
    startMs: number,
    application: number,
    external: boolean,
  ): number {
    if (this.finder.index.size >= this.options.maxFlows) this.evict();
    const { hash, kind, index } = this.finder;
    // 0 stands for none.
    this.serial = (this.serial + 1) & 0x7fff_ffff || 1;
    const row = this.columns.take();
    writeRow(
      this.columns,
      row,
      slice,
      { hash, kind, serial: this.serial, parent, parentHigh, parentLow, application, startMs, external },
      this.keys,
    );
    index.add(hash, row);
    this.created++;
    this.finder.forward = true;
    return row;
  }

  private evict(): void {
    const { columns } = this;
    let victim = -1;
    let idleSince = Infinity;
    for (let seen = 0, steps = 0; seen < EVICTION_SAMPLE && steps < columns.length; steps++) {
      if (this.evictionHand >= columns.length) this.evictionHand = 0;
      const row = this.evictionHand++;
      if (!this.isHere(row)) continue;
      seen++;
      const last = this.lastOf(row);
      if (last < idleSince) {
        idleSince = last;
        victim = row;
      }
    }
    if (victim < 0) return;
    this.evicted++;
    this.finder.index.remove(columns.hot(victim)[hotAt(victim) + HOT.hash]!, victim);
    const flags = hotAt(victim) + HOT.flags;
    columns.hot(victim)[flags] = columns.hot(victim)[flags]! | FLAG.leaving;
    this.leaving.push(victim);
    if (this.leaving.length <= Math.max(MIN_LEAVING, this.options.maxFlows >> 3)) return;
    this.evictedUnsent++;
    this.release(this.leaving.shift()!);
  }

  private sendLeaving(sink: FlowSink): void {
    for (const row of this.leaving) {
      this.flushStreams(row, Infinity);
      sink.flow(this.view.moveTo(row, this.window(row, this.lastOf(row))), 'evicted');
      this.release(row);
    }
    this.leaving.length = 0;
  }

  /** One flow's timers. */
  private visit(row: number, nowMs: number, sink: FlowSink): void {
    if (!this.isHere(row)) return;
    const { updateMs, expireMs, applicationTimeouts } = this.options;
    const last = this.lastOf(row);
    const idle = nowMs - last;
    const changed = this.hasUnsent(row);
    const finished = this.finishTypeOf(row) !== 0;
    this.flushStreams(row, nowMs - STREAM_IDLE_MS);
    if (expireMs !== 0 && idle > expireMs) return this.end(row, changed, last, sink);
    const floats = this.columns.coldFloat(row);
    const window = coldFloatAt(row) + COLD.window_F;
    // After a step of the clock backwards the window begins anew.
    if (updateMs === 0 || (nowMs - floats[window]! < updateMs && floats[window]! <= nowMs + updateMs)) return;
    if (finished && idle >= FINISHED_HOLD_MS) return this.end(row, changed, last, sink);
    if (changed) {
      this.send(row, nowMs, 'update', sink);
    } else if (applicationTimeouts.size > 0) {
      const timeout = applicationTimeouts.get(
        this.applications.text(this.columns.cold(row)[coldAt(row) + COLD.application]!).toUpperCase(),
      );
      if (timeout !== undefined && idle > timeout) return this.end(row, changed, last, sink);
    }
    floats[window] = nowMs;
  }

  /** Removes a flow; sends it unless everything was said before. */
  private end(row: number, changed: boolean, last: number, sink: FlowSink): void {
    const finished = this.finishTypeOf(row) !== 0;
    if (!finished) this.finish(row, FINISH_TYPE.timeout);
    if (changed || !finished) this.send(row, last, 'end', sink);
    this.finder.index.remove(this.columns.hot(row)[hotAt(row) + HOT.hash]!, row);
    this.release(row);
  }

  private send(row: number, untilMs: number, reason: SendReason, sink: FlowSink): void {
    sink.flow(this.view.moveTo(row, this.window(row, untilMs)), reason);
    const floats = this.columns.hotFloat(row);
    const at = hotFloatAt(row);
    this.columns.coldFloat(row).set(floats.subarray(at + HOT.abPackets_F, at + HOT.start_F), coldFloatAt(row) + COLD.sentAbPackets_F);
    const extras = this.extras.get(row);
    if (extras !== undefined) delete extras.raw;
  }

  /** What was counted since the last update; nothing when nothing was. */
  private window(row: number, untilMs: number): FlowMetric | undefined {
    return this.hasUnsent(row) ? this.difference(row, untilMs) : undefined;
  }

  /** For live questions: the window of a flow that was updated at least once. */
  private running(row: number): FlowMetric | undefined {
    const began = this.columns.coldFloat(row)[coldFloatAt(row) + COLD.window_F]!;
    const start = this.columns.hotFloat(row)[hotFloatAt(row) + HOT.start_F]!;
    return began === start ? undefined : this.difference(row, Math.max(began, this.lastOf(row)));
  }

  private difference(row: number, untilMs: number): FlowMetric {
    const floats = this.columns.hotFloat(row);
    const at = hotFloatAt(row);
    const cold = this.columns.coldFloat(row);
    const sent = coldFloatAt(row);
    const since = (column: number, before: number): number => floats[at + column]! - cold[sent + before]!;
    return metric(
      since(HOT.abPackets_F, COLD.sentAbPackets_F),
      since(HOT.abBytes_F, COLD.sentAbBytes_F),
      since(HOT.baPackets_F, COLD.sentBaPackets_F),
      since(HOT.baBytes_F, COLD.sentBaBytes_F),
      cold[sent + COLD.window_F]!,
      untilMs,
      cold[sent + COLD.rtt_F]!,
    );
  }

  private hasUnsent(row: number): boolean {
    const floats = this.columns.hotFloat(row);
    const at = hotFloatAt(row);
    const cold = this.columns.coldFloat(row);
    const sent = coldFloatAt(row);
    return (
      floats[at + HOT.abPackets_F] !== cold[sent + COLD.sentAbPackets_F] ||
      floats[at + HOT.baPackets_F] !== cold[sent + COLD.sentBaPackets_F]
    );
  }

  private isHere(row: number): boolean {
    return (this.columns.hot(row)[hotAt(row) + HOT.flags]! & (FLAG.used | FLAG.leaving)) === FLAG.used;
  }

  private lastOf(row: number): number {
    return this.columns.hotFloat(row)[hotFloatAt(row) + HOT.last_F]!;
  }

  private finishTypeOf(row: number): number {
    return (this.columns.hot(row)[hotAt(row) + HOT.flags]! & FLAG.finish) >> FLAG.finishShift;
  }

  private finish(row: number, type: number): void {
    const hot = this.columns.hot(row);
    const at = hotAt(row) + HOT.flags;
    hot[at] = (hot[at]! & ~FLAG.finish) | (type << FLAG.finishShift);
  }

  private extrasOf(row: number): FlowExtras {
    let extras = this.extras.get(row);
    if (extras === undefined) {
      this.extras.set(row, (extras = {}));
      const hot = this.columns.hot(row);
      const at = hotAt(row) + HOT.flags;
      hot[at] = hot[at]! | FLAG.extras;
    }
    return extras;
  }

  private addSurplus(row: number, forward: boolean, surplus: number): void {
    const cold = this.columns.cold(row);
    const at = coldAt(row) + (forward ? COLD.abSurplus : COLD.baSurplus);
    cold[at] = Math.min(0x7fff_ffff, cold[at]! + surplus);
  }

  /** Stops waiting for segments of streams that were silent since `beforeMs`. */
  private flushStreams(row: number, beforeMs: number): void {
    const extras = this.options.reassembleTcp ? this.extras.get(row) : undefined;
    if (extras?.tcp !== undefined) endStreams(extras, extras.tcp, beforeMs);
  }

  private release(row: number): void {
    this.extras.delete(row);
    this.columns.release(row);
  }
}
