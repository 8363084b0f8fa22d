import { openFlowBatchWriter } from '../../../src/flow/batch/flowBatchWriter.js';
import { openFlowTable, type FlowTable } from '../../../src/flow/table/flowTable.js';
import type { FlowSink } from '../../../src/flow/table/sink.js';
import { CanopyError } from '../../../src/common/errors.js';
import type { FlowBatchKind } from '../../../src/protocol/flows.js';
import { interfaceNow } from '../../linux/interface.js';
import { inNamespace, withNamespace } from '../../linux/namespace.js';
import type { OpenSource, RingMemoryShare, SourceContext, SourceSettings } from '../source.js';
import { openMirror, type PacketMirror } from '../targets/erspanv1.js';
import { openNetflowExporter, type FlowExporter } from '../targets/netflowv5.js';
import { nothingReported, type Start, type WorkerNews, type WorkerReport } from './messages.js';
import { OPEN_SOURCE } from './openSource.js';
import type { Waits } from './waits.js';

/** What captures of one worker share. */
export interface CaptureRoom {
  readonly settings: SourceSettings;
  readonly rings: RingMemoryShare;
  readonly waits: Waits;
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
  private batchKind: FlowBatchKind = 'UPDATE';
  private source: OpenSource | undefined;
  /** When everything has come in that still will; set by `stop`. */
  private closesAt: number | undefined;
  private due = 0;
  private isOver = false;

  constructor(
    private readonly task: Start,
    private readonly room: CaptureRoom,
  ) {
    this.table = openFlowTable(task.table);
    const { key } = task;
    this.writer = openFlowBatchWriter({
      emit: (bytes, count, finished) => room.tell({ op: 'batch', key, kind: this.batchKind, bytes, count, finished }),
    });
  }

  /** Opens the source, or says why it cannot be. */
  start(): void {
    try {
      const open = OPEN_SOURCE[this.task.type];
      if (open === undefined) throw new CanopyError('BAD_INPUT', `captures of the type ${this.task.type} are not possible here`);
      this.openTarget();
      this.source = open(this.context());
      this.room.tell({ op: 'active', report: this.report()! });
    } catch (error) {
      this.failed(error);
    }
  }

  /** Sends elsewhere than to the analyzer where the capture says so: from the agent's own namespace, wherever the packets are. */
  private openTarget(): void {
    const { target, targetType } = this.task.spec;
    if (targetType === 'netflowv5') {
      this.exporter = openNetflowExporter(target, Date.now());
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
      packets: this.mirror ?? table,
      external: (flow) => table.external(flow, Date.now()),
      recount: (counted) => table.recount(counted, Date.now()),
      measure: (values) => room.tell({ op: 'measured', key: task.key, values }),
      watch: (fd, ready) => room.waits.watch(fd, () => this.guard(ready)),
      unwatch: (fd) => room.waits.unwatch(fd),
      failed: (error) => this.failed(error),
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
    if (this.isOver) return;
    const report = this.letGo();
    const isRetriable = !(error instanceof CanopyError) || error.code !== 'BAD_INPUT';
    const message = error instanceof Error ? error.message : String(error);
    this.room.tell({ op: 'failed', key: this.task.key, message, isRetriable, report });
    this.room.ended(this.task.key);
  }

  /** Sends what is in the table and closes the source. */
  private letGo(): WorkerReport | undefined {
    this.isOver = true;
    const { source } = this;
    const report = this.report();
    this.source = undefined;
    source?.close();
    this.batchKind = 'UPDATE';
    this.table.flush(this.writer);
    this.writer.end();
    return report;
  }

  /** Ten times a second. */
  tick(nowMs: number): void {
    const { updateMs } = this.table.options;
    if (updateMs > 0) {
      const rows = Math.ceil(((this.table.stats.flows * TICK) / updateMs) * HEADROOM);
      this.due = Math.max(this.due, Math.max(LEAST_ROWS, rows));
    }
    this.guard(() => this.source?.tick?.(nowMs));
    if (this.closesAt !== undefined && nowMs >= this.closesAt) this.end();
  }

  /** Sweeps at most so many of the rows that are due. Answers whether some are left. */
  sweep(nowMs: number, most: number): boolean {
    if (this.due <= 0) return false;
    const visited = this.table.sweep(nowMs, Math.min(this.due, most), this.writer);
    this.due = visited === 0 ? 0 : this.due - visited;
    if (this.due <= 0) this.writer.end();
    return this.due > 0;
  }

  /** Sends how the flows stand that changed since they were last sent, outside their turn. */
  refresh(nowMs: number): void {
    if (this.exporter !== undefined) return;
    this.batchKind = 'REFRESH';
    this.table.refresh(nowMs, this.writer);
    this.writer.end();
    this.batchKind = 'UPDATE';
  }

  /** Lets nothing new in, and ends when what came in before has been handed over. */
  stop(nowMs: number): void {
    this.guard(() => (this.closesAt ??= nowMs + (this.source?.finish?.() ?? 0)));
  }

  /** Ends now. */
  end(): void {
    if (this.isOver) return;
    const report = this.letGo();
    this.room.tell({ op: 'stopped', report: report ?? nothingReported(this.task.key) });
    this.room.ended(this.task.key);
  }

  /** `undefined` when it does not run. */
  report(): WorkerReport | undefined {
    if (this.source === undefined) return undefined;
    const { received, dropped, ifDropped, drops } = this.source.counts();
    const { flows, evicted, malformed } = this.table.stats;
    let damaged = 0;
    for (const count of Object.values(malformed)) damaged += count;
    const unsent = (this.exporter?.unsent ?? 0) + (this.mirror?.unsent ?? 0);
    const ours = {
      ...drops,
      ...(unsent > 0 ? { target: unsent } : {}),
      ...(evicted > 0 ? { flowTableFull: evicted } : {}),
      ...(damaged > 0 ? { malformed: damaged } : {}),
    };
    return { key: this.task.key, received, dropped, ifDropped, flows, drops: ours, facts: this.source.facts() };
  }
}
