import { CanopyError } from '../common/errors.js';
import type { Cancel } from '../common/clock.js';
import { CloseCode, closeReason } from '../protocol/closeCodes.js';
import { decodeFromAgent } from '../protocol/codec.js';
import { MAX_MESSAGE_BYTES } from '../protocol/limits.js';
import type { AgentMessage } from '../protocol/messages.js';
import { VERSIONS, type Hello } from '../protocol/session.js';
import { protocolViolation, Violation } from '../protocol/violation.js';
import type { Connection } from './connection.js';
import type { HubContext } from './context.js';
import { count } from './counters.js';
import { FlowIntake } from './flowIntake.js';
import { Heart } from './heart.js';
import { Line } from './line.js';
import type { Origin } from './origin.js';
import { Outgoing } from './outgoing.js';
import { Publication, type PublicationSession } from './publication.js';

/** Finds the origin that a HELLO speaks for, or throws Refusal. */
export type FindOrigin = (hello: Hello) => Origin;

/** A HELLO that is not accepted: the code and reason of the close. */
export class Refusal extends Error {
  readonly code: number;

  constructor(code: number, reason: string) {
    super(reason);
    this.code = code;
  }
}

/** The agent's bytes were no sound WebSocket messages, or too large (RFC 6455 §7.4.1): found before they came to us. */
const FRAMING_CODES: ReadonlySet<number> = new Set([1002, 1007, CloseCode.TOO_BIG]);

/** One connection of one agent (PROTOCOL.md §2): greeting, then what it publishes, until one side ends it. */
export class Session implements PublicationSession {
  readonly connectedSince: number;
  readonly remoteAddress: string;
  readonly outgoing: Outgoing;
  readonly heart: Heart;
  software = '';
  incarnation = '';
  isClosed = false;
  private origin: Origin | undefined;
  private line: Line | undefined;
  private flows: FlowIntake | undefined;
  private readonly cancelGreeting: Cancel;

  constructor(
    private readonly context: HubContext,
    private readonly connection: Connection,
    private readonly findOrigin: FindOrigin,
    private readonly ended: (session: Session) => void,
  ) {
    const { clock, limits } = context;
    this.connectedSince = clock.now();
    this.remoteAddress = connection.remoteAddress;
    this.outgoing = new Outgoing(context, connection);
    this.heart = new Heart(
      context,
      this.outgoing,
      () => this.line?.isPaused === true,
      (reason) => this.end(CloseCode.TIMEOUT, reason),
    );
    this.cancelGreeting = clock.after(limits.helloMs, () => this.end(CloseCode.TIMEOUT, `no HELLO within ${limits.helloMs / 1000} s`));
    connection.onMessage((bytes) => this.receive(bytes));
    connection.onClose((code, reason) => this.closed(code, reason));
  }

  /** WELCOME went out. */
  get isWelcomed(): boolean {
    return this.line !== undefined && !this.isClosed;
  }

  get clockOffset(): number {
    return Math.round(this.heart.estimate.offset);
  }

  /** Takes what waits in line as far as that is possible now. */
  drain(): void {
    this.line?.drain();
  }

  resumed(): void {
    this.heart.listen();
  }

  private receive(bytes: Uint8Array): void {
    if (this.isClosed) return;
    const { counters } = this.context;
    this.heart.heard();
    counters.bytesReceived += bytes.length;
    try {
      const message = decodeFromAgent(bytes, this.clockOffset);
      count(counters.messages, message.kind);
      this.dispatch(message, bytes.length);
    } catch (error) {
      this.failed(error);
    }
  }

  private dispatch(message: AgentMessage, bytes: number): void {
    const { origin, line, flows } = this;
    const { events } = this.context;
    if (message.kind === 'hello') return this.greet(message);
    if (origin === undefined || line === undefined || flows === undefined)
      throw protocolViolation('HELLO', new Violation('', 'must come first'));
    switch (message.kind) {
      case 'heartbeatReply':
        return this.heart.takeReply(message);
      case 'clockStep':
        return this.heart.estimate.shift(message.shiftMs);
      case 'status':
        return origin.setProbes(message.probes);
      case 'flows':
        return flows.take(message, bytes, this.clockOffset);
      case 'flowsRefreshed':
        return events.flowsRefreshed(origin.name, message.request);
      case 'captureStates':
        return events.captureStates(origin.name, message.activities);
      case 'abilities':
        return events.abilities(origin.name, message);
      case 'injectProgress':
        return events.injectProgress(origin.name, message);
      case 'deltas':
      case 'pictureBegin':
      case 'picturePage':
      case 'pictureEnd':
        line.push(message, bytes);
        // An agent that never reads would have us keep its acknowledgements.
        if (this.connection.bufferedBytes > MAX_MESSAGE_BYTES) this.end(CloseCode.TIMEOUT, 'the agent does not read');
    }
  }

