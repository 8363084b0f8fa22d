import type { Cancel, Clock } from '../../common/clock.js';
import { CanopyError } from '../../common/errors.js';
import { randomId } from '../../common/ids.js';
import type { Json, JsonObject } from '../../common/json.js';
import type { Log } from '../../common/log.js';
import { badValue } from '../../graph/filter/badValue.js';
import type { NodeRevision } from '../../graph/element.js';
import { isJsonObject } from '../../graph/metadataPath.js';
import type { RecorderContract } from '../../journal/contracts.js';
import type { InjectProgress } from '../../protocol/injection.js';
import type { Entry, Registry, Watch } from '../../registry/registry.js';
import type { Asker } from '../asker.js';
import type { AgentPort } from '../captures/agents.js';
import type { Gremlin } from '../gremlin.js';
import { requireRight, type Viewer } from '../viewer.js';
import { commonFields, sendingOf } from './fields.js';
import { askedIn, type Injection, type InjectionRequest, type Sending } from './injection.js';
import { keptValue, knownFrom, shown, type Known, type Sendings } from './known.js';
import { InjectionMarks } from './nodeMarks.js';
import { OtherInjections } from './others.js';

export interface InjectionParts {
  readonly recorder: RecorderContract;
  readonly registry: Registry;
  /** Which analyzer this is, of those that share the registry. */
  readonly analyzer: string;
  readonly agents: AgentPort;
  readonly gremlin: Gremlin;
  readonly clock: Clock;
  readonly log: Log;
}

/** Injections that ended are shown so long, ms, so that whoever asked learns of it. */
const KEPT_MS = 600_000;

/** Milliseconds within which an agent that came back says how its injections stand; what it does not name is over. */
const HEARD_MS = 10_000;

/** Milliseconds for which an agent that is away is waited for. */
const AWAY_MS = 60_000;

/** Nodes that send at once. */
const MOST_NODES = 100;

/** Milliseconds between two notes for other analyzers of how far an injection is. */
const NOTE_EVERY_MS = 3_000;

const NOT_KEPT = 'the end of an injection could not be kept';

/** Something happened to an injection: it began, it is further, or nobody is shown it any more. */
export interface InjectionEvent {
  readonly op: 'CREATED' | 'CHANGED' | 'DELETED';
  readonly injection: Injection;
  /** Whether the viewer is shown it. */
  readonly isKnownTo: (viewer: Viewer) => boolean;
}

/** Packets that agents make: addresses are found here, sending is theirs. What runs is kept, so that a start of either side does not lose sight of it. */
export class InjectionService {
  private readonly known = new Map<string, Known>();
  /** By the ids that agents know. */
  private readonly bySending = new Map<string, Known>();
  private readonly others: OtherInjections;
  private readonly marks: InjectionMarks;
  /** Waits for agents, by origin. */
  private readonly waits = new Map<string, Cancel>();
  /** Sendings of agents that came, of which these have not yet said anything. */
  private readonly unheard = new Set<string>();
  private readonly timers = new Set<Cancel>();
  /** Those of which other analyzers will be told soon. */
  private readonly noting = new Set<string>();
  private readonly listeners = new Set<(event: InjectionEvent) => void>();
  private readonly watch: Watch;
  private readonly loaded: Promise<void>;

  constructor(private readonly parts: InjectionParts) {
    this.marks = new InjectionMarks(parts.recorder);
    let isLoaded = false;
    let loaded = (): void => undefined;
    this.loaded = new Promise((resolve) => (loaded = resolve));
    this.others = new OtherInjections({ ...parts, told: (op, known) => this.tell(op, known) });
    this.watch = parts.registry.watch('injection', (event) => {
      this.others.follow(event);
      if (event.event === 'all' && !isLoaded) {
        isLoaded = true;
        this.load(event.entries);
        loaded();
        return;
      }
      // What comes later is our own writing, but for the wish of another analyzer that something end.
      if (event.event === 'all') for (const { value } of event.entries) this.endWhereWished(value);
      if (event.event === 'put') this.endWhereWished(event.entry.value);
    });
  }

