import type { Cancel, Clock } from '../../common/clock.js';
import { CanopyError } from '../../common/errors.js';
import { randomId } from '../../common/ids.js';
import type { Log } from '../../common/log.js';
import type { ElementId } from '../../graph/element.js';
import type { RecorderContract } from '../../journal/contracts.js';
import { NOTHING_COUNTED, type Abilities, type CaptureAbility, type CaptureActivity, type CaptureTask } from '../../protocol/capture.js';
import { MAX_CAPTURE_TASKS } from '../../protocol/limits.js';
import type { Registry, RegistryEvent, Watch } from '../../registry/registry.js';
import type { Asker } from '../asker.js';
import type { NodeView } from '../elementView.js';
import type { Order } from '../order.js';
import { pageOf, readWindow, type Connection, type PageArgs } from '../page.js';
import { requireRight, type Viewer } from '../viewer.js';
import type { AgentPort } from './agents.js';
import type { Sight, SightStamp } from '../sight/sight.js';
import { captureFrom, storedCapture, type Capture, type CaptureRequest } from './capture.js';
import { checkRequest, duplicateOf, refusalOf } from './check.js';
import { CaptureLog } from './log.js';
import { NodeMarks } from './nodeMarks.js';
import { abilitiesOn, checkPossible } from './possible.js';
import { Placement, type Placed } from './placement.js';
import { previewOf, type CapturePreview } from './preview.js';
import { captureView, type CaptureView } from './views.js';

export interface CaptureParts {
  readonly registry: Registry;
  readonly recorder: RecorderContract;
  readonly agents: AgentPort;
  /** What who made something with a stamp sees now. */
  readonly sightOf: (stamp: SightStamp) => Sight;
  readonly clock: Clock;
  readonly log: Log;
}

export type CaptureOp = 'CREATED' | 'DELETED' | 'CHANGED';

/** Something happened to a capture: it was made, it ended, or it fares differently on a node. */
export interface CaptureEvent {
  readonly op: CaptureOp;
  readonly capture: Capture;
  /** With `CHANGED`. */
  readonly activity?: CaptureActivity;
}

/** Captures: asked for by people, kept in the registry, placed on nodes as the graph changes, carried out by agents. */
export class CaptureService {
  private readonly captures = new Map<string, Capture>();
  /** By capture and node. */
  private readonly activities = new Map<string, Map<ElementId, CaptureActivity>>();
  private readonly placed = new Map<string, ReadonlyMap<ElementId, Placed>>();
  /** By capture and node the node to which an agent mirrors it. */
  private readonly mirrors = new Map<string, Map<ElementId, ElementId>>();
  private readonly hostAbilities = new Map<string, Abilities>();
  private readonly listeners = new Set<(event: CaptureEvent) => void>();
  private readonly placement: Placement;
  private readonly marks: NodeMarks;
  /** What happened, for who was away. */
  readonly log: CaptureLog;
  private readonly watch: Watch;
  private ready: (() => void) | undefined;
  private readonly whenReady = new Promise<void>((resolve) => (this.ready = resolve));

  constructor(private readonly parts: CaptureParts) {
    this.marks = new NodeMarks(parts.recorder);
    this.log = new CaptureLog(parts.clock.now());
    this.placement = new Placement({ ...parts, placed: (capture, nodes) => this.place(capture, nodes) });
    this.watch = parts.registry.watch('capture', (event) => this.follow(event));
  }

