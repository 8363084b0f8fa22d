import type { Cancel } from '../common/clock.js';
import type { HeartbeatReply } from '../protocol/heartbeat.js';
import { ClockEstimate } from './clockEstimate.js';
import type { HubContext } from './context.js';
import type { Outgoing } from './outgoing.js';

/** The signs of life of one agent: heartbeats out, anything in, and from the answers how far its clock is from ours. */
export class Heart {
  readonly estimate = new ClockEstimate();
  /** When something was heard last, on the clock that can be set, ms. */
  lastSeen: number;
  private lastHeard: number;
  private messagesHeard = 0;
  private latest = { number: 0, sentAt: 0, monotonic: -Infinity };
  private readonly cancels: Cancel[] = [];

  constructor(
    private readonly context: HubContext,
    private readonly outgoing: Outgoing,
    /** Whether it is us who do not read: silence is not held against the agent then. */
    private readonly isPaused: () => boolean,
    private readonly died: (reason: string) => void,
  ) {
    this.lastSeen = context.clock.now();
    this.lastHeard = context.clock.monotonic();
  }

  /** Something came in. */
  heard(): void {
    this.lastSeen = this.context.clock.now();
    this.listen();
    this.messagesHeard += 1;
  }

  /** Silence counts from now on: we did not read before. */
  listen(): void {
    this.lastHeard = this.context.clock.monotonic();
  }

  /** Milliseconds since something was heard. */
  silence(): number {
    return this.isPaused() ? 0 : this.context.clock.monotonic() - this.lastHeard;
  }

  /** Begins to beat: at once, then periodically. */
  start(): void {
    const { clock, limits } = this.context;
    this.beat();
    this.cancels.push(clock.every(limits.heartbeatMs / 2, () => this.tick()));
  }

  /** Asks for a sign of life now: another agent claims this origin. */
  challenge(): void {
    const { clock, limits } = this.context;
    this.beat();
    const before = this.messagesHeard;
    this.cancels.push(
      clock.after(limits.takeoverMs, () => {
        if (this.messagesHeard === before && !this.isPaused()) this.died('did not answer when another agent claimed its origin');
      }),
    );
  }

  takeReply({ number, receivedAt, sentAt }: HeartbeatReply): void {
    if (this.latest.number !== number) return;
    // Our own clock may have been set meanwhile: the time that passed is taken from the one that is never set.
    const answeredAt = this.latest.sentAt + (this.context.clock.monotonic() - this.latest.monotonic);
    this.estimate.add(this.latest.sentAt, receivedAt, sentAt, answeredAt);
  }

  stop(): void {
    for (const cancel of this.cancels) cancel();
  }

  private tick(): void {
    const { clock, limits } = this.context;
    if (this.silence() >= limits.silenceMs) this.died(`nothing heard for ${limits.silenceMs / 1000} s`);
    // Every second tick: the one between only looks.
    else if (clock.monotonic() - this.latest.monotonic > limits.heartbeatMs * 0.75) this.beat();
  }

  private beat(): void {
    const { clock } = this.context;
    this.latest = { number: this.latest.number + 1, sentAt: clock.now(), monotonic: clock.monotonic() };
    this.outgoing.send({ kind: 'heartbeat', number: this.latest.number, sentAt: this.latest.sentAt });
  }
}
