import { randomInt } from 'node:crypto';
import type { Slice } from '../decode/slice.js';
import { FINISH_TYPE, type FlowMetric, type SendReason } from '../flow.js';
import { FlowKeys } from '../keys/flowKeys.js';
import { COLD, coldAt, coldFloatAt, FLAG, FlowColumns, HOT, hotAt, hotFloatAt } from './columns.js';
import { endStreams } from './details.js';
import type { FlowExtras } from './extras.js';
import { FlowFinder } from './finder.js';
import { FlowRow, metric } from './flowRow.js';
import type { FlowTableOptions } from './options.js';
import { writeRow } from './rowMaker.js';
import type { FlowSink } from './sink.js';

/** Rows that are looked at when one has to go: the one that was idle for longest goes. */
const EVICTION_SAMPLE = 16;

/** Evicted flows that wait to be sent: at least so many, and an eighth of the table. */
const MIN_LEAVING = 1024;

/** Texts of what rows hold as numbers. */
export interface RowTexts {
  path(number: number): string;
  application(number: number): string;
}

/** The rows of a table: how they begin, what of them was sent, and how they leave. */
export class FlowRows {
  readonly columns = new FlowColumns();
  readonly finder: FlowFinder;
  readonly keys: FlowKeys;
  readonly view: FlowRow;
  created = 0;
  evicted = 0;
  evictedUnsent = 0;
  private readonly extras = new Map<number, FlowExtras>();
  private readonly leaving: number[] = [];
  private evictionHand = 0;
  private serial = 0;

  constructor(
    private readonly options: FlowTableOptions,
    texts: RowTexts,
  ) {
    this.finder = new FlowFinder(this.columns, options.layerKeyMode === 'L2', options.hashSeed ?? randomInt(2 ** 32) | 0);
    this.keys = new FlowKeys(options.nodeTid);
    this.view = new FlowRow({
      columns: this.columns,
      captureId: options.captureId,
      nodeTid: options.nodeTid,
      pathText: texts.path,
      applicationText: texts.application,
      extras: (row) => this.extras.get(row),
    });
  }

  /** Forgets all rows. */
  clear(): void {
    this.finder.index.clear();
    this.columns.clear();
    this.extras.clear();
    this.evictionHand = 0;
  }

  /** Makes the row that the finder did not find; the keys hold its ids. */
  add(
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

  sendLeaving(sink: FlowSink): void {
    for (const row of this.leaving) {
      this.flushStreams(row, Infinity);
      sink.flow(this.view.moveTo(row, this.window(row, this.lastOf(row))), 'evicted');
      this.release(row);
    }
    this.leaving.length = 0;
  }

  /** Removes a flow; sends it unless everything was said before. */
  end(row: number, changed: boolean, last: number, sink: FlowSink): void {
    const finished = this.finishTypeOf(row) !== 0;
    if (!finished) this.finish(row, FINISH_TYPE.timeout);
    if (changed || !finished) this.send(row, last, 'end', sink);
    this.finder.index.remove(this.columns.hot(row)[hotAt(row) + HOT.hash]!, row);
    this.release(row);
  }

  send(row: number, untilMs: number, reason: SendReason, sink: FlowSink): void {
    sink.flow(this.view.moveTo(row, this.window(row, untilMs)), reason);
    const floats = this.columns.hotFloat(row);
    const at = hotFloatAt(row);
    this.columns.coldFloat(row).set(floats.subarray(at + HOT.abPackets_F, at + HOT.start_F), coldFloatAt(row) + COLD.sentAbPackets_F);
    const extras = this.extras.get(row);
    if (extras !== undefined) delete extras.raw;
  }

  /** What was counted since the last update; nothing when nothing was. */
  window(row: number, untilMs: number): FlowMetric | undefined {
    return this.hasUnsent(row) ? this.difference(row, untilMs) : undefined;
  }

  /** For live questions: the window of a flow that was updated at least once. */
  running(row: number): FlowMetric | undefined {
    const began = this.columns.coldFloat(row)[coldFloatAt(row) + COLD.window_F]!;
    const start = this.columns.hotFloat(row)[hotFloatAt(row) + HOT.start_F]!;
    return began === start ? undefined : this.difference(row, Math.max(began, this.lastOf(row)));
  }

  difference(row: number, untilMs: number): FlowMetric {
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

  hasUnsent(row: number): boolean {
    const floats = this.columns.hotFloat(row);
    const at = hotFloatAt(row);
    const cold = this.columns.coldFloat(row);
    const sent = coldFloatAt(row);
    return (
      floats[at + HOT.abPackets_F] !== cold[sent + COLD.sentAbPackets_F] ||
      floats[at + HOT.baPackets_F] !== cold[sent + COLD.sentBaPackets_F]
    );
  }

  isHere(row: number): boolean {
    return (this.columns.hot(row)[hotAt(row) + HOT.flags]! & (FLAG.used | FLAG.leaving)) === FLAG.used;
  }

  lastOf(row: number): number {
    return this.columns.hotFloat(row)[hotFloatAt(row) + HOT.last_F]!;
  }

  finishTypeOf(row: number): number {
    return (this.columns.hot(row)[hotAt(row) + HOT.flags]! & FLAG.finish) >> FLAG.finishShift;
  }

  finish(row: number, type: number): void {
    const hot = this.columns.hot(row);
    const at = hotAt(row) + HOT.flags;
    hot[at] = (hot[at]! & ~FLAG.finish) | (type << FLAG.finishShift);
  }

  extrasOf(row: number): FlowExtras {
    let extras = this.extras.get(row);
    if (extras === undefined) {
      this.extras.set(row, (extras = {}));
      const hot = this.columns.hot(row);
      const at = hotAt(row) + HOT.flags;
      hot[at] = hot[at]! | FLAG.extras;
    }
    return extras;
  }

  addSurplus(row: number, forward: boolean, surplus: number): void {
    const cold = this.columns.cold(row);
    const at = coldAt(row) + (forward ? COLD.abSurplus : COLD.baSurplus);
    cold[at] = Math.min(0x7fff_ffff, cold[at]! + surplus);
  }

  /** Stops waiting for segments of streams that were silent since `beforeMs`. */
  flushStreams(row: number, beforeMs: number): void {
    const extras = this.options.reassembleTcp ? this.extras.get(row) : undefined;
    if (extras?.tcp !== undefined) endStreams(extras, extras.tcp, beforeMs);
  }

  private release(row: number): void {
    this.extras.delete(row);
    this.columns.release(row);
  }
}