  private greet(hello: Hello): void {
    if (this.origin !== undefined) throw protocolViolation('HELLO', new Violation('', 'must come once'));
    const version = commonVersion(hello.versions);
    const { clock, counters, limits, log, recorder, software } = this.context;
    this.software = hello.software;
    this.incarnation = hello.incarnation;
    const origin = this.findOrigin(hello);
    this.origin = origin;
    this.cancelGreeting();
    counters.sessionsOpened += 1;
    this.heart.estimate.hint(hello.sentAt, clock.now());
    // The answer to the first heartbeat comes before the first delta: stamps are corrected from the first one on.
    this.heart.start();
    const { resumeAfter, reason: pictureReason } = origin.attach(this, hello);
    // Before the agent may send flows: what was under way when the session before broke, and did not come, is sent again.
    const flowsBefore = origin.flows.progressOf(hello.incarnation);
    if (flowsBefore !== undefined) {
      const { accepted, stored } = flowsBefore;
      this.outgoing.send({ kind: 'flowsAcknowledge', accepted, stored, credit: 0 });
    }
    this.outgoing.send({
      kind: 'welcome',
      version,
      software,
      resumeAfter,
      pictureReason,
      credit: limits.creditBytes,
      heartbeatMs: limits.heartbeatMs,
    });
    log.info(
      { origin: origin.name, remoteAddress: this.remoteAddress, software: hello.software, resumeAfter, pictureReason },
      'agent connected',
    );
    if (pictureReason === undefined) counters.resumes += 1;
    else count(counters.pictures, pictureReason);
    if (hello.dirtySince !== undefined) origin.markDirty(hello.dirtySince - this.clockOffset);
    // What became durable while the agent was away was never acknowledged.
    const durable = recorder.progressOf(origin.name);
    if (pictureReason === undefined && durable?.incarnation === hello.incarnation) this.outgoing.acknowledge(durable.lastDelta);
    const publication = new Publication(this.context, this, origin, pictureReason === undefined ? hello.newest : undefined);
    this.line = new Line(this.context, this.connection, this.outgoing, publication);
    this.flows = new FlowIntake(this.context, this.outgoing, origin.name, hello.incarnation, origin.flows);
    this.context.events.connected(origin.name);
    this.context.changed();
  }

  /** Ends the session over an error: what the agent did wrong is told to it, what we did wrong goes to the log. */
  failed(error: unknown): void {
    if (this.isClosed) return;
    const { counters, log } = this.context;
    const facts = { origin: this.origin?.name, remoteAddress: this.remoteAddress };
    if (error instanceof Refusal) {
      log.warn({ ...facts, code: error.code }, `agent refused: ${error.message}`);
      return this.end(error.code, error.message);
    }
    if (error instanceof CanopyError && error.code === 'PROTOCOL_VIOLATION') {
      count(counters.violations, String(error.details.message ?? 'message'));
      log.warn({ ...facts, ...error.details }, `agent broke the protocol: ${error.message}`);
      return this.end(CloseCode.VIOLATION, error.message);
    }
    const isKnown = error instanceof CanopyError;
    log.error({ ...facts, code: isKnown ? error.code : 'INTERNAL', error: String(error) }, 'agent session failed');
    this.end(CloseCode.UNAVAILABLE, isKnown ? error.message : 'internal error; see the log of the analyzer');
  }

  /** Ends the session at once; the connection closes as it can. */
  end(code: number, reason: string): void {
    if (this.isClosed) return;
    this.connection.close(code, closeReason(reason));
    this.closed(code, reason);
  }

  private closed(code: number, reason: string): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.cancelGreeting();
    this.heart.stop();
    this.line?.close();
    this.outgoing.close();
    const { counters, log } = this.context;
    const facts = { origin: this.origin?.name, remoteAddress: this.remoteAddress, code, reason };
    count(counters.sessionsClosed, code);
    if (FRAMING_CODES.has(code)) {
      count(counters.violations, 'framing');
      log.warn(facts, `agent broke the protocol: ${reason}`);
    } else log.info(facts, 'agent disconnected');
    this.ended(this);
    if (this.line !== undefined && this.origin !== undefined) this.context.events.disconnected(this.origin.name);
    this.origin?.detach(this);
  }
}

/** The highest revision that both sides speak. Throws Refusal when there is none. */
function commonVersion([lowest, highest]: Hello['versions']): number {
  const version = Math.min(VERSIONS[1], highest);
  if (version >= Math.max(VERSIONS[0], lowest)) return version;
  const reason = `analyzer speaks revisions ${VERSIONS.join(' to ')}, agent ${lowest} to ${highest}; upgrade the older`;
  throw new Refusal(CloseCode.VERSION, reason);
}
