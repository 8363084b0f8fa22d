import type { Cancel, Clock } from '../../src/common/clock.js';
import { CanopyError } from '../../src/common/errors.js';
import type { Log } from '../../src/common/log.js';
import type { Delta, PutEdge, PutNode } from '../../src/graph/delta.js';
import { CloseCode } from '../../src/protocol/closeCodes.js';
import { decodeFromAgent, decodeFromHub, encode } from '../../src/protocol/codec.js';
import type { Acknowledge, Refused } from '../../src/protocol/deltas.js';
import type { AgentMessage, HubMessage } from '../../src/protocol/messages.js';
import { VERSIONS, type PictureReason, type Welcome } from '../../src/protocol/session.js';
import type { ProbeStatus } from '../../src/protocol/status.js';
import { BackOff } from './backOff.js';
import { ClockWatch } from './clockWatch.js';
import { fit } from './fit.js';
import { DEFAULT_LINK_LIMITS, type LinkLimits } from './limits.js';
import type { Dial, DialFailure, LinkSocket } from './linkSocket.js';
import { newLinkCounters, type LinkState, type LinkStatus } from './linkStatus.js';
import { Outbox } from './outbox.js';
import { pictureMessages } from './pictureSender.js';
import { webSocketDial } from './webSocketDial.js';

export interface AgentLinkOptions {
  /** The analyzer: `http://HOST:PORT`. */
  readonly url: string;
  /** What the analyzer's `tokens.agents` asks for; `undefined` when it asks for nothing. */
  readonly token: string | undefined;
  readonly host: string;
  /** `<service>.<host>`. */
  readonly origin: string;
  /** Names this run of the agent's graph; another one whenever the graph begins anew. */
  readonly incarnation: string;
  /** Version of the agent's program. */
  readonly software: string;
  readonly clock: Clock;
  readonly log: Log;
  /** The agent's whole graph as it is now: exactly what was published so far. Nodes first. Called when the analyzer cannot go on from the deltas. */
  readonly picture: () => Iterable<PutNode | PutEdge>;
  /** What differs from the defaults. */
  readonly limits?: Partial<LinkLimits>;
  /** How to connect; a WebSocket to `url` unless given. */
  readonly dial?: Dial;
  /** In [0, 1), for the pauses between attempts. */
  readonly random?: () => number;
}

interface Published {
  readonly deltas: readonly Delta[];
  /** The agent's clock, ms. */
  readonly stamp: number;
}

/**
 * The agent's side of PROTOCOL.md: numbers deltas, keeps them until the analyzer has them on disk, connects again and again, goes on
 * where it stopped or sends its whole picture.
 */
export class AgentLink {
  private readonly limits: LinkLimits;
  private readonly dial: Dial;
  private readonly outbox = new Outbox();
  private readonly counters = newLinkCounters();
  private readonly backOff: BackOff;
  private readonly watch: ClockWatch;
  private state: LinkState = 'STOPPED';
  private socket: LinkSocket | undefined;
  /** Counts connections, so that events of an old one are told apart. */
  private connections = 0;
  private waiting: Published[] = [];
  private flushedAt = -Infinity;
  private cancelFlush: Cancel | undefined;
  private cancelRetry: Cancel | undefined;
  private cancelSilence: Cancel | undefined;
  private lastHeard = 0;
  private heartbeatMs = 0;
  private credit = 0;
  private picture: Generator<Uint8Array> | undefined;
  private wantedPicture: PictureReason | undefined;
  /** The last delta in the picture that is under way or waits to be acknowledged. */
  private pictureUpTo: number | undefined;
  private dirtySince: number | undefined;
  /** A message was refused: from now on each delta is checked as the analyzer will, and a bad one is left out. */
  private isCareful = false;
  private probes: readonly ProbeStatus[] | undefined;
  private connectedSince: number | undefined;
  private acknowledged = 0;
  private lastError: string | undefined;
  private shownError: string | undefined;
  private readonly idleListeners = new Set<() => void>();

  /** Throws CONFIG_INVALID for a URL that cannot be one. */
  constructor(private readonly options: AgentLinkOptions) {
    this.limits = { ...DEFAULT_LINK_LIMITS, ...options.limits };
    this.dial = options.dial ?? webSocketDial(options.url, options.token);
    this.backOff = new BackOff(options.random ?? Math.random);
    this.watch = new ClockWatch(options.clock);
  }

  /** Begins to connect; deltas may be published before and after. */
  start(): void {
    if (this.state !== 'STOPPED') return;
    this.connect();
  }

