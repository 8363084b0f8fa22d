import type { Cancel } from '../common/clock.js';
import type { GapReason } from '../graph/change.js';
import { reconcile } from '../graph/reconcile.js';
import type { ProbeStatus } from '../protocol/status.js';
import type { Hello, PictureReason } from '../protocol/session.js';
import type { AgentStatus } from './agentStatus.js';
import { ChangeRate, Strikes } from './changeRate.js';
import { recordInChunks } from './chunks.js';
import type { HubContext } from './context.js';
import { FlowCounts } from './flowCounts.js';
import type { Session } from './session.js';

/** Incarnation in the progress of an origin whose elements were closed: no agent can continue from there. */
const CLOSED = '';

/** How a session begins: deltas after a number, or the whole picture. */
export type Continuation =
  { readonly resumeAfter: number; readonly reason?: undefined } | { readonly reason: PictureReason; readonly resumeAfter?: undefined };

/** One agent across its sessions: how far it has been taken, what is not watched because of it, and when it is given up. */
export class Origin {
  readonly name: string;
  host: string;
  session: Session | undefined;
  /** Deltas up to here are in the live graph, of this incarnation; on disk perhaps a moment later. */
  private applied: { incarnation: string; lastDelta: number } | undefined;
  private readonly openGaps = new Set<string>();
  private probes: readonly ProbeStatus[] = [];
  private cancelGrace: Cancel | undefined;
  private lastSession: { readonly version: string; readonly remoteAddress: string; readonly lastSeen: number } | undefined;
  private dirty = false;
  /** Counts attachments, so that a closing that began before one of them stops. */
  private attachments = 0;
  readonly rate: ChangeRate;
  readonly strikes = new Strikes();
  readonly flows = new FlowCounts();

  constructor(
    private readonly context: HubContext,
    name: string,
    host: string,
  ) {
    this.name = name;
    this.host = host;
    this.rate = new ChangeRate(context.quota.changesPerSecond, context.clock.monotonic());
  }

  /** The session speaks for this origin from now on; says how it is to begin. */
  attach(session: Session, hello: Hello): Continuation {
    this.attachments += 1;
    this.cancelGrace?.();
    this.cancelGrace = undefined;
    this.session = session;
    this.host = hello.host;
    const continuation = this.continuationOf(hello);
    if (continuation.reason !== undefined) this.applied = undefined;
    return continuation;
  }

  private continuationOf(hello: Hello): Continuation {
    const progress = this.applied ?? this.context.recorder.progressOf(this.name);
    if (progress === undefined) return { reason: 'NEW_ORIGIN' };
    if (progress.incarnation === CLOSED) return { reason: 'CLOSED' };
    if (progress.incarnation !== hello.incarnation) return { reason: 'NEW_INCARNATION' };
    if (hello.dirtySince !== undefined) return { reason: 'DIRTY' };
    if (progress.lastDelta > hello.newest) return { reason: 'AHEAD' };
    if (progress.lastDelta + 1 < hello.oldest) return { reason: 'NOT_KEPT' };
    this.applied = { incarnation: progress.incarnation, lastDelta: progress.lastDelta };
    return { resumeAfter: progress.lastDelta };
  }

  get lastDelta(): number {
    return this.applied?.lastDelta ?? 0;
  }

  advance(incarnation: string, lastDelta: number): void {
    this.applied = { incarnation, lastDelta };
  }

  /** Deltas of the incarnation are on disk. The connection may be another one than that which brought them. */
  durable(incarnation: string, lastDelta: number): void {
    if (this.session?.incarnation === incarnation) this.session.outgoing.acknowledge(lastDelta);
  }

  /** What is in memory cannot be trusted to reach the disk: the next session begins from what is durable. */
  forgetApplied(): void {
    this.applied = undefined;
  }

  /** The session ended. Its elements stay for the grace period; what happens meanwhile is not watched. */
  detach(session: Session): void {
    if (this.session !== session) return;
    this.session = undefined;
    this.lastSession = { version: session.software, remoteAddress: session.remoteAddress, lastSeen: session.heart.lastSeen };
    this.context.counters.agentsLost += 1;
    this.lose(session.heart.lastSeen);
  }

  /** Opens the gap and starts the grace period. */
  lose(since: number): void {
    this.openGap('AGENT_LOST', since);
    this.cancelGrace?.();
    this.cancelGrace = this.context.clock.after(this.context.limits.graceMs, () => this.giveUp());
    this.context.changed();
  }