  /**
   * Makes a capture. Answers when it is kept; agents start it as soon as they hear of it. Throws `BAD_INPUT` for what can never work, with what can, and
   * `CONFLICT` for a duplicate.
   */
  async create({ viewer }: Asker, request: CaptureRequest): Promise<Capture> {
    requireRight(viewer, 'capture', 'write');
    if ((request.rawPacketLimit ?? 0) !== 0) requireRight(viewer, 'capture', 'rawpackets');
    const { clock, registry } = this.parts;
    const now = clock.now();
    const capture = stamped(checkRequest(request, randomId(), now), viewer);
    await this.whenReady;
    checkPossible(capture.spec, await this.placement.matches(capture), this.abilitiesOf);
    const duplicate = duplicateOf(capture, await this.stored(viewer));
    if (duplicate !== undefined) throw refusalOf(capture, duplicate);
    const { expiresAt } = capture;
    const options = { expects: 'absent', ...(expiresAt !== undefined && { ttlMs: expiresAt - now }) } as const;
    const { version } = await registry.put('capture', capture.id, storedCapture(capture), options);
    const earlier = duplicateOf(capture, await this.stored(viewer, version));
    if (earlier !== undefined) {
      // Somebody asked for the same at the same moment, perhaps of another analyzer: the first one stays.
      await registry.remove('capture', capture.id);
      throw refusalOf(capture, earlier);
    }
    this.add(capture);
    return capture;
  }

  /** What a capture would come to, on each node that matches now; nothing is made. Throws `BAD_INPUT` for what can never work. */
  async preview({ viewer, scope }: Asker, request: CaptureRequest): Promise<CapturePreview> {
    requireRight(viewer, 'capture', 'read');
    const capture = stamped(checkRequest(request, randomId(), this.parts.clock.now()), viewer);
    await this.whenReady;
    const nodes = await this.placement.matches(capture);
    const moment = scope.present();
    const activities = [...this.activities.values()].flatMap((byNode) => [...byNode.values()]);
    return {
      total: nodes.length,
      nodes: previewOf(capture.spec, nodes, {
        moment,
        activities,
        abilitiesOf: this.abilitiesOf,
        placedOn: (origin) => this.placedOn(origin),
      }),
      duplicateOf: duplicateOf(capture, await this.stored(viewer)),
    };
  }

  /** Those that were kept before this version of the registry. */
  private async stored(viewer: Viewer, before = Infinity): Promise<readonly Capture[]> {
    const entries = (await this.parts.registry.list('capture')).filter(({ version }) => version < before);
    return entries.map(({ value }) => captureFrom(value)).filter((capture) => mayKnow(viewer, capture));
  }

  /** All that the viewer may know of, the oldest first. */
  async list({ viewer }: Asker): Promise<readonly Capture[]> {
    requireRight(viewer, 'capture', 'read');
    await this.whenReady;
    return [...this.captures.values()].filter((capture) => mayKnow(viewer, capture)).sort(byAge.compare);
  }

  async get({ viewer }: Asker, id: string): Promise<Capture | undefined> {
    requireRight(viewer, 'capture', 'read');
    await this.whenReady;
    const capture = this.captures.get(id);
    return capture && mayKnow(viewer, capture) ? capture : undefined;
  }

  /** Ends a capture. Throws `NOT_FOUND`. */
  async remove({ viewer }: Asker, id: string): Promise<Capture> {
    requireRight(viewer, 'capture', 'write');
    await this.whenReady;
    const capture = this.captures.get(id);
    if (capture === undefined || !mayKnow(viewer, capture) || !(await this.parts.registry.remove('capture', id))) {
      throw new CanopyError('NOT_FOUND', `there is no capture ${id}`, { details: { id } });
    }
    this.drop(id);
    return capture;
  }

  /** A page of them, the oldest first. */
  async page(asker: Asker, page: PageArgs, most: number): Promise<Connection<Capture, CaptureView>> {
    const window = readWindow(page, most);
    const { positions } = asker.scope.present();
    return pageOf([...(await this.list(asker))], byAge, { positions }, captureView, window);
  }

  /** How the capture fares on one node, as its agent said last. */
  activityOn(capture: string, node: ElementId): CaptureActivity | undefined {
    return this.activities.get(capture)?.get(node);
  }

  get clock(): Clock {
    return this.parts.clock;
  }

  /** How the capture fares on each of its nodes: those of which nothing was heard yet are `STARTING`. */
  activitiesOf(id: string): readonly CaptureActivity[] {
    const known = this.activities.get(id);
    return [...(this.placed.get(id)?.keys() ?? [])].map((node) => known?.get(node) ?? starting(id, node));
  }

