import { openFlowBatchWriter, type FlowBatchWriter } from '../../../src/flow/batch/flowBatchWriter.js';
import { openFlowTable, type FlowTable } from '../../../src/flow/table/flowTable.js';
import type { FlowSink } from '../../../src/flow/table/sink.js';
import { CanopyError } from '../../../src/common/errors.js';
import type { SendReason } from '../../../src/flow/flow.js';
import type { FlowBatchKind } from '../../../src/protocol/flows.js';
import { interfaceNow } from '../../linux/interface.js';
import { largePages } from '../../linux/largePages.js';
import { inNamespace, withNamespace } from '../../linux/namespace.js';
import type { Aside } from '../../linux/slowCalls.js';
import type { OpenSource, RingMemoryShare, SourceContext, SourceSettings } from '../source.js';
import { openMirror, type PacketMirror } from '../targets/erspanv1.js';
import { openNetflowExporter, type FlowExporter } from '../targets/netflowv5.js';
import { nothingReported, type StartPart, type WorkerNews, type WorkerReport } from './messages.js';
import { OPEN_SOURCE } from './openSource.js';
import type { Waits } from './waits.js';

/** What captures of one worker share. */
export interface CaptureRoom {
  readonly settings: SourceSettings;
  readonly rings: RingMemoryShare;
  readonly waits: Waits;
  readonly aside: Aside;
  readonly tell: (news: WorkerNews) => void;
  /** The capture is over. */
  readonly ended: (key: number) => void;
}

/** Milliseconds between two ticks, on which what is due is based. */
const TICK = 100;
/** Rows that are due with each tick at least, and how many more than just enough. */
const LEAST_ROWS = 64;
const HEADROOM = 1.25;

/** One capture on one node, in a worker: its source, its table, and what leaves it. */
export class RunningCapture {
  private readonly table: FlowTable;
  /** Where flows go: to the analyzer, or, with the target `netflowv5`, to `exporter`. */
  private writer: FlowSink & { end(): void };
  private exporter: FlowExporter | undefined;
  /** Where packets go with the target `erspanv1`: no flows are made of them. */
  private mirror: PacketMirror | undefined;
  /** Where flows go that are asked for outside their turn. */
  private readonly refreshWriter: FlowBatchWriter;
  /** The row at which a refresh goes on, -1 where none is under way; who waits for it, and who for the next. */
  private refreshAt = -1;
  private refreshing: (() => void)[] = [];
  private refreshingNext: (() => void)[] = [];
  private source: OpenSource | undefined;
  /** When everything has come in that still will; set by `stop`. */
  private closesAt: number | undefined;
  private due = 0;
  /** Set when it takes no more packets: what is said of it when its flows have been sent. */
  private end: WorkerNews | undefined;
  /** Why its flows are sent at the end. */
  private reason: SendReason = 'stop';

  constructor(
    private readonly task: StartPart,
    private readonly room: CaptureRoom,
  ) {
    this.table = openFlowTable(task.table, largePages);
    const { key } = task;
    const writer = (kind: FlowBatchKind): FlowBatchWriter =>
      openFlowBatchWriter({ emit: (bytes, count, finished) => room.tell({ op: 'batch', key, kind, bytes, count, finished }) });
    this.writer = writer('UPDATE');
    this.refreshWriter = writer('REFRESH');
  }

  /** Opens the source, or says why it cannot be. */
  start(): void {
    try {
      const open = OPEN_SOURCE[this.task.type];
      if (open === undefined) throw new CanopyError('BAD_INPUT', `captures of the type ${this.task.type} are not possible here`);
      this.openTarget();
      this.source = open(this.context());
      this.room.tell({ op: 'active', report: this.report()!, group: this.source.fanout?.group });
    } catch (error) {
      this.failed(error);
    }
  }

  /** Sends elsewhere than to the analyzer where the capture says so: from the agent's own namespace, wherever the packets are. */
  private openTarget(): void {
    const { target, targetType } = this.task.spec;
    if (targetType === 'netflowv5') {
      this.exporter = openNetflowExporter(target, Date.now(), this.task.ordinal);
      this.writer = this.exporter;
    } else if (targetType === 'erspanv1')
      this.mirror = openMirror(
        target,
        this.inPlace(() => interfaceNow(this.task.place.interfaceName).index),
      );
  }

  private inPlace<Result>(open: () => Result): Result {
    const { namespacePath } = this.task.place;
    return namespacePath === undefined ? open() : withNamespace(namespacePath, ({ fd }) => inNamespace(fd, open));
  }

  private context(): SourceContext {
    const { task, room, table } = this;
    return {
      spec: task.spec,
      place: task.place,
      settings: room.settings,
      filter: task.filter,
      joining: task.joining,
      mplsUdpPort: task.table.mplsUdpPort,
      packets: this.mirror ?? table,
      external: (flow) => table.external(flow, Date.now()),
      recount: (counted) => table.recount(counted, Date.now()),
      measure: (values) => room.tell({ op: 'measured', key: task.key, values }),
      watch: (fd, ready) => room.waits.watch(fd, () => this.guard(ready)),
      unwatch: (fd) => room.waits.unwatch(fd),
      rest: (milliseconds) => room.waits.rest(milliseconds),
      failed: (error) => this.failed(error),
      aside: { take: (steps, ended) => room.aside.take(steps, (error) => this.guard(() => ended(error))) },
      rings: room.rings,
      inPlace: (open) => this.inPlace(open),
    };
  }