  /** Takes deltas that belong together. They get the agent's clock as their stamp unless they have one. */
  publish(deltas: readonly Delta[]): void {
    if (deltas.length === 0) return;
    const { clock } = this.options;
    this.waiting.push({ deltas, stamp: clock.now() });
    if (this.cancelFlush !== undefined) return;
    const quiet = clock.monotonic() - this.flushedAt;
    if (quiet >= this.limits.batchMs) this.flush();
    else this.cancelFlush = clock.after(this.limits.batchMs - quiet, () => this.flush());
  }

  /** Says how the probes fare; sent when it changed, and after each connect. */
  setProbes(probes: readonly ProbeStatus[]): void {
    this.probes = probes;
    if (this.isGreeted()) this.send({ kind: 'status', probes });
  }

  status(): LinkStatus {
    return {
      state: this.state,
      url: this.options.url,
      connectedSince: this.connectedSince,
      lastError: this.lastError,
      published: this.outbox.newest,
      acknowledged: this.acknowledged,
      keptBytes: this.outbox.bytes,
      dirtySince: this.dirtySince,
      ...this.counters,
    };
  }

  /** Sends what is left, waits up to a second until it is acknowledged, and closes. */
  async close(): Promise<void> {
    if (this.state === 'STOPPED') return;
    this.flush();
    const { clock } = this.options;
    if (this.isGreeted() && !this.isIdle()) {
      await new Promise<void>((done) => {
        const cancel = clock.after(this.limits.closeMs, done);
        this.idleListeners.add(() => {
          cancel();
          done();
        });
      });
    }
    const { socket } = this;
    this.disconnected();
    this.state = 'STOPPED';
    this.cancelRetry?.();
    this.cancelFlush?.();
    if (socket === undefined) return;
    socket.close(CloseCode.DONE, 'agent stopped');
    clock.after(this.limits.closeMs / 2, () => socket.terminate());
  }

  // ── connection ──

  private connect(): void {
    this.state = 'CONNECTING';
    this.connections += 1;
    const connection = this.connections;
    const mine = (): boolean => connection === this.connections && this.state !== 'STOPPED';
    this.socket = this.dial({
      opened: () => {
        if (mine()) this.greet();
      },
      received: (bytes) => {
        if (mine()) this.receive(bytes);
      },
      closed: (code, reason, failure) => {
        if (mine()) this.lost(code, reason, failure);
      },
    });
  }

  private greet(): void {
    const { host, origin, incarnation, software, clock } = this.options;
    this.state = 'GREETING';
    this.lastHeard = clock.monotonic();
    this.watchSilence(this.limits.greetingMs);
    this.flush();
    this.watch.step();
    this.send({
      kind: 'hello',
      versions: VERSIONS,
      software,
      host,
      origin,
      incarnation,
      oldest: this.outbox.oldest,
      newest: this.outbox.newest,
      dirtySince: this.dirtySince,
      sentAt: clock.now(),
    });
  }

  private watchSilence(longestMs: number): void {
    this.cancelSilence?.();
    const { clock } = this.options;
    this.cancelSilence = clock.every(longestMs / 5, () => {
      if (clock.monotonic() - this.lastHeard < longestMs) return;
      this.drop(`nothing heard from ${this.options.url} for ${Math.round(longestMs / 1000)} s`);
    });
  }

  /** Hangs up by ourselves. */
  private drop(message: string, atLeastMs = 0): void {
    const { socket } = this;
    this.connections += 1;
    socket?.terminate();
    this.retry(message, atLeastMs);
  }

  private lost(code: number, reason: string, failure: DialFailure | undefined): void {
    const { url } = this.options;
    // Whatever else this connection has to say comes too late.
    this.connections += 1;
    if (failure !== undefined) return this.retry(failure.message, failure.isRefusal ? this.limits.refusedMs : 0);
    const said = reason === '' ? '' : `: ${reason}`;
    switch (code) {
      case CloseCode.VIOLATION:
      case CloseCode.TOO_BIG:
        // The same messages would be refused again: let a picture without the bad element take their place.
        this.isCareful = true;
        this.dropKept();
        return this.retry(`${url} refused a message${said}`, this.limits.refusedMs);
      case CloseCode.VERSION:
        return this.retry(`${url} speaks another version${said}`, this.limits.refusedMs);
      case CloseCode.ORIGIN_TAKEN:
        return this.retry(`${url} has another agent with this identity${said}`, this.limits.takenMs);
      case CloseCode.QUOTA:
        return this.retry(`${url} closed the session over a quota${said}`, this.limits.quotaMs);
      default:
        return this.retry(`${url} closed the connection (${code})${said}`, 0);
    }
  }