  /** What the agent's host can do; `undefined` where the agent is away. */
  readonly abilitiesOf = (origin: string): Abilities | undefined => this.hostAbilities.get(origin);

  /** What can be captured on the node; `undefined` where its agent is away. */
  abilitiesOn(node: NodeView): readonly CaptureAbility[] | undefined {
    const isAway = node.origin.startsWith('agent.') && !this.hostAbilities.has(node.origin);
    return isAway ? undefined : abilitiesOn(node.element, this.abilitiesOf);
  }

  /** Told of every event from now on. */
  listen(listener: (event: CaptureEvent) => void): Cancel {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  close(): void {
    this.watch.close();
    this.placement.close();
    this.listeners.clear();
  }

  private placedOn(origin: string): number {
    let count = 0;
    for (const nodes of this.placed.values()) for (const placed of nodes.values()) if (placed.origin === origin) count++;
    return count;
  }

  // ── agents ──

  /** Tells an agent everything that is to run there. */
  connected(origin: string): void {
    const start: CaptureTask[] = [];
    for (const [capture, nodes] of this.placed) {
      for (const placed of nodes.values()) if (placed.origin === origin) start.push({ capture, node: placed.node });
    }
    this.send(origin, true, start, []);
  }

  disconnected(origin: string): void {
    this.hostAbilities.delete(origin);
  }

  abilities(origin: string, abilities: Abilities): void {
    this.hostAbilities.set(origin, abilities);
  }

  captureStates(_origin: string, activities: readonly CaptureActivity[]): void {
    const changed: CaptureActivity[] = [];
    for (const activity of activities) {
      const { capture: id, node, state } = activity;
      const capture = this.captures.get(id);
      // The last word of a task that was stopped: it is no part of the picture any more.
      if (capture === undefined) continue;
      if (this.placed.get(id)?.has(node) !== true) {
        this.mirrored(activity);
        continue;
      }
      const known = this.activities.get(id) ?? new Map<ElementId, CaptureActivity>();
      this.activities.set(id, known);
      if (state === 'STOPPED') known.delete(node);
      else {
        // That it is to begin was told when it was placed.
        const isNews = state !== 'STARTING' || known.has(node);
        known.set(node, activity);
        if (!isNews) continue;
      }
      changed.push(activity);
      this.tell({ op: 'CHANGED', capture, activity });
    }
    this.marks.write(changed, (id) => this.captures.get(id));
  }

  /** An agent has what it captures on one node from another one, which is marked too; it is no node of the capture. */
  private mirrored(activity: CaptureActivity): void {
    const { capture: id, node, state, mirrorOf } = activity;
    if (mirrorOf === undefined || this.placed.get(id)?.has(mirrorOf) !== true) return;
    const mirrors = this.mirrors.get(id) ?? new Map<ElementId, ElementId>();
    this.mirrors.set(id, mirrors);
    const before = mirrors.get(mirrorOf);
    if (before !== undefined && (before !== node || state === 'STOPPED')) {
      mirrors.delete(mirrorOf);
      this.marks.clear(id, [before]);
    }
    // Told every second: the node may be heard of later.
    if (state === 'STOPPED' || !this.isPresent(node)) return;
    mirrors.set(mirrorOf, node);
    this.marks.write([activity], (known) => this.captures.get(known));
  }

  private isPresent(node: ElementId): boolean {
    const view = this.parts.recorder.present();
    try {
      return view.node(node) !== undefined;
    } finally {
      view.release();
    }
  }

  // ── registry ──

  private follow(event: RegistryEvent): void {
    switch (event.event) {
      case 'all': {
        const kept = new Set(event.entries.map(({ id }) => id));
        for (const id of this.captures.keys()) if (!kept.has(id)) this.drop(id);
        for (const { value } of event.entries) this.add(captureFrom(value));
        this.marks.keepOnly((id) => this.captures.has(id));
        this.ready?.();
        return;
      }
      case 'put':
        return this.add(captureFrom(event.entry.value));
      case 'removed':
        return this.drop(event.id);
    }
  }

  private add(capture: Capture): void {
    if (this.captures.has(capture.id)) return;
    this.captures.set(capture.id, capture);
    this.tell({ op: 'CREATED', capture });
    this.placement.follow(capture);
  }

  private drop(id: string): void {
    const capture = this.captures.get(id);
    if (capture === undefined) return;
    this.placement.forget(id);
    this.place(capture, new Map());
    this.captures.delete(id);
    this.activities.delete(id);
    this.mirrors.delete(id);
    this.placed.delete(id);
    this.tell({ op: 'DELETED', capture });
  }

  private place(capture: Capture, nodes: ReadonlyMap<ElementId, Placed>): void {
    const { id } = capture;
    const before = this.placed.get(id) ?? new Map<ElementId, Placed>();
    this.placed.set(id, nodes);
    const changes = new Map<string, { start: CaptureTask[]; stop: CaptureTask[] }>();
    const of = (origin: string): { start: CaptureTask[]; stop: CaptureTask[] } => {
      const change = changes.get(origin) ?? { start: [], stop: [] };
      changes.set(origin, change);
      return change;
    };
    const isSame = (a: Placed | undefined, b: Placed): boolean => a?.origin === b.origin;
    for (const [node, placed] of nodes) {
      if (isSame(before.get(node), placed)) continue;
      of(placed.origin).start.push({ capture: id, node });
      this.tell({ op: 'CHANGED', capture, activity: starting(id, node) });
    }
    const gone: ElementId[] = [];
    for (const [node, placed] of before) {
      if (isSame(nodes.get(node), placed)) continue;
      of(placed.origin).stop.push({ capture: id, node });
      const last = this.activities.get(id)?.get(node) ?? starting(id, node);
      this.activities.get(id)?.delete(node);
      gone.push(node);
      const mirror = this.mirrors.get(id)?.get(node);
      if (mirror !== undefined) gone.push(mirror);
      this.mirrors.get(id)?.delete(node);
      if (!nodes.has(node)) this.tell({ op: 'CHANGED', capture, activity: { ...last, state: 'STOPPED', error: undefined } });
    }
    for (const [origin, { start, stop }] of changes) this.send(origin, false, start, stop);
    this.marks.clear(id, gone);
  }

  /** In messages that are not too long. */
  private send(origin: string, isWhole: boolean, start: readonly CaptureTask[], stop: readonly CaptureTask[]): void {
    let first = true;
    for (let from = 0; first || from < Math.max(start.length, stop.length); from += MAX_CAPTURE_TASKS) {
      const part = start.slice(from, from + MAX_CAPTURE_TASKS);
      const captures = [...new Set(part.map(({ capture }) => capture))].flatMap((id) => this.captures.get(id)?.spec ?? []);
      const sent = this.parts.agents.send(origin, {
        kind: 'captureTasks',
        isWhole: isWhole && first,
        captures,
        start: part,
        stop: stop.slice(from, from + MAX_CAPTURE_TASKS),
      });
      // Not connected: it hears of everything when it comes.
      if (!sent) return;
      first = false;
    }
  }

  private tell(event: CaptureEvent): void {
    this.log.add(event);
    for (const listener of this.listeners) listener(event);
  }
}

/** Whether the viewer may know of the capture: who sees a part of the graph knows of those that were made with the same scopes. */
export const mayKnow = ({ sight }: Viewer, capture: Capture): boolean => sight?.mayKnow(capture.sight) ?? true;

const stamped = (capture: Capture, { sight }: Viewer): Capture => (sight === undefined ? capture : { ...capture, sight: sight.stamp });

/** The oldest first. */
const byAge: Order<Capture> = {
  compare: (a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1),
  keyOf: ({ createdAt, id }) => [createdAt, id],
  compareToKey: ({ createdAt, id }, [at, other]) => createdAt - Number(at) || (id === other ? 0 : id < String(other) ? -1 : 1),
};

/** A task of which nothing was heard yet. */
const starting = (capture: string, node: ElementId): CaptureActivity => ({
  capture,
  node,
  state: 'STARTING',
  error: undefined,
  ...NOTHING_COUNTED,
});
