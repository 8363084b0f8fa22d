import type { Clock } from '../common/clock.js';
import type { FlowStore, FlowStoreStatus } from '../flowstore/store.js';
import type { Registry, RegistryStatus } from '../registry/registry.js';
import type { SampleStore, SampleStoreStatus } from '../samples/store.js';
import type { Position } from '../graph/position.js';
import type { HistoryStore } from '../history/store.js';
import type { RecorderContract } from '../journal/contracts.js';
import type { Asker } from './asker.js';
import type { ProbesByHost } from './coverage.js';
import type { ReadScope } from './readScope.js';
import { requireRight } from './viewer.js';

export type AgentState = 'CONNECTED' | 'AWAY' | 'LOST';
export type ProbeState = 'STARTING' | 'RUNNING' | 'DEGRADED' | 'FAILED' | 'STOPPED';

export interface ProbeStatus {
  readonly name: string;
  readonly state: ProbeState;
  /** Why it is degraded, failed or stopped; what it says of its work while all is well. For people. */
  readonly reason: string | undefined;
  /** Capabilities that it lacks: `CAP_SYS_ADMIN`. */
  readonly missingCapabilities: readonly string[];
  /** What it heard from its source since the agent started. */
  readonly events: number;
  /** How often it was started again after a failure. */
  readonly restarts: number;
  /** Share of the agent's main thread over the last minute, percent. */
  readonly busyPercent: number;
  /** Over the last minute. */
  readonly eventsPerSecond: number;
}

/** An agent as the hub knows it. Times in milliseconds. */
export interface AgentStatus {
  /** Its origin: `agent.web-1`. */
  readonly id: string;
  readonly host: string;
  readonly version: string | undefined;
  /** From which it is connected, or was. */
  readonly address: string | undefined;
  readonly state: AgentState;
  readonly connectedAt: number | undefined;
  readonly lastSeenAt: number | undefined;
  /** How far its clock is ahead of the analyzer's, milliseconds. */
  readonly clockOffsetMs: number | undefined;
  readonly probes: readonly ProbeStatus[];
  /** What became of its flows since the analyzer started. */
  readonly flows: AgentFlows;
  /** Capabilities that it lacks: `CAP_SYS_ADMIN`. */
  readonly missingCapabilities: readonly string[];
}

export interface AgentFlows {
  readonly received: number;
  /** Received, and refused by the store. */
  readonly notStored: number;
  /** Never sent by the agent, by reason. */
  readonly lost: readonly { readonly reason: string; readonly count: number }[];
  /** Parts of them that could not be read, by name; the flows are there without. */
  readonly unread: readonly { readonly part: string; readonly count: number }[];
}

export interface JournalStatus {
  readonly changes: number;
  /** Applied and not yet on disk. */
  readonly tailChanges: number;
  readonly tailBytes: number;
  readonly bytes: number;
  /** Why it cannot write, for people. */
  readonly error: string | undefined;
}

/** A change that the database refused; what it ended has ended there, what it began is missing. */
export interface SetAsideChange {
  readonly seq: number;
  /** When it was made, milliseconds. */
  readonly at: number;
  /** Of the element. */
  readonly id: string;
  /** What the database said. */
  readonly error: string;
}

/** How a database follows the log of changes. */
export interface ProjectionStatus {
  /** `AWAY`: it does not answer and is tried again. `STOPPED`: only a person can help. */
  readonly state: 'CONNECTING' | 'FOLLOWING' | 'REBUILDING' | 'AWAY' | 'STOPPED';
  readonly url: string;
  /** What the server says of itself, once it was reached. */
  readonly server: string | undefined;
  /** The last change that is in it. */
  readonly seq: number;
  /** Changes that are not in it yet, and how long the oldest of them waits, ms. */
  readonly behind: number;
  readonly lagMs: number;
  /** Why it is away or stopped, for people. */
  readonly error: string | undefined;
  readonly setAside: readonly SetAsideChange[];
  /** Pieces of work that are done, of how many, while it is written anew. */
  readonly rebuild: { readonly done: number; readonly total: number } | undefined;
}

/** How a provider fares where people sign in. */
export interface SignInStatus {
  readonly source: 'oidc' | 'keystone';
  /** What people know it by. */
  readonly name: string;
  readonly url: string;
  /** `AWAY`: it does not answer as it should, and is tried again. */
  readonly state: 'CONNECTING' | 'READY' | 'AWAY';
  /** Why it is away, for people. */
  readonly error: string | undefined;
}

