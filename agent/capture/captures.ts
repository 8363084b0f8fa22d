import type { Cancel, Clock } from '../../src/common/clock.js';
import type { AgentConfig, Permission } from '../../src/common/config/config.js';
import { CanopyError } from '../../src/common/errors.js';
import type { Log } from '../../src/common/log.js';
import type { GraphView } from '../../src/graph/view.js';
import {
  CAPTURE_TYPES,
  type Abilities,
  type CaptureActivity,
  type CaptureSpec,
  type CaptureTask,
  type CaptureTasks,
} from '../../src/protocol/capture.js';
import type { Namespaces } from '../probes/kit/namespaces.js';
import type { FlowBatch } from '../link/flowQueue.js';
import { chooseType } from './chooseType.js';
import { ownPeers, readPeer, withoutPeers, type Peer } from './ownTraffic.js';
import { isPermitted } from './permission.js';
import { Bridges, switchPlace } from './ovs/bridges.js';
import { exportOf } from './ovs/exports.js';
import { Mirrors } from './ovs/mirrors.js';
import { ovssflow } from './ovs/source.js';
import { locate } from './place.js';
import type { MeasuredValues } from './source.js';
import { SOURCES } from './sources.js';
import { tableOptions } from './tableOptions.js';
import { Task } from './task.js';
import { WorkerPool } from './worker/workerPool.js';
import { nothingReported, type Start, type CaptureNews, type WorkerReport } from './worker/messages.js';

export interface CapturesOptions {
  readonly config: AgentConfig;
  /** The analyzer's URL: its traffic is left out, and where it is decides what it may ask for. */
  readonly analyzer: string;
  /** URLs of the etcd of an analyzer that is on this host: its traffic is left out, too. */
  readonly etcd?: readonly string[];
  /** The agent's graph as it is now. */
  readonly view: () => GraphView;
  readonly namespaces: Namespaces;
  readonly clock: Clock;
  readonly log: Log;
  /** Hears how captures fare: a change of state at once, counters once a second. */
  readonly changed: (activities: readonly CaptureActivity[]) => void;
  /** Hears what can be done on this host when that is not what was told before. */
  readonly able: (abilities: Abilities) => void;
  /** Takes flows. */
  readonly ship: (batch: FlowBatch) => void;
  /** Everything that a refresh brought about was shipped. */
  readonly refreshed: (request: number) => void;
  /** Takes measurements of a node that came with captured traffic. */
  readonly measure: (node: string, values: MeasuredValues) => void;
}

/** Milliseconds between attempts at what could not be started. */
const RETRY = 1_000;

/** The captures of one host: what is wanted is started, what fails is tried again, and how each fares is told. */
export class Captures {
  private readonly tasks = new Map<string, Task>();
  private readonly byKey = new Map<number, Task>();
  private readonly pool: WorkerPool;
  private readonly bridges: Bridges;
  private readonly mirrors: Mirrors;
  private readonly cancels: Cancel[] = [];
  private peers: readonly Peer[] = [];
  private lastKey = 0;
  private toldTaken = 0;
  private isClosing = false;

  private constructor(private readonly options: CapturesOptions) {
    const { config, clock, log, namespaces, view } = options;
    this.mirrors = new Mirrors(view);
    this.pool = new WorkerPool(config.capture, clock, log, (news) => this.hear(news));
    this.bridges = new Bridges({
      address: config.ovsdb,
      owner: config.hostId,
      lost: (key, reason) => this.giveUp(key, new CanopyError('UNAVAILABLE', reason, { retriable: true })),
    });
    this.cancels.push(
      clock.every(RETRY, () => this.tryAgain()),
      namespaces.listen({
        added: () => undefined,
        renamed: () => undefined,
        removed: ({ key }) => this.namespaceGone(key),
      }),
    );
  }

  /** Resolves when the analyzer's addresses are known. */
  static async open(options: CapturesOptions): Promise<Captures> {
    const captures = new Captures(options);
    captures.peers = await ownPeers(options.analyzer, options.etcd ?? []);
    // Not waited for: there may be a switch that does not answer.
    if (captures.isAllowed(options.config.allow.capture) && ovssflow.impossible(options.config) === undefined) void captures.bridges.tidy();
    return captures;
  }

  /** What is to run from now on; what runs already with the same specification goes on. */
  apply({ isWhole, captures, start, stop }: CaptureTasks): void {
    const specs = new Map(captures.map((spec) => [spec.id, spec]));
    const changed: CaptureActivity[] = [];
    for (const task of stop) this.stop(nameOf(task), changed);
    if (isWhole) {
      const wanted = new Set(start.map(nameOf));
      for (const name of [...this.tasks.keys()]) if (!wanted.has(name)) this.stop(name, changed);
    }
    for (const task of start) {
      const spec = specs.get(task.capture);
      if (spec !== undefined) this.start(task, spec, changed);
    }
    this.tell(changed);
  }