  /** A source that breaks takes only itself along. */
  private guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.failed(error);
    }
  }

  private failed(error: unknown): void {
    const isRetriable = !(error instanceof CanopyError) || error.code !== 'BAD_INPUT';
    const message = error instanceof Error ? error.message : String(error);
    this.letGo((report) => ({ op: 'failed', key: this.task.key, message, isRetriable, report }));
  }

  /** Closes the source. What is in the table is sent step by step, and then it is said. */
  private letGo(end: (report: WorkerReport | undefined) => WorkerNews): void {
    if (this.end !== undefined) return;
    this.end = end(this.report());
    const { source } = this;
    this.source = undefined;
    source?.close();
  }

  /** Ten times a second. */
  tick(nowMs: number): void {
    const { updateMs } = this.table.options;
    if (updateMs > 0) {
      const rows = Math.ceil(((this.table.stats.flows * TICK) / updateMs) * HEADROOM);
      this.due = Math.max(this.due, Math.max(LEAST_ROWS, rows));
    }
    this.guard(() => this.source?.tick?.(nowMs));
    if (this.closesAt !== undefined && nowMs >= this.closesAt) this.stopNow();
  }

  /** Sends flows: all where it has ended, else those that left before their time, those that are asked for, and those that are due. */
  step(rows: number): boolean {
    const { table, writer } = this;
    if (this.end !== undefined) {
      if (table.flush(writer, rows, this.reason)) return true;
      this.leave(this.end);
      return false;
    }
    if (table.sendEvicted(rows, writer)) return true;
    if (this.refreshAt < 0 && this.refreshingNext.length > 0) {
      [this.refreshing, this.refreshingNext] = [this.refreshingNext, []];
      this.refreshAt = 0;
    }
    if (this.refreshAt >= 0) {
      this.refreshAt = table.refresh(Date.now(), this.refreshWriter, this.refreshAt, rows);
      if (this.refreshAt < 0) this.refreshed();
      return true;
    }
    if (this.due <= 0) return false;
    const visited = table.sweep(Date.now(), Math.min(this.due, rows), writer);
    this.due = visited === 0 ? 0 : this.due - visited;
    if (this.due <= 0) writer.end();
    return this.due > 0;
  }

  private refreshed(): void {
    this.refreshWriter.end();
    for (const done of this.refreshing.splice(0)) done();
  }

  /** Nothing of it is left. */
  private leave(end: WorkerNews): void {
    this.writer.end();
    this.refreshing.push(...this.refreshingNext.splice(0));
    this.refreshed();
    this.exporter?.close();
    this.mirror?.close();
    this.room.tell(end);
    this.room.ended(this.task.key);
  }

  /** Sends how the flows stand that changed since they were last sent, outside their turn, and says when it has. */
  refresh(done: () => void): void {
    if (this.exporter === undefined) this.refreshingNext.push(done);
    else done();
  }

  /** Lets nothing new in, and ends when what came in before has been handed over. */
  stop(nowMs: number, reason: 'stop' | 'moved'): void {
    if (this.closesAt === undefined) this.reason = reason;
    this.guard(() => (this.closesAt ??= nowMs + (this.source?.finish?.(reason === 'moved') ?? 0)));
  }

  /** Has packets come to other parts of the capture, or to these too. */
  steer(numbers: readonly number[], mayGrow: boolean): void {
    const { key } = this.task;
    this.guard(() => this.source?.fanout?.steer(numbers, mayGrow, () => this.room.tell({ op: 'steered', key })));
  }

  /** Takes no more packets. */
  private stopNow(): void {
    this.letGo((report) => ({ op: 'stopped', report: report ?? nothingReported(this.task.key) }));
  }

  /** Ends with all that is still to do. */
  endNow(): void {
    this.stopNow();
    while (this.step(Infinity));
  }

  /** `undefined` when it does not run. */
  report(): WorkerReport | undefined {
    if (this.source === undefined) return undefined;
    const { received, dropped, ifDropped, drops } = this.source.counts();
    const { flows, evicted, evictedUnsent, malformed, fragmentsDropped, rawPacketsRefused, layersRefused, segmentsRefused } =
      this.table.stats;
    let damaged = 0;
    for (const count of Object.values(malformed)) damaged += count;
    const unsent = (this.exporter?.unsent ?? 0) + (this.mirror?.unsent ?? 0);
    const counted = {
      target: unsent,
      flowTableFull: evicted,
      flowsUnsent: evictedUnsent,
      malformed: damaged,
      incompleteDatagrams: fragmentsDropped,
      rawPackets: rawPacketsRefused,
      extraLayers: layersRefused,
      segments: segmentsRefused,
    };
    const ours = { ...drops, ...Object.fromEntries(Object.entries(counted).filter(([, count]) => count > 0)) };
    return { key: this.task.key, received, dropped, ifDropped, flows, drops: ours, facts: this.source.facts() };
  }
}