/** Connections of any kind, agents among them. */
export interface ConnectionsStatus {
  readonly open: number;
  /** Of the address that has the most. */
  readonly mostOfOneAddress: number;
  /** Cut since the start because too many stood with their address. */
  readonly refused: number;
  /** Cut because a request or a message took too long to arrive. */
  readonly slow: number;
  /** Clients cut because they answered no ping. */
  readonly silent: number;
}

export interface SubscriptionsStatus {
  readonly connections: number;
  readonly subscriptions: number;
  /** Subscriptions that share one stream. */
  readonly groups: number;
}

/** What only the composition of the analyzer knows; the server hands it in. Each is asked when it is read. */
export interface StatusSources {
  readonly version: string;
  agents(): readonly AgentStatus[];
  journal(): JournalStatus;
  /** `undefined` where no database follows. */
  projection?(): ProjectionStatus | undefined;
  /** Left out where nobody else knows people. */
  signIn?(): readonly SignInStatus[];
  connections(): ConnectionsStatus;
  subscriptions(): SubscriptionsStatus;
}

/** How the analyzer is doing. */
export interface Status {
  readonly version: string;
  readonly startedAt: number;
  readonly now: number;
  readonly nodes: number;
  readonly edges: number;
  readonly cursor: Position;
  /** Earliest instant that can still be asked for. */
  readonly oldest: number;
  readonly agents: readonly AgentStatus[];
  readonly journal: JournalStatus & { readonly isFull: boolean };
  readonly projection: ProjectionStatus | undefined;
  readonly samples: SampleStoreStatus;
  readonly flows: FlowStoreStatus;
  readonly registry: RegistryStatus;
  readonly signIn: readonly SignInStatus[];
  readonly connections: ConnectionsStatus;
  readonly subscriptions: SubscriptionsStatus;
  readonly leases: number;
  readonly residentBytes: number;
  /** How far the axis of `at` is ahead of the clock, after the clock stepped back; 0 otherwise. */
  readonly clockAheadMs: number;
}

export interface StatusParts {
  readonly sources: StatusSources;
  readonly recorder: RecorderContract;
  readonly history: HistoryStore;
  readonly samples: SampleStore;
  readonly flowStore: FlowStore;
  readonly registry: Registry;
  readonly clock: Clock;
  leaseCount(): number;
}

/** Facts about the analyzer and its agents. */
export class StatusService {
  readonly #startedAt: number;

  constructor(private readonly parts: StatusParts) {
    this.#startedAt = parts.clock.now();
  }

  read({ viewer, scope }: Asker): Status {
    requireRight(viewer, 'status', 'read');
    const { sources, recorder, history, samples, flowStore, registry, clock } = this.parts;
    const { graph } = scope.present();
    const now = clock.now();
    return {
      version: sources.version,
      startedAt: this.#startedAt,
      now,
      nodes: graph.nodeCount,
      edges: graph.edgeCount,
      cursor: graph.position,
      oldest: history.oldest().at,
      agents: this.agents(scope),
      journal: { ...sources.journal(), isFull: recorder.isFull },
      // It names elements and what was wrong with them, whosever they are.
      projection: scope.sight?.isPartial ? undefined : sources.projection?.(),
      samples: samples.status(),
      flows: flowStore.status(),
      registry: registry.status(),
      signIn: sources.signIn?.() ?? [],
      connections: sources.connections(),
      subscriptions: sources.subscriptions(),
      leases: this.parts.leaseCount(),
      residentBytes: process.memoryUsage.rss(),
      clockAheadMs: Math.max(0, graph.at - now),
    };
  }

  /** By id: those of whom a node is seen. */
  agents(scope: ReadScope): readonly AgentStatus[] {
    return this.#agents(scope).toSorted((a, b) => (a.id < b.id ? -1 : 1));
  }

  #agents(scope: ReadScope): readonly AgentStatus[] {
    const agents = this.parts.sources.agents();
    if (!scope.sight?.isPartial) return agents;
    const origins = new Set<string>();
    for (const { origin } of scope.present().graph.nodes()) origins.add(origin);
    return agents.filter(({ id }) => origins.has(id));
  }

  agentOf(origin: string): AgentStatus | undefined {
    return this.parts.sources.agents().find(({ id }) => id === origin);
  }

  probesByHost(scope: ReadScope): ProbesByHost {
    return new Map(this.#agents(scope).map(({ host, probes }) => [host, Math.max(1, probes.length)]));
  }
}