  /** How every capture fares. */
  states(): readonly CaptureActivity[] {
    return [...this.tasks.values()].map((task) => task.activity());
  }

  /** What may and can be done on this host. */
  abilities(): Abilities {
    const { config } = this.options;
    return {
      kind: 'abilities',
      allowsCapture: this.isAllowed(config.allow.capture),
      allowsInjection: this.isAllowed(config.allow.inject),
      captures: CAPTURE_TYPES.map((type) => {
        const source = SOURCES.find((known) => known.type === type);
        return { type, impossible: source === undefined ? `this agent has no captures of the type ${type}` : source.impossible(config) };
      }),
      ringBytes: config.capture.ringMemory,
      ringBytesUsed: this.pool.rings.taken,
      mostHeaderSize: config.capture.headerSize,
      mostRawPackets: config.capture.rawPackets,
      mostCaptures: config.capture.most,
    };
  }

  /** Ships how all flows stand that changed since they were last sent. */
  refresh(request: number): void {
    this.pool.refresh(request, () => this.options.refreshed(request));
  }

  /** Ends all captures; their flows are shipped before it resolves. */
  async close(): Promise<void> {
    this.isClosing = true;
    for (const cancel of this.cancels) cancel();
    await this.pool.end();
    await this.bridges.close();
  }

  /** Whether the analyzer may ask for it (`agent.allow`). */
  isAllowed(permission: Permission): boolean {
    return isPermitted(permission, this.options.analyzer);
  }

  private start(wanted: CaptureTask, spec: CaptureSpec, changed: CaptureActivity[]): void {
    const name = nameOf(wanted);
    const running = this.tasks.get(name);
    if (running?.isSame(spec) === true) return;
    if (running !== undefined) this.stop(name, changed);
    const task = new Task(wanted, spec);
    this.tasks.set(name, task);
    this.run(task);
    changed.push(task.activity());
  }

  private stop(name: string, changed: CaptureActivity[]): void {
    const task = this.tasks.get(name);
    if (task === undefined) return;
    this.tasks.delete(name);
    task.isWanted = false;
    if (task.key !== undefined) return this.pool.stop(task.key);
    task.stopped();
    changed.push(task.activity());
  }

  /** Hands it to a worker, or notes why that cannot be. */
  private run(task: Task): void {
    try {
      this.demandAllowed(task.spec);
      const view = this.options.view();
      try {
        const { node, place, namespace } = locate(view, this.options.namespaces, task.wanted.node);
        const type = chooseType(task.spec, node, this.options.config);
        const target = readPeer(task.spec.target);
        const filter = withoutPeers(task.spec.bpf, target === undefined ? this.peers : [...this.peers, target]);
        const isAlone = [...this.byKey.values()].every((other) => other.wanted.node !== task.wanted.node);
        const key = ++this.lastKey;
        task.starts(key, type, namespace.key);
        this.byKey.set(key, task);
        const table = tableOptions(task.spec, place.tid, node, isAlone, this.options.config.flow);
        const start: Start = { op: 'start', key, type, spec: task.spec, place, filter, table };
        task.onSwitch = type.startsWith('ovs') ? switchPlace(node) : undefined;
        if (task.onSwitch === undefined) this.pool.start(start);
        else if (type === 'ovsmirror') this.startMirror(task, start);
        // What a bridge exports goes to where only this host sends to.
        else this.pool.start({ ...start, place: { ...place, addresses: ['127.0.0.1'] } });
      } finally {
        view.release();
      }
    } catch (error) {
      const { message, isRetriable } = failureOf(error);
      task.failed(message, isRetriable);
    }
  }

  /** Has the bridge make an interface for the mirrored packets, and captures there. */
  private startMirror(task: Task, start: Start): void {
    const { key, place } = start;
    void this.bridges.mirror({ key, capture: task.spec.id }, task.onSwitch!).then(
      (interfaceName) => {
        if (task.isWanted && !this.isClosing) {
          task.mirror = interfaceName;
          this.pool.start({ ...start, place: { ...place, interfaceName } });
        } else this.hear({ op: 'stopped', report: nothingReported(key) });
      },
      (error: unknown) => this.hear({ op: 'failed', key, ...failureOf(error), report: undefined }),
    );
  }