  /** Begins to send. Throws `BAD_INPUT` for what cannot be, with Skydive's words where it has some, and `UNAVAILABLE` where the agent is away. */
  async start(asker: Asker, request: InjectionRequest): Promise<Injection> {
    requireRight(asker.viewer, 'injectpacket', 'write');
    const common = commonFields(request);
    const nodes = await this.nodes(asker, request.srcNode, request.src, 'source');
    if (nodes.length === 0)
      throw new CanopyError('BAD_INPUT', `Not able to find a source node for '${request.src ?? request.srcNode ?? ''}'`);
    if (nodes.length > MOST_NODES) throw badValue('src', `${nodes.length} nodes`, `a string that finds at most ${MOST_NODES} nodes`);
    const [destination] = await this.nodes(asker, request.dstNode, request.dst, 'destination');
    const id = randomId();
    const sendings: Sending[] = [];
    for (const [index, node] of nodes.entries()) {
      const nextHop = (dstIp: string): Promise<string | undefined> => this.nextHopMac(asker, node, dstIp);
      sendings.push(await sendingOf(id, request, common, { node, index, destination, nextHop }));
    }
    const { agents, clock } = this.parts;
    const now = clock.now();
    const expiresAt = common.lifetime === 0 ? undefined : now + common.lifetime;
    const away = nodes.find(({ origin }) => !agents.connected().includes(origin));
    if (away !== undefined)
      throw new CanopyError('UNAVAILABLE', `the agent of ${String(away.metadata.Name)} (${away.origin}) is not connected`, {
        retriable: true,
      });
    const sight = asker.viewer.sight?.stamp;
    const known: Known = {
      id,
      asked: askedIn(request),
      startedAt: now,
      expiresAt,
      sight,
      sendings: sendings as unknown as Sendings,
      isCancelled: false,
    };
    await this.keep(known);
    this.know(known);
    this.tell('CREATED', known);
    for (const sending of sendings) {
      const {
        origin,
        interval,
        trackingId: _trackingId,
        filePackets: _file,
        state: _state,
        sent: _sent,
        error: _error,
        ...fields
      } = sending;
      const isSent = agents.send(origin, { kind: 'inject', ...fields, intervalMs: interval, pcap: common.pcap });
      if (isSent) this.marks.write(id, sending);
      else
        this.progress({
          kind: 'injectProgress',
          id: sending.id,
          node: sending.node,
          state: 'ERROR',
          sent: 0,
          error: 'its agent went away',
        });
    }
    return shown(known);
  }

  /** Those that run, and those that ended a moment ago; the oldest first. */
  async list({ viewer }: Pick<Asker, 'viewer'>): Promise<readonly Injection[]> {
    requireRight(viewer, 'injectpacket', 'read');
    await this.loaded;
    const known = [...this.known.values(), ...this.others.all()].filter((one) => this.isShownTo(viewer, one));
    return known.sort((a, b) => a.startedAt - b.startedAt).map(shown);
  }

  async get({ viewer }: Pick<Asker, 'viewer'>, id: string): Promise<Injection | undefined> {
    requireRight(viewer, 'injectpacket', 'read');
    await this.loaded;
    const known = this.known.get(id) ?? this.others.get(id);
    return known === undefined || !this.isShownTo(viewer, known) ? undefined : shown(known);
  }

  /** Sends no further packet; an agent that is away hears of it when it comes back. Throws `NOT_FOUND`. */
  async cancel({ viewer }: Pick<Asker, 'viewer'>, id: string): Promise<Injection> {
    requireRight(viewer, 'injectpacket', 'write');
    await this.loaded;
    const known = this.known.get(id) ?? this.others.get(id);
    if (known === undefined || !this.isShownTo(viewer, known))
      throw new CanopyError('NOT_FOUND', `there is no injection ${id}`, { details: { id } });
    if (this.known.has(id)) this.endSending(known);
    else await this.others.cancel(id);
    return shown(this.others.get(id) ?? known);
  }

