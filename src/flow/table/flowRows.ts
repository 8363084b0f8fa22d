import { randomInt } from 'node:crypto';
import type { Slice } from '../decode/slice.js';
import { FINISH_TYPE, type SendReason } from '../flow.js';
import { FlowKeys } from '../keys/flowKeys.js';
import { COLD, coldAt, coldFloatAt, FLAG, FlowColumns, HOT, hotAt, hotFloatAt } from './columns.js';
import { newBudgets } from './budget.js';
import { endStreams, giveBack, rawSize } from './details.js';
import { ExtrasOfRows, type FlowExtras } from './extras.js';
import { FlowFinder } from './finder.js';
import { FlowRow, WINDOW } from './flowRow.js';
import type { FlowTableOptions } from './options.js';
import { NewRow, writeIds, writeRow } from './rowMaker.js';
import { RowQueue } from './rowQueue.js';
import type { FlowSink } from './sink.js';
import type { TableMemory } from './tableMemory.js';

/** Rows that are looked at when one has to go: the one that was idle for longest goes. */
const EVICTION_SAMPLE = 16;

/** Evicted flows that wait to be sent: at least so many, and an eighth of the table. */
const MIN_LEAVING = 1024;

/** Packets and bytes of both directions: they lie together in the row, in what was sent of it, and in `WINDOW`. */
const COUNTERS = 4;

/** Texts of what rows hold as numbers. */
export interface RowTexts {
  path(number: number): string;
  application(number: number): string;
}

/** The rows of a table: how they begin, what of them was sent, and how they leave. */
export class FlowRows {
  readonly columns: FlowColumns;
  readonly finder: FlowFinder;
  readonly keys: FlowKeys;
  readonly view: FlowRow;
  created = 0;
  evicted = 0;
  evictedUnsent = 0;
  readonly budgets = newBudgets();
  private readonly extras = new ExtrasOfRows();
  private readonly leaving: RowQueue;
  private readonly made = new NewRow();
  private evictionHand = 0;
  /** Of the row that was taken last. */
  serial = 0;

  constructor(
    private readonly options: FlowTableOptions,
    texts: RowTexts,
    memory?: TableMemory,
  ) {
    this.columns = new FlowColumns(memory);
    this.leaving = new RowQueue(this.columns);
    this.finder = new FlowFinder(this.columns, options.layerKeyMode === 'L2', options.hashSeed ?? randomInt(2 ** 32) | 0, memory);
    this.keys = new FlowKeys(options.nodeTid + options.idSalt);
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
    for (const extras of this.extras.takeAll()) giveBack(extras, this.budgets);
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
    const { made, columns } = this;
    const { hash, kind } = this.finder;
    const row = this.take(hash);
    made.hash = hash;
    made.kind = kind;
    made.serial = this.serial;
    made.parent = parent;
    made.parentHigh = parentHigh;
    made.parentLow = parentLow;
    made.application = application;
    made.startMs = startMs;
    made.external = external;
    writeRow(columns, row, slice, made);
    writeIds(columns, row, this.keys);
    return row;
  }

  /** Takes a row for a new flow and notes it under its hash. Who calls it writes all of the row, with `serial`. */
  take(hash: number): number {
    const { index } = this.finder;
    if (index.size >= this.options.maxFlows) this.evict();
    // 0 stands for none.
    this.serial = (this.serial + 1) & 0x7fff_ffff || 1;
    const row = this.columns.take();
    index.add(hash, row);
    this.created++;
    this.finder.forward = true;
    return row;
  }

  /** Whether so many flows more push none out. */
  hasRoom(flows: number): boolean {
    return this.finder.index.size + flows <= this.options.maxFlows;
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
    this.mark(victim, FLAG.leaving);
    this.leaving.push(victim);
    if (this.leaving.size <= Math.max(MIN_LEAVING, this.options.maxFlows >> 3)) return;
    this.evictedUnsent++;
    this.release(this.leaving.shift());
  }