  /** The agent is back and everything it knew when it came is in the graph. */
  caughtUp(): void {
    this.closeGap('AGENT_LOST');
    this.closeGap('AGENT_DIRTY');
    this.dirty = false;
    this.context.changed();
  }

  /** Deltas were dropped since then; what the graph says about this origin may be wrong until a picture has come. */
  markDirty(since: number): void {
    this.dirty = true;
    this.openGap('AGENT_DIRTY', Math.min(since, this.context.clock.now()));
    this.context.changed();
  }

  /** Keeps what the agent says about its probes; one that does not watch is a gap. */
  setProbes(probes: readonly ProbeStatus[]): void {
    const now = this.context.clock.now();
    for (const probe of probes) {
      if (probe.state === 'FAILED' || probe.state === 'STOPPED') this.openGap('PROBE_DOWN', now, probe.name);
      else if (probe.state !== 'STARTING') this.closeGap('PROBE_DOWN', probe.name);
    }
    for (const gone of this.probes) {
      if (!probes.some((probe) => probe.name === gone.name)) this.closeGap('PROBE_DOWN', gone.name);
    }
    this.probes = probes;
    this.context.changed();
  }

  private openGap(reason: GapReason, since: number, probe?: string): void {
    const key = `${reason} ${probe ?? ''}`;
    if (this.openGaps.has(key)) return;
    this.openGaps.add(key);
    this.context.recorder.openGap({ reason, since, origin: this.name, host: this.host, probe });
  }

  /** Also closes one that the journal still knows from before the analyzer started. */
  private closeGap(reason: GapReason, probe?: string): void {
    this.openGaps.delete(`${reason} ${probe ?? ''}`);
    this.context.recorder.closeGap({ reason, origin: this.name, host: this.host, probe });
  }

  /** Nobody came back: what the agent had is closed, a part at a time, unless it comes back meanwhile. */
  private giveUp(): void {
    this.closeElements().catch((error: unknown) => {
      this.context.log.error({ origin: this.name, error: String(error) }, 'elements of a lost agent could not be closed; tried again');
      this.cancelGrace = this.context.clock.after(this.context.limits.graceMs, () => this.giveUp());
    });
  }

  private async closeElements(): Promise<void> {
    const began = this.attachments;
    const removals = reconcile(this.context.recorder.graph, this.name, []).map((delta) => ({ ...delta, reason: 'AGENT_LOST' as const }));
    this.applied = undefined;
    this.context.log.warn({ origin: this.name, elements: removals.length }, 'agent stayed away; its elements are closed');
    const progress = { origin: this.name, incarnation: CLOSED, lastDelta: 0 };
    const last = await recordInChunks(
      this.context,
      { origin: this.name, deltas: removals, firstProgress: progress },
      {
        goesOn: () => this.attachments === began,
        recorded: (recorded) => {
          this.context.counters.elementsClosed += recorded.removed;
        },
      },
    );
    await last?.durable;
    this.context.changed();
  }

  /** Lets go of timers; nothing more will be written. */
  close(): void {
    this.attachments += 1;
    this.cancelGrace?.();
  }

  /** Whether there is nothing left to say about it. */
  isForgettable(now: number): boolean {
    if (this.session !== undefined || this.context.recorder.graph.originStats(this.name).elements > 0) return false;
    return this.lastSession === undefined || now - this.lastSession.lastSeen > this.context.limits.forgetMs;
  }

  status(): AgentStatus {
    const { session } = this;
    const held = this.context.recorder.graph.originStats(this.name);
    return {
      origin: this.name,
      host: this.host,
      version: session?.software ?? this.lastSession?.version,
      remoteAddress: session?.remoteAddress ?? this.lastSession?.remoteAddress,
      state: session === undefined ? 'LOST' : this.dirty ? 'DIRTY' : 'CONNECTED',
      connectedSince: session?.connectedSince,
      lastSeen: session?.heart.lastSeen ?? this.lastSession?.lastSeen,
      offsetMs: session?.heart.estimate.error === undefined ? undefined : session.heart.estimate.offset,
      errorMs: session?.heart.estimate.error,
      probes: this.probes,
      elements: held.elements,
      metadataBytes: held.metadataBytes,
      flows: this.flows,
    };
  }
}