  private retry(message: string, atLeastMs: number): void {
    const { clock, log, url } = this.options;
    this.disconnected();
    this.state = 'WAITING';
    this.lastError = message;
    const delay = this.backOff.next(atLeastMs);
    // Said once; the same failure again and again would only fill the log.
    if (message !== this.shownError) log.warn({ url, retryMs: Math.round(delay) }, message);
    this.shownError = message;
    this.counters.disconnects += 1;
    this.cancelRetry = clock.after(delay, () => this.connect());
  }

  private disconnected(): void {
    this.cancelSilence?.();
    this.cancelSilence = undefined;
    this.socket = undefined;
    this.connectedSince = undefined;
    this.picture = undefined;
    this.wantedPicture = undefined;
    this.credit = 0;
    this.tellIfIdle(true);
  }

  private isGreeted(): boolean {
    return this.state === 'LIVE' || this.state === 'PICTURE';
  }

  // ── in ──

  private receive(bytes: Uint8Array): void {
    this.lastHeard = this.options.clock.monotonic();
    try {
      this.dispatch(decodeFromHub(bytes));
    } catch (error) {
      if (!(error instanceof CanopyError)) throw error;
      this.counters.violations += 1;
      this.drop(`${this.options.url} does not speak the protocol: ${error.message}`, this.limits.refusedMs);
    }
  }

  private dispatch(message: HubMessage): void {
    switch (message.kind) {
      case 'heartbeat':
        return this.answer(message.number);
      case 'welcome':
        return this.welcomed(message);
      case 'acknowledge':
        return this.takeAcknowledge(message);
      case 'pictureRequest':
        return this.wantPicture(message.reason);
      case 'refused':
        return this.noteRefused(message);
    }
  }

  private answer(number: number): void {
    const receivedAt = this.options.clock.now();
    if (this.isGreeted()) this.tellClockStep();
    this.send({ kind: 'heartbeatReply', number, receivedAt, sentAt: this.options.clock.now() });
  }

  private welcomed(welcome: Welcome): void {
    const { clock, log, url } = this.options;
    this.backOff.reset();
    this.shownError = undefined;
    this.lastError = undefined;
    this.connectedSince = clock.now();
    this.heartbeatMs = welcome.heartbeatMs;
    this.watchSilence(this.heartbeatMs * 2.5);
    this.credit = welcome.credit;
    this.state = 'LIVE';
    const { resumeAfter } = welcome;
    const canResume = resumeAfter !== undefined && resumeAfter >= this.outbox.oldest - 1 && resumeAfter <= this.outbox.newest;
    log.info({ url, analyzer: welcome.software, resumeAfter, pictureReason: welcome.pictureReason }, 'connected to the analyzer');
    if (this.probes !== undefined) this.send({ kind: 'status', probes: this.probes });
    if (canResume) this.outbox.rewind(resumeAfter);
    else this.wantedPicture = welcome.pictureReason ?? 'NOT_KEPT';
    this.pump();
  }

  private takeAcknowledge({ lastDelta, credit }: Acknowledge): void {
    this.credit += credit;
    if (lastDelta !== undefined) {
      this.acknowledged = Math.max(this.acknowledged, Math.min(lastDelta, this.outbox.newest));
      this.outbox.acknowledge(lastDelta);
      if (this.pictureUpTo !== undefined && this.picture === undefined && lastDelta >= this.pictureUpTo) {
        this.pictureUpTo = undefined;
        this.dirtySince = undefined;
      }
    }
    this.pump();
    this.tellIfIdle(false);
  }

  private wantPicture(reason: PictureReason): void {
    this.wantedPicture = reason;
    this.pump();
  }

  private noteRefused({ delta, code, message }: Refused): void {
    this.counters.refused += 1;
    this.options.log.warn({ delta, code }, `the analyzer did not take a delta: ${message}`);
  }

  // ── out ──

