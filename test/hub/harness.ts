import { AgentLink, type AgentLinkOptions } from '../../agent/link/agentLink.js';
import type { Log } from '../../src/common/log.js';
import { silentLog } from '../../src/common/log.js';
import type { Delta, PutEdge, PutNode } from '../../src/graph/delta.js';
import { isElementChange, type Change } from '../../src/graph/change.js';
import { LiveGraph } from '../../src/graph/liveGraph.js';
import { Hub, type HubOptions } from '../../src/hub/hub.js';
import { Recorder } from '../../src/journal/recorder.js';
import { decodeFromHub, encode } from '../../src/protocol/codec.js';
import type { AgentMessage, HubMessage } from '../../src/protocol/messages.js';
import type { Hello } from '../../src/protocol/session.js';
import type { ManualClock } from './manualClock.js';
import { settle } from './manualClock.js';
import { MemoryStore } from './memoryStore.js';
import { dialTo, Wire } from './wire.js';

export const LARGE_QUOTA = { elements: 1e6, metadataBytes: 1e9, changesPerSecond: 1e6 };
/** No revision waits in the governor: what is recorded is seen, and acknowledged, at once. */
const NO_GOVERNOR = { burst: 1e9, periodMs: 1_000 };

/** An analyzer without sockets on a clock that is moved by hand: the real recorder and hub over a disk in memory. */
export class Analyzer {
  readonly changes: Change[] = [];
  hub!: Hub;
  recorder!: Recorder;
  isUp = false;

  constructor(
    readonly clock: ManualClock,
    public store = new MemoryStore(),
    readonly options: Partial<HubOptions> & { readonly maxTailBytes?: number; readonly log?: Log } = {},
  ) {}

  async start(): Promise<this> {
    const { clock, options } = this;
    const log = options.log ?? silentLog;
    const limits = { maxTailBytes: options.maxTailBytes ?? 64e6, graph: NO_GOVERNOR };
    this.recorder = await Recorder.open(this.store, { clock, log, limits });
    this.recorder.onChanges((changes) => this.changes.push(...changes));
    this.hub = new Hub({ recorder: this.recorder, clock, log, quota: LARGE_QUOTA, software: 'test', ...options });
    this.isUp = true;
    return this;
  }

  /** As `kill -9`: what is not on disk is lost. */
  async crash(): Promise<void> {
    this.isUp = false;
    const kept = this.store.copy();
    this.hub.close();
    this.store.release();
    await this.recorder.close(0);
    this.store = kept;
  }

  async stop(): Promise<void> {
    this.isUp = false;
    this.hub.close();
    this.store.release();
    await this.recorder.close();
  }

  /** Ids of visible elements, sorted. */
  ids(): string[] {
    const view = this.recorder.graph.view();
    const ids = [...view.nodes(), ...view.edges()].map(({ id }) => id).sort();
    view.release();
    return ids;
  }

  /** `added a`, `removed b`, `gapOpened AGENT_LOST`: what was logged, then forgotten. */
  takeLog(): string[] {
    return this.changes
      .splice(0)
      .map((change) => (isElementChange(change) ? `${change.op} ${change.element.id}` : `${change.op} ${change.reason}`));
  }

  agent(origin = 'agent.one') {
    return this.hub.agents().find((agent) => agent.origin === origin);
  }
}

/** An agent that says exactly what the test wants, and keeps what it hears. */
export class RawAgent {
  readonly heard: HubMessage[] = [];
  readonly wire: Wire;
  /** Answers heartbeats with this clock difference; `undefined`: not at all. */
  clockAhead: number | undefined = 0;

  constructor(
    readonly analyzer: Analyzer,
    address = 'memory',
  ) {
    this.wire = new Wire(
      {
        opened: () => undefined,
        received: (bytes) => this.hear(decodeFromHub(bytes)),
        closed: () => undefined,
      },
      address,
    );
    analyzer.hub.accept(this.wire.connection);
  }

  private hear(message: HubMessage): void {
    this.heard.push(message);
    if (message.kind !== 'heartbeat' || this.clockAhead === undefined) return;
    const at = this.analyzer.clock.now() + this.clockAhead;
    this.send({ kind: 'heartbeatReply', number: message.number, receivedAt: at, sentAt: at });
  }

