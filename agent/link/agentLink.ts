import type { Cancel, Clock } from '../../src/common/clock.js';
import { CanopyError } from '../../src/common/errors.js';
import type { Log } from '../../src/common/log.js';
import type { Delta, PutEdge, PutNode } from '../../src/graph/delta.js';
import type { Abilities, CaptureStates } from '../../src/protocol/capture.js';
import { CloseCode } from '../../src/protocol/closeCodes.js';
import { decodeFromHub, encode } from '../../src/protocol/codec.js';
import type { Refused } from '../../src/protocol/deltas.js';
import type { InjectProgress } from '../../src/protocol/injection.js';
import type { AgentMessage, HubMessage } from '../../src/protocol/messages.js';
import { VERSIONS, type Welcome } from '../../src/protocol/session.js';
import type { ProbeStatus } from '../../src/protocol/status.js';
import { BackOff } from './backOff.js';
import { ClockWatch } from './clockWatch.js';
import { noCommands, type LinkCommands } from './commands.js';
import { FlowQueue, type FlowBatch } from './flowQueue.js';
import { DEFAULT_LINK_LIMITS, type LinkLimits } from './limits.js';
import type { Dial, DialFailure, LinkSocket } from './linkSocket.js';
import { newLinkCounters, type LinkState, type LinkStatus } from './linkStatus.js';
import { Stream } from './stream.js';
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
  /** Who does what the analyzer asks for; nobody unless given. */
  readonly commands?: LinkCommands;
  /** What differs from the defaults. */
  readonly limits?: Partial<LinkLimits>;
  /** How to connect; a WebSocket to `url` unless given. */
  readonly dial?: Dial;
  /** In [0, 1), for the pauses between attempts. */
  readonly random?: () => number;
}

/** Heartbeats that may stay away, and a half, before the analyzer counts as dead. */
const SILENT_HEARTBEATS = 2.5;

/**
 * The agent's side of PROTOCOL.md: connects again and again, greets, answers heartbeats, and goes on where it stopped or sends its
 * whole picture. What is sent is kept by the stream.
 */
export class AgentLink {
  private readonly limits: LinkLimits;
  private readonly dial: Dial;
  private readonly stream: Stream;
  private readonly flows: FlowQueue;
  private readonly commands: LinkCommands;
  private readonly counters = newLinkCounters();
  private readonly backOff: BackOff;
  private readonly watch: ClockWatch;
  private phase: Exclude<LinkState, 'PICTURE'> = 'STOPPED';
  private socket: LinkSocket | undefined;
  /** Counts connections, so that what an old one still says is told apart. */
  private connections = 0;
  private cancelRetry: Cancel | undefined;
  private cancelSilence: Cancel | undefined;
  private lastHeard = 0;
  private probes: readonly ProbeStatus[] | undefined;
  private connectedSince: number | undefined;
  private lastError: string | undefined;
  private shownError: string | undefined;

  /** Throws CONFIG_INVALID for a URL that cannot be one. */
  constructor(private readonly options: AgentLinkOptions) {
    const { clock, log, picture } = options;
    this.limits = { ...DEFAULT_LINK_LIMITS, ...options.limits };
    this.dial = options.dial ?? webSocketDial(options.url, options.token);
    this.backOff = new BackOff(options.random ?? Math.random);
    this.watch = new ClockWatch(clock);
    const { limits, counters } = this;
    this.stream = new Stream({ clock, log, limits, counters, picture, beforeSending: () => this.tellClockStep() });
    this.flows = new FlowQueue({ clock, topologyWaits: () => this.stream.hasUnsent });
    this.commands = options.commands ?? noCommands;
  }

  /** Begins to connect; deltas may be published before and after. */
  start(): void {
    if (this.phase === 'STOPPED') this.connect();
  }

  /** Takes deltas that belong together. They get the agent's clock as their stamp unless they have one. */
  publish(deltas: readonly Delta[]): void {
    this.stream.publish(deltas);
  }

  /** Says how the probes fare; sent now, and after each connect. */
  setProbes(probes: readonly ProbeStatus[]): void {
    this.probes = probes;
    if (this.phase === 'LIVE') this.send({ kind: 'status', probes });
  }

  /** Says how captures and injections fare and what the host can do; nobody hears it without a connection, and `welcomed` asks for it again. */
  say(message: CaptureStates | Abilities | InjectProgress): void {
    if (this.phase === 'LIVE') this.send(message);
  }

  /** Takes flows to be sent when topology lets them. */
  ship(batch: FlowBatch): void {
    this.flows.push(batch);
  }

  /** Bytes of flows that wait to be sent. */
  get queuedFlowBytes(): number {
    return this.flows.bytes;
  }

  /** Every batch of a refresh was shipped. */
  refreshed(request: number): void {
    this.flows.refreshed(request);
  }

  /** Bytes of deltas that a connected analyzer has not worked in; 0 without a connection, for then they wait for no one. */
  get onTheWay(): number {
    return this.phase === 'LIVE' && !this.stream.isSendingPicture ? this.stream.onTheWay : 0;
  }

  status(): LinkStatus {
    const { stream } = this;
    return {
      state: this.phase === 'LIVE' && stream.isSendingPicture ? 'PICTURE' : this.phase,
      url: this.options.url,
      connectedSince: this.connectedSince,
      lastError: this.lastError,
      published: stream.newest,
      acknowledged: stream.acknowledged,
      keptBytes: stream.keptBytes,
      dirtySince: stream.dirtySince,
      droppedFlows: this.flows.dropped,
      ...this.counters,
    };
  }