  /** It runs in its worker; a bridge that is to send there is told so. */
  private activate(report: WorkerReport): void {
    const { key, facts } = report;
    const task = this.byKey.get(key);
    const wanted = task?.onSwitch === undefined ? undefined : exportOf(task.kind!, task.spec, facts);
    const active = (): void => this.update(key, (running) => running.active(report));
    if (task === undefined || wanted === undefined) return active();
    void this.bridges
      .export({ key, capture: task.spec.id }, wanted.exporter, task.onSwitch!, wanted.row)
      .then(active, (error: unknown) => this.giveUp(key, error));
  }

  /** Ends a run that makes no sense any more; it is tried again. */
  private giveUp(key: number, error: unknown): void {
    const task = this.byKey.get(key);
    if (task === undefined) return;
    const { message: reason, isRetriable } = failureOf(error);
    task.endsBecause = { reason, isRetriable };
    this.pool.stop(key);
  }

  /** Throws `FORBIDDEN` or `LIMIT_EXCEEDED` for what this agent's configuration does not let happen. */
  private demandAllowed({ headerSize, rawPacketLimit }: CaptureSpec): void {
    const { config } = this.options;
    const { allow, capture } = config;
    if (!this.isAllowed(allow.capture))
      throw new CanopyError(
        'FORBIDDEN',
        `this host allows no captures${allow.capture === 'local' ? ' by an analyzer elsewhere' : ''} (agent.allow.capture is ${allow.capture})`,
      );
    const demand = (key: string, asked: number, most: number, retriable: boolean): void => {
      if (asked > most)
        throw new CanopyError('LIMIT_EXCEEDED', `this host allows at most ${most} (agent.capture.${key}), not ${asked}`, { retriable });
    };
    demand('headerSize', headerSize, capture.headerSize, false);
    demand('rawPackets', rawPacketLimit, capture.rawPackets, false);
    // Others may end.
    demand('most', this.byKey.size + 1, capture.most, true);
  }

  private tryAgain(): void {
    const again = [...this.tasks.values()].filter((task) => task.isToBeTriedAgain);
    for (const task of again) this.run(task);
    this.tell(this.mirrors.activities(this.tasks.values()));
    this.tellRoom();
  }

  /** Memory of rings comes and goes with captures and their load. */
  private tellRoom(): void {
    const { taken } = this.pool.rings;
    if (taken === this.toldTaken) return;
    this.toldTaken = taken;
    this.options.able(this.abilities());
  }

  private hear(news: CaptureNews): void {
    switch (news.op) {
      case 'active':
        return this.activate(news.report);
      case 'failed':
        return this.update(news.key, (task) => {
          this.forget(news.key, task);
          task.ended(news.report);
          if (task.isWanted) task.failed(news.message, news.isRetriable);
          else task.stopped();
        });
      case 'stopped':
        return this.update(news.report.key, (task) => {
          this.forget(news.report.key, task);
          task.ended(news.report);
          const { reason, isRetriable } = task.endsBecause ?? { reason: 'its namespace is gone', isRetriable: true };
          if (task.isWanted) task.failed(reason, isRetriable);
          else task.stopped();
        });
      case 'counted':
        return this.tell(
          news.reports.flatMap((report) => {
            const task = this.byKey.get(report.key);
            return task?.counted(report) === true ? [task.activity()] : [];
          }),
        );
      case 'batch': {
        const task = this.byKey.get(news.key);
        if (task === undefined) return;
        const { capture, node } = task.wanted;
        const { kind: batchKind, count, bytes: batch, finished } = news;
        return this.options.ship({ capture, node, batchKind, count, batch, isFinal: finished > 0 });
      }
      case 'measured': {
        const task = this.byKey.get(news.key);
        if (task !== undefined) this.options.measure(task.wanted.node, news.values);
        return;
      }
    }
  }

  private update(key: number, change: (task: Task) => void): void {
    const task = this.byKey.get(key);
    if (task === undefined) return;
    const before = task.shown();
    change(task);
    if (task.shown() !== before) this.tell([task.activity()]);
  }

  private forget(key: number, { onSwitch }: Task): void {
    this.byKey.delete(key);
    if (onSwitch !== undefined) void this.bridges.release(key);
  }

  /** Sockets keep a namespace alive: those of its captures are closed at once. */
  private namespaceGone(namespace: string): void {
    for (const [key, task] of this.byKey) if (task.namespace === namespace) this.pool.stop(key);
  }

  private tell(activities: readonly CaptureActivity[]): void {
    if (activities.length > 0) this.options.changed(activities);
  }
}

/** What is said of an error, and whether it makes sense to try again. */
const failureOf = (error: unknown): { message: string; isRetriable: boolean } => ({
  message: error instanceof Error ? error.message : String(error),
  isRetriable: !(error instanceof CanopyError) || error.retriable,
});

const nameOf = ({ capture, node }: CaptureTask): string => `${capture} ${node}`;