  /** Numbers and encodes what waits, and sends it if the analyzer lets us. */
  private flush(): void {
    this.cancelFlush?.();
    this.cancelFlush = undefined;
    const published = this.waiting;
    if (published.length === 0) return;
    this.waiting = [];
    this.flushedAt = this.options.clock.monotonic();
    const stamp = (published[0] as Published).stamp;
    const deltas = this.sound(published.length === 1 ? (published[0] as Published).deltas : published.flatMap(stamped));
    const first = this.outbox.newest + 1;
    const fitted = fit(
      deltas,
      (items, before) => encode({ kind: 'deltas', first: first + before.items, stamp, deltas: items }),
      (delta) => this.tooLarge(delta),
    );
    for (const { items, bytes } of fitted) {
      this.outbox.add({ first: this.outbox.newest + 1, last: this.outbox.newest + items.length, bytes });
    }
    if (this.outbox.bytes > this.limits.keptBytes) {
      this.options.log.warn(
        { keptBytes: this.outbox.bytes },
        'too much waits for the analyzer; it is dropped, and the whole picture follows',
      );
      this.dropKept();
    }
    this.pump();
  }

  private sound<D extends Delta>(deltas: readonly D[]): readonly D[] {
    if (!this.isCareful) return deltas;
    return deltas.filter((delta) => {
      const problem = problemOf(delta);
      if (problem === undefined) return true;
      this.counters.unsound += 1;
      this.options.log.error({ id: delta.id, op: delta.op }, `an element cannot be sent; it is left out: ${problem}`);
      return false;
    });
  }

  private tooLarge(delta: Delta): void {
    this.counters.tooLarge += 1;
    this.options.log.error({ id: delta.id, op: delta.op }, 'an element is larger than a message may be; it is left out');
  }

  /** Lets go of what is not acknowledged: from now on only a picture can tell the analyzer how things are. */
  private dropKept(): void {
    this.counters.droppedDeltas += this.outbox.newest + 1 - this.outbox.oldest;
    this.outbox.clear();
    this.dirtySince ??= this.options.clock.now();
    this.pictureUpTo = undefined;
    if (this.isGreeted()) this.wantedPicture = 'DIRTY';
  }

  /** Sends as long as there is something and the credit lasts; a picture goes before deltas. */
  private pump(): void {
    if (!this.isGreeted()) return;
    this.tellClockStep();
    while (this.credit > 0) {
      if (this.wantedPicture !== undefined) this.beginPicture(this.wantedPicture);
      const bytes = this.nextMessage();
      if (bytes === undefined) break;
      this.credit -= bytes.length;
      this.socket?.send(bytes);
    }
  }

  private nextMessage(): Uint8Array | undefined {
    if (this.picture !== undefined) {
      const next = this.picture.next();
      if (next.done !== true) return next.value;
      this.picture = undefined;
      this.state = 'LIVE';
    }
    return this.outbox.next()?.bytes;
  }

  private beginPicture(reason: PictureReason): void {
    this.wantedPicture = undefined;
    // What waits is in the picture too: it must have its number before.
    const { clock, picture } = this.options;
    this.flush();
    this.outbox.clear();
    this.state = 'PICTURE';
    this.pictureUpTo = this.outbox.newest;
    this.counters.pictures += 1;
    const start = { upTo: this.pictureUpTo, reason, dirtySince: this.dirtySince, stamp: clock.now() };
    this.picture = pictureMessages(this.sound([...picture()]), start, (element) => this.tooLarge(element));
  }

  private tellClockStep(): void {
    const shiftMs = this.watch.step();
    if (shiftMs !== 0) this.send({ kind: 'clockStep', shiftMs });
  }

  private send(message: AgentMessage): void {
    this.socket?.send(encode(message));
  }

  // ── idle ──

  private isIdle(): boolean {
    return (
      this.waiting.length === 0 &&
      this.outbox.isEmpty &&
      this.picture === undefined &&
      this.wantedPicture === undefined &&
      this.pictureUpTo === undefined
    );
  }

  private tellIfIdle(always: boolean): void {
    if (this.idleListeners.size === 0 || !(always || this.isIdle())) return;
    for (const listener of this.idleListeners) listener();
    this.idleListeners.clear();
  }
}

/** What the analyzer would say about the delta; `undefined` when it would take it. */
function problemOf(delta: Delta): string | undefined {
  try {
    decodeFromAgent(encode({ kind: 'deltas', first: 1, stamp: 0, deltas: [delta] }), 0);
    return undefined;
  } catch (error) {
    // One that is only too large is cut later.
    return error instanceof CanopyError && error.details.path !== '' ? error.message : undefined;
  }
}

/** Deltas of several publishes in one message keep their own stamps. */
const stamped = ({ deltas, stamp }: Published): readonly Delta[] =>
  deltas.map((delta) => (delta.observedAt === undefined ? { ...delta, observedAt: stamp } : delta));