  /** Sends at most so many of the evicted, and answers whether there are more. */
  sendLeaving(most: number, sink: FlowSink): boolean {
    for (let sent = 0; sent < most && this.leaving.size > 0; sent++) {
      const row = this.leaving.shift();
      this.flushStreams(row, Infinity);
      sink.flow(this.outgoing(row, this.lastOf(row)), 'evicted');
      this.release(row);
    }
    return this.leaving.size > 0;
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
    sink.flow(this.outgoing(row, untilMs), reason);
    const floats = this.columns.hotFloat(row);
    const counters = hotFloatAt(row) + HOT.abPackets_F;
    const cold = this.columns.coldFloat(row);
    const sent = coldFloatAt(row) + COLD.sentAbPackets_F;
    for (let counter = 0; counter < COUNTERS; counter++) cold[sent + counter] = floats[counters + counter]!;
    const extras = this.extras.get(row);
    if (extras?.raw === undefined) return;
    this.budgets.raw.give(rawSize(extras.raw));
    delete extras.raw;
  }

  /** The row as it is sent: with what was counted since the last update, where something was. */
  outgoing(row: number, untilMs: number): FlowRow {
    return this.hasUnsent(row) ? this.withWindow(row, untilMs) : this.view.moveTo(row, false);
  }

  /** For live questions: the window of a flow that was updated at least once. */
  running(row: number): FlowRow {
    const began = this.columns.coldFloat(row)[coldFloatAt(row) + COLD.window_F]!;
    const start = this.columns.hotFloat(row)[hotFloatAt(row) + HOT.start_F]!;
    return began === start ? this.view.moveTo(row, false) : this.withWindow(row, Math.max(began, this.lastOf(row)));
  }

  /** The row with its window from the last update until then. */
  withWindow(row: number, untilMs: number): FlowRow {
    const floats = this.columns.hotFloat(row);
    const counters = hotFloatAt(row) + HOT.abPackets_F;
    const cold = this.columns.coldFloat(row);
    const at = coldFloatAt(row);
    const { since } = this.view;
    for (let counter = 0; counter < COUNTERS; counter++)
      since[counter] = floats[counters + counter]! - cold[at + COLD.sentAbPackets_F + counter]!;
    since[WINDOW.start] = cold[at + COLD.window_F]!;
    since[WINDOW.last] = untilMs;
    since[WINDOW.rtt] = cold[at + COLD.rtt_F]!;
    return this.view.moveTo(row, true);
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
      this.mark(row, FLAG.extras);
    }
    return extras;
  }

  /** Sees to it that the row has numbers of TCP. */
  beginTcp(row: number): void {
    if (this.mark(row, FLAG.tcpMetric)) this.columns.tcp.begin(row);
  }

  /** Answers whether the row did not have the flag. */
  private mark(row: number, flag: number): boolean {
    const hot = this.columns.hot(row);
    const at = hotAt(row) + HOT.flags;
    const flags = hot[at]!;
    hot[at] = flags | flag;
    return (flags & flag) === 0;
  }

  addSurplus(row: number, forward: boolean, surplus: number): void {
    const cold = this.columns.cold(row);
    const at = coldAt(row) + (forward ? COLD.abSurplus : COLD.baSurplus);
    cold[at] = Math.min(0x7fff_ffff, cold[at]! + surplus);
  }

  /** Stops waiting for segments of streams that were silent since `beforeMs`. */
  flushStreams(row: number, beforeMs: number): void {
    const extras = this.options.reassembleTcp ? this.extras.get(row) : undefined;
    if (extras !== undefined) endStreams(extras, this.columns.tcp, row, beforeMs);
  }

  private release(row: number): void {
    const extras = this.extras.get(row);
    if (extras !== undefined) {
      giveBack(extras, this.budgets);
      this.extras.set(row, undefined);
    }
    this.columns.release(row);
  }
}