  /** Sends what is left, waits up to a second until it is acknowledged, and closes. */
  async close(): Promise<void> {
    if (this.phase === 'STOPPED') return;
    const { clock } = this.options;
    this.stream.flush();
    await new Promise<void>((done) => {
      const cancel = clock.after(this.limits.closeMs, done);
      this.stream.whenIdle(() => {
        cancel();
        done();
      });
    });
    const { socket } = this;
    this.phase = 'STOPPED';
    this.connections += 1;
    this.disconnected();
    this.stream.stop();
    this.cancelRetry?.();
    if (socket === undefined) return;
    socket.close(CloseCode.DONE, 'agent stopped');
    clock.after(this.limits.closeMs / 2, () => socket.terminate());
  }

  // ── connection ──

  private connect(): void {
    this.phase = 'CONNECTING';
    this.connections += 1;
    const connection = this.connections;
    const isMine = (): boolean => connection === this.connections;
    this.socket = this.dial({
      opened: () => {
        if (isMine()) this.greet();
      },
      received: (bytes) => {
        if (isMine()) this.receive(bytes);
      },
      closed: (code, reason, failure) => {
        if (isMine()) this.lost(code, reason, failure);
      },
    });
  }

  private greet(): void {
    const { host, origin, incarnation, software, clock } = this.options;
    const { stream } = this;
    this.phase = 'GREETING';
    this.watchSilence(this.limits.greetingMs);
    stream.flush();
    // HELLO tells the clock: a step before it needs no telling.
    this.watch.step();
    const { oldest, newest, dirtySince } = stream;
    this.send({ kind: 'hello', versions: VERSIONS, software, host, origin, incarnation, oldest, newest, dirtySince, sentAt: clock.now() });
  }

  private watchSilence(longestMs: number): void {
    const { clock, url } = this.options;
    this.cancelSilence?.();
    this.lastHeard = clock.monotonic();
    this.cancelSilence = clock.every(longestMs / 5, () => {
      if (clock.monotonic() - this.lastHeard >= longestMs)
        this.hangUp(`nothing heard from ${url} for ${Math.round(longestMs / 1000)} s`, 0);
    });
  }

  private hangUp(message: string, atLeastMs: number): void {
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
        this.stream.refused();
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
    this.phase = 'WAITING';
    this.disconnected();
    this.counters.disconnects += 1;
    this.lastError = message;
    const delay = this.backOff.next(atLeastMs);
    // Said once; the same failure again and again would only fill the log.
    if (message !== this.shownError) log.warn({ url, retryMs: Math.round(delay) }, message);
    this.shownError = message;
    this.cancelRetry = clock.after(delay, () => this.connect());
  }

  private disconnected(): void {
    this.cancelSilence?.();
    this.cancelSilence = undefined;
    this.socket = undefined;
    this.connectedSince = undefined;
    this.stream.close();
    this.flows.close();
  }

  // ── in ──

  private receive(bytes: Uint8Array): void {
    this.lastHeard = this.options.clock.monotonic();
    try {
      this.dispatch(decodeFromHub(bytes));
    } catch (error) {
      if (!(error instanceof CanopyError)) throw error;
      this.counters.violations += 1;
      this.hangUp(`${this.options.url} does not speak the protocol: ${error.message}`, this.limits.refusedMs);
    }
  }

  private dispatch(message: HubMessage): void {
    switch (message.kind) {
      case 'heartbeat':
        return this.answer(message.number);
      case 'welcome':
        return this.welcomed(message);
      case 'acknowledge':
        // Only now it works: an analyzer that lets us in and cannot keep anything is not asked again at once.
        if (message.lastDelta !== undefined) this.backOff.reset();
        this.stream.take(message);
        return this.flows.pump();
      case 'pictureRequest':
        return this.stream.wantPicture(message.reason);
      case 'refused':
        return this.noteRefused(message);
      case 'flowsAcknowledge':
        return this.flows.take(message);
      case 'flowsRefresh':
        return this.commands.flowsRefresh(message.request);
      case 'captureTasks':
        return this.commands.captureTasks(message);
      case 'inject':
        return this.commands.inject(message);
      case 'injectCancel':
        return this.commands.injectCancel(message.id);
    }
  }

  private answer(number: number): void {
    const { clock } = this.options;
    const receivedAt = clock.now();
    if (this.phase === 'LIVE') this.tellClockStep();
    this.send({ kind: 'heartbeatReply', number, receivedAt, sentAt: clock.now() });
  }

  private welcomed(welcome: Welcome): void {
    const { clock, log, url } = this.options;
    const { heartbeatMs, software: analyzer, resumeAfter, pictureReason } = welcome;
    this.phase = 'LIVE';
    this.shownError = undefined;
    this.lastError = undefined;
    this.connectedSince = clock.now();
    this.watchSilence(heartbeatMs * SILENT_HEARTBEATS);
    log.info({ url, analyzer, resumeAfter, pictureReason }, 'connected to the analyzer');
    if (this.probes !== undefined) this.send({ kind: 'status', probes: this.probes });
    this.stream.open(welcome, (bytes) => this.socket?.send(bytes));
    this.commands.welcomed();
    this.flows.open({ send: (bytes) => this.socket?.send(bytes), bufferedBytes: () => this.socket?.bufferedBytes() ?? 0 });
  }

  private noteRefused({ delta, code, message }: Refused): void {
    this.counters.refused += 1;
    this.options.log.warn({ delta, code }, `the analyzer did not take a delta: ${message}`);
  }

  // ── out ──

  private tellClockStep(): void {
    const shiftMs = this.watch.step();
    if (shiftMs !== 0) this.send({ kind: 'clockStep', shiftMs });
  }

  private send(message: AgentMessage): void {
    this.socket?.send(encode(message));
  }
}