  send(message: AgentMessage): void {
    this.wire.send(encode(message));
  }

  async hello(fields: Partial<Hello> = {}): Promise<this> {
    this.send({
      kind: 'hello',
      versions: [1, 1],
      software: 'raw',
      host: 'one',
      origin: 'agent.one',
      incarnation: 'first',
      oldest: 1,
      newest: 0,
      dirtySince: undefined,
      sentAt: this.analyzer.clock.now() + (this.clockAhead ?? 0),
      ...fields,
    });
    await settle();
    return this;
  }

  /** Sends a whole picture. */
  async picture(elements: readonly (PutNode | PutEdge)[], upTo = 0, dirtySince?: number): Promise<this> {
    this.send({ kind: 'pictureBegin', upTo, reason: 'NEW_ORIGIN', dirtySince });
    if (elements.length > 0) this.send({ kind: 'picturePage', page: 0, stamp: this.analyzer.clock.now(), elements });
    this.send({ kind: 'pictureEnd', pages: elements.length > 0 ? 1 : 0, elements: elements.length });
    await settle();
    await this.analyzer.clock.advance(1);
    return this;
  }

  async deltas(first: number, ...deltas: Delta[]): Promise<this> {
    this.send({ kind: 'deltas', first, stamp: this.analyzer.clock.now() + (this.clockAhead ?? 0), deltas });
    await settle();
    return this;
  }

  of<K extends HubMessage['kind']>(kind: K): Extract<HubMessage, { kind: K }>[] {
    return this.heard.filter((message): message is Extract<HubMessage, { kind: K }> => message.kind === kind);
  }

  /** The highest acknowledged delta. */
  get acknowledged(): number {
    return Math.max(-1, ...this.of('acknowledge').map(({ lastDelta }) => lastDelta ?? -1));
  }
}

/** An agent with a graph of its own and the real link. */
export class LinkedAgent {
  readonly graph: LiveGraph;
  readonly link: AgentLink;
  readonly wires: Wire[] = [];
  readonly origin: string;

  constructor(
    readonly clock: ManualClock,
    hub: () => Hub | undefined,
    options: Partial<AgentLinkOptions> = {},
  ) {
    const origin = options.origin ?? 'agent.one';
    this.origin = origin;
    this.graph = new LiveGraph({ now: () => clock.now(), limits: NO_GOVERNOR });
    this.link = new AgentLink({
      url: 'http://memory',
      token: undefined,
      host: origin.slice(origin.indexOf('.') + 1),
      origin,
      incarnation: 'first',
      software: 'test',
      clock,
      log: silentLog,
      random: () => 0,
      picture: () => pictureOf(this.graph, origin),
      dial: dialTo(hub, this.wires),
      ...options,
    });
  }

  /** Applies to its own graph and publishes. */
  say(...deltas: Delta[]): void {
    this.graph.apply({ origin: this.origin, deltas });
    this.link.publish(deltas);
  }

  get wire(): Wire {
    return this.wires.at(-1) as Wire;
  }
}

export function pictureOf(graph: LiveGraph, origin: string): (PutNode | PutEdge)[] {
  return graph
    .elementsOf(origin)
    .map(({ revision }) =>
      revision.kind === 'node'
        ? { op: 'putNode', id: revision.id, host: revision.host, metadata: revision.base }
        : { op: 'putEdge', id: revision.id, host: revision.host, parent: revision.parent, child: revision.child, metadata: revision.base },
    );
}

export const node = (id: string, metadata: Record<string, string | number> = {}): PutNode => ({
  op: 'putNode',
  id,
  host: 'one',
  metadata: { Name: id, Type: 'device', ...metadata },
});

export const edge = (parent: string, child: string): PutEdge => ({
  op: 'putEdge',
  id: `${parent}-${child}`,
  host: 'one',
  parent,
  child,
  metadata: { RelationType: 'ownership' },
});

export const remove = (id: string): Delta => ({ op: 'remove', id });
