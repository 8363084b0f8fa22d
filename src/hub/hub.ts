import type { Cancel, Clock } from '../common/clock.js';
import type { Log } from '../common/log.js';
import { CloseCode } from '../protocol/closeCodes.js';
import type { Hello } from '../protocol/session.js';
import type { HubMessage } from '../protocol/messages.js';
import { noEvents, type AgentEvents } from './agentEvents.js';
import type { AgentStatus } from './agentStatus.js';
import type { Connection } from './connection.js';
import type { HubContext, HubRecorder } from './context.js';
import { count, newCounters, type HubCounters } from './counters.js';
import { DEFAULT_HUB_LIMITS, type HubLimits, type Quota } from './limits.js';
import { Origin } from './origin.js';
import { Refusal, Session } from './session.js';

export interface HubOptions {
  readonly recorder: HubRecorder;
  readonly clock: Clock;
  readonly log: Log;
  readonly quota: Quota;
  /** What differs from the defaults. */
  readonly limits?: Partial<HubLimits>;
  /** Version of the program, said to agents. */
  readonly software: string;
  /** Who takes what agents say beside their graph; nobody unless given. */
  readonly events?: AgentEvents;
}

/** How often origins with nothing left to say are dropped from the list. */
const TIDY_MS = 60_000;

/** The analyzer's side of all agents (ARCHITECTURE.md §5), without sockets: give it connections with `accept`. */
export class Hub {
  readonly counters: HubCounters = newCounters();
  private readonly context: HubContext;
  private readonly origins = new Map<string, Origin>();
  private readonly sessions = new Set<Session>();
  private readonly listeners = new Set<() => void>();
  private readonly cancels: Cancel[];
  private isClosed = false;

  constructor(options: HubOptions) {
    const { recorder, clock, log, quota, software } = options;
    this.context = {
      recorder,
      clock,
      log,
      quota,
      software,
      events: options.events ?? noEvents,
      limits: { ...DEFAULT_HUB_LIMITS, ...options.limits },
      counters: this.counters,
      changed: () => this.tell(),
    };
    this.cancels = [recorder.onRoom(() => this.drainAll()), clock.every(TIDY_MS, () => this.tidy())];
    this.expectReturns();
  }

  /** Agents whose elements the journal kept are away until they come back; those that do not are closed like any lost one. */
  private expectReturns(): void {
    const { recorder, clock } = this.context;
    for (const { origin: name } of recorder.graph.stats().origins) {
      if (recorder.progressOf(name) === undefined) continue;
      const origin = new Origin(this.context, name, name.slice(name.indexOf('.') + 1));
      this.origins.set(name, origin);
      origin.lose(clock.now());
    }
  }

  /** Counts an upgrade that was refused at the door. */
  refusedUpgrade(why: 'token' | 'version' | 'origin'): void {
    count(this.counters.upgradesRefused, why);
  }

  /** Takes over a connection that the door has let in. */
  accept(connection: Connection): void {
    if (this.isClosed) return connection.close(CloseCode.GOING_AWAY, 'the analyzer is stopping');
    this.sessions.add(
      new Session(
        this.context,
        connection,
        (hello) => this.claim(hello),
        (session) => this.sessions.delete(session),
      ),
    );
  }

  /** The origin for a session, after settling with the session that has it now: the newest wins unless the other is another agent and alive. */
  private claim(hello: Hello): Origin {
    let origin = this.origins.get(hello.origin);
    if (origin === undefined) {
      origin = new Origin(this.context, hello.origin, hello.host);
      this.origins.set(hello.origin, origin);
    }
    const present = origin.session;
    if (present === undefined) return origin;
    const isSameAgent = present.incarnation === hello.incarnation;
    if (!isSameAgent && present.heart.silence() <= this.context.limits.heartbeatMs * 1.5) {
      present.heart.challenge();
      throw new Refusal(
        CloseCode.ORIGIN_TAKEN,
        `${hello.origin} is connected from ${present.remoteAddress}; two agents with one host id? set agent.hostId`,
      );
    }
    // The same agent goes on: nothing was lost. Its successor does not know what happened since the other fell silent.
    if (isSameAgent) origin.session = undefined;
    present.end(CloseCode.REPLACED, 'a newer connection of this agent took over');
    return origin;
  }

  /** Everybody known, by origin. */
  agents(): AgentStatus[] {
    return [...this.origins.values()].map((origin) => origin.status()).sort((a, b) => (a.origin < b.origin ? -1 : 1));
  }

  /** Told when an agent comes, goes, or says something new about itself. */
  onAgents(listener: () => void): Cancel {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Tells an agent something; `false` when it is not connected. */
  send(origin: string, message: HubMessage): boolean {
    const session = this.origins.get(origin)?.session;
    if (session === undefined || !session.isWelcomed) return false;
    session.outgoing.send(message);
    return true;
  }

  /** Origins that were welcomed and are connected. */
  connected(): string[] {
    return [...this.origins].flatMap(([name, { session }]) => (session?.isWelcomed === true ? [name] : []));
  }

  /** Open sessions, those still greeting among them. */
  get sessionCount(): number {
    return this.sessions.size;
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }

  private drainAll(): void {
    for (const session of this.sessions) session.drain();
  }

  private tidy(): void {
    const now = this.context.clock.now();
    for (const [name, origin] of this.origins) {
      if (!origin.isForgettable(now)) continue;
      origin.close();
      this.origins.delete(name);
      this.tell();
    }
  }

  /** Says goodbye to all agents and lets go of every timer; nothing is recorded any more. */
  close(): void {
    this.isClosed = true;
    for (const cancel of this.cancels) cancel();
    for (const origin of this.origins.values()) origin.session = undefined;
    for (const session of [...this.sessions]) session.end(CloseCode.GOING_AWAY, 'the analyzer is stopping');
    for (const origin of this.origins.values()) origin.close();
    this.listeners.clear();
  }
}