  /** Told of every event from now on. */
  listen(listener: (event: InjectionEvent) => void): Cancel {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private isShownTo(viewer: Viewer, known: Known): boolean {
    return !this.isOver(known) && mayKnow(viewer, known);
  }

  private tell(op: InjectionEvent['op'], known: Known): void {
    const event: InjectionEvent = { op, injection: shown(known), isKnownTo: (viewer) => mayKnow(viewer, known) };
    for (const listener of this.listeners) listener(event);
  }

  // ── agents ──

  progress({ id, state, sent, error }: InjectProgress): void {
    this.unheard.delete(id);
    const known = this.bySending.get(id);
    const before = known?.sendings.find((sending) => sending.id === id);
    if (known === undefined || before === undefined || before.state !== 'ACTIVE') return;
    const sending = { ...before, state, sent, error };
    known.sendings = known.sendings.map((one) => (one.id === id ? sending : one)) as unknown as Sendings;
    this.marks.write(known.id, sending);
    if (!known.isCancelled) this.tell('CHANGED', known);
    if (shown(known).state === 'ACTIVE') return this.noteProgress(known);
    this.keep(known).catch((cause: unknown) => this.parts.log.warn({ error: String(cause) }, NOT_KEPT));
    this.forgetLater(known);
  }

  /** The agent will say how its injections stand; those that it does not know any more are over. */
  connected(origin: string): void {
    for (const sending of this.running(origin)) if (this.bySending.get(sending.id)!.isCancelled) this.sendCancel(sending);
    this.await(origin, HEARD_MS, 'the agent was started anew and knows nothing of it');
  }

  disconnected(origin: string): void {
    this.await(origin, AWAY_MS, 'the agent went away');
  }

  close(): void {
    this.watch.close();
    this.listeners.clear();
    for (const cancel of [...this.waits.values(), ...this.timers]) cancel();
  }

  private running(origin: string): Sending[] {
    const all = [...this.known.values()].flatMap(({ sendings }) => sendings);
    return all.filter((sending) => sending.origin === origin && sending.state === 'ACTIVE');
  }

  /** What runs there is over unless it is heard of within a while. */
  private await(origin: string, ms: number, reason: string): void {
    this.waits.get(origin)?.();
    this.waits.delete(origin);
    const running = this.running(origin);
    if (running.length === 0) return;
    for (const { id } of running) this.unheard.add(id);
    const cancel = this.parts.clock.after(ms, () => {
      this.waits.delete(origin);
      for (const sending of this.running(origin)) if (this.unheard.delete(sending.id)) this.end(sending, reason);
    });
    this.waits.set(origin, cancel);
  }

  private end({ id, node, sent }: Sending, error: string): void {
    this.progress({ kind: 'injectProgress', id, node, state: 'ERROR', sent, error });
  }

  private endSending(known: Known): void {
    if (!known.isCancelled) this.tell('DELETED', known);
    known.isCancelled = true;
    // An agent that is away now is told after a start of ours, too.
    this.keep(known).catch((cause: unknown) => this.parts.log.warn({ error: String(cause) }, NOT_KEPT));
    for (const sending of known.sendings) this.sendCancel(sending);
  }

  private sendCancel({ id, origin, state }: Sending): void {
    if (state === 'ACTIVE') this.parts.agents.send(origin, { kind: 'injectCancel', id });
  }

  // ── what is known ──

  /** What was kept before the start. */
  private load(entries: readonly Entry[]): void {
    for (const { value } of entries) {
      const { known, analyzer = this.parts.analyzer } = knownFrom(value);
      // Of those of another analyzer nothing is heard here, which does not mean that they are over.
      if (this.known.has(known.id) || analyzer !== this.parts.analyzer) continue;
      this.know(known);
      if (shown(known).state !== 'ACTIVE') this.forgetLater(known);
      else if (known.isCancelled) for (const sending of known.sendings) this.sendCancel(sending);
    }
    this.marks.keepOnly((id, node) => this.known.get(id)?.sendings.some((one) => one.node === node && one.state === 'ACTIVE') ?? false);
    const origins = new Set([...this.known.values()].flatMap(({ sendings }) => sendings.map(({ origin }) => origin)));
    // Who is there already is heard of all the same.
    for (const origin of origins) this.disconnected(origin);
  }

  private know(known: Known): void {
    this.known.set(known.id, known);
    for (const { id } of known.sendings) this.bySending.set(id, known);
    const { expiresAt } = known;
    if (expiresAt !== undefined) this.later(expiresAt - this.parts.clock.now(), () => this.expire(known));
  }

  /** Whether its time is up: nobody is shown it any more, though an agent may have yet to hear of it. */
  private isOver({ expiresAt }: Known): boolean {
    return expiresAt !== undefined && expiresAt <= this.parts.clock.now();
  }

  private expire(known: Known): void {
    if (shown(known).state !== 'ACTIVE') this.forget(known);
    else this.endSending(known);
  }

  private async keep(known: Known): Promise<void> {
    const isOver = !known.sendings.some(({ state }) => state === 'ACTIVE');
    const { registry, analyzer } = this.parts;
    await registry.put('injection', known.id, keptValue(known, analyzer), isOver ? { ttlMs: KEPT_MS } : {});
  }

  /** Another analyzer was asked to end it. */
  private endWhereWished(value: JsonObject): void {
    const known = this.known.get(String(value.id));
    if (value.isCancelled === true && known?.isCancelled === false) this.endSending(known);
  }

  /** For other analyzers, now and then; where there are none, nobody reads it. */
  private noteProgress({ id }: Known): void {
    if (this.parts.registry.status().home === 'embedded' || this.noting.has(id)) return;
    this.noting.add(id);
    this.later(NOTE_EVERY_MS, () => {
      this.noting.delete(id);
      const known = this.known.get(id);
      if (known === undefined || shown(known).state !== 'ACTIVE') return;
      this.note(known).catch((cause: unknown) =>
        this.parts.log.debug({ id, error: String(cause) }, 'how far an injection is was not noted'),
      );
    });
  }

  /** Writes over nothing that another analyzer wrote meanwhile: that is heard of first. */
  private async note(known: Known): Promise<void> {
    const { registry, analyzer } = this.parts;
    const entry = await registry.get('injection', known.id);
    if (entry === undefined) return;
    this.endWhereWished(entry.value);
    // The end may have been kept meanwhile, and with it when it is forgotten.
    if (shown(known).state === 'ACTIVE') await registry.put('injection', known.id, keptValue(known, analyzer), { expects: entry.version });
  }

  private forgetLater(known: Known): void {
    if (this.isOver(known)) this.forget(known);
    else this.later(KEPT_MS, () => this.forget(known));
  }

  private forget(known: Known): void {
    if (!known.isCancelled) this.tell('DELETED', known);
    this.known.delete(known.id);
    for (const { id } of known.sendings) this.bySending.delete(id);
  }

  private later(ms: number, action: () => void): void {
    const cancel = this.parts.clock.after(Math.max(0, ms), () => {
      this.timers.delete(cancel);
      action();
    });
    this.timers.add(cancel);
  }

  // ── nodes ──

  /** Each once, in the order in which they are found. */
  private async nodes(
    asker: Asker,
    id: string | null | undefined,
    gremlin: string | null | undefined,
    what: string,
  ): Promise<readonly NodeRevision[]> {
    if (id !== null && id !== undefined) {
      const node = asker.scope.present().graph.node(id);
      return node === undefined ? [] : [node];
    }
    if (gremlin === null || gremlin === undefined || gremlin === '') return [];
    const { kind, rows } = await this.parts.gremlin.run(asker, gremlin);
    if (kind !== 'nodes') throw badValue(what, gremlin, 'a string that finds nodes');
    return [...new Map((rows as readonly NodeRevision[]).map((node) => [node.id, node])).values()];
  }

  /** MAC of the router or neighbour to which the node sends what is for the address. */
  private async nextHopMac(asker: Asker, node: NodeRevision, dstIp: string): Promise<string | undefined> {
    const { rows } = await this.parts.gremlin.run(asker, `G.V('${node.id}').NextHop('${dstIp}')`);
    const [, hop] = (rows[0] as readonly [string, Json] | undefined) ?? [];
    const mac = isJsonObject(hop) ? hop.MAC : undefined;
    return typeof mac === 'string' && mac !== '' ? mac : undefined;
  }
}

const mayKnow = ({ sight }: Viewer, known: Known): boolean => sight?.mayKnow(known.sight) ?? true;
