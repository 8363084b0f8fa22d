import type { Clock } from '../../common/clock.js';
import { CanopyError } from '../../common/errors.js';
import type { Json } from '../../common/json.js';
import type { Delta } from '../../graph/delta.js';
import type { ElementId } from '../../graph/element.js';
import { pathSteps } from '../../graph/metadataPath.js';
import type { Position } from '../../graph/position.js';
import type { Recorded, RecorderContract } from '../../journal/contracts.js';
import type { Asker } from '../asker.js';
import type { NodeView } from '../elementView.js';
import { badValue } from '../../graph/filter/badValue.js';
import { nodeViewOf } from '../nodeViews.js';
import { noSuchNode } from '../topology.js';
import { foreignWrites } from '../sight/foreignWrites.js';
import type { Sight } from '../sight/sight.js';
import { requireRight, type Viewer } from '../viewer.js';
import { checkPublish, notYours } from './check.js';
import type { PublishTopology } from './inputs.js';
import { kept, requireRoom } from './kept.js';
import type { Leases } from './leases.js';
import { isReserved, USER_ORIGIN } from './origins.js';
import { Problems } from './problems.js';
import type { Quotas } from './quota.js';

/** What a call of `publishTopology` did. */
export interface Published {
  /** Where the call stands in the log; everything it did is at or before it. */
  readonly cursor: Position;
  readonly created: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly removed: number;
}

export interface UpdatedNode {
  readonly cursor: Position;
  readonly node: NodeView;
}

export interface RemovedElements {
  readonly cursor: Position;
  readonly removed: number;
  /** Ids that were not there any more. */
  readonly missing: readonly ElementId[];
}

/** Keys that say what a thing is: only its owner may. */
const OWNERS_KEYS: ReadonlySet<string> = new Set(['Type', 'TID']);

/** Most ids that one call may remove. */
const MAX_REMOVED = 20_000;

export interface PublisherParts {
  readonly recorder: RecorderContract;
  readonly clock: Clock;
  readonly leases: Leases;
  readonly quotas: Quotas;
}

/** Writing from outside an agent. Every call answers when what it did is on disk. */
export class Publisher {
  constructor(private readonly parts: PublisherParts) {}

  /** Throws `BAD_INPUT` or `FORBIDDEN` with the path of each bad part, `QUOTA_EXCEEDED` with the number, `STORE_UNAVAILABLE` to try again. */
  async publish({ viewer, scope }: Asker, call: PublishTopology): Promise<Published> {
    requireRight(viewer, 'topology', 'write');
    requireRoom(this.parts.recorder);
    const { graph } = scope.present();
    const problems = new Problems();
    const { deltas, published, removed } = checkPublish(call, graph, problems);
    problems.throwIfAny('publishTopology');
    this.parts.quotas.spend(call.origin, graph, deltas);
    const recorded = this.#record(viewer, call.origin, deltas, 'publishTopology');
    await this.#kept(Promise.all([recorded.durable, this.parts.leases.renew(call.origin, published, call.lease ?? undefined)]));
    await this.parts.leases.forget(removed);
    scope.forward();
    const { position: cursor, created, updated, unchanged } = recorded;
    return { cursor, created, updated, unchanged, removed: removedBy(recorded) };
  }

  /** Lays values over a node's metadata, by dotted path, for everybody to see; the owner's own values stay below and come back on `unset`. */
  async updateMetadata(
    { viewer, scope }: Asker,
    id: ElementId,
    set: Json | null | undefined,
    unset: readonly string[] | null | undefined,
  ): Promise<UpdatedNode> {
    requireRight(viewer, 'node', 'write');
    requireRoom(this.parts.recorder);
    const values = checkSet(set);
    for (const [path] of values) checkPath(path, 'set');
    for (const path of unset ?? []) checkPath(path, 'unset');
    if (values.length === 0 && !unset?.length) throw badValue('set', set ?? null, 'at least one path to set or unset');
    if (scope.present().graph.node(id) === undefined) throw noSuchNode(id);
    const recorded = this.#record(viewer, USER_ORIGIN, [{ op: 'patch', id, set: values, unset: unset ?? [] }], 'updateNodeMetadata');
    await this.#kept(recorded.durable);
    const moment = scope.forward();
    const node = moment.graph.node(id);
    if (node === undefined) throw noSuchNode(id);
    return { cursor: recorded.position, node: nodeViewOf(node, moment) };
  }

  /** Removes what publishers gave. What agents see is theirs: it would come back with their next picture. */
  async remove({ viewer, scope }: Asker, ids: readonly ElementId[]): Promise<RemovedElements> {
    const { graph } = scope.present();
    const isEdge = (id: ElementId): boolean => graph.edge(id) !== undefined;
    if (!ids.every(isEdge)) requireRight(viewer, 'node', 'write');
    if (ids.length === 0 || ids.some(isEdge)) requireRight(viewer, 'edge', 'write');
    requireRoom(this.parts.recorder);
    if (ids.length > MAX_REMOVED) throw badValue('ids', ids.length, `at most ${MAX_REMOVED} ids in one call`);
    const problems = new Problems();
    const byOrigin = new Map<string, ElementId[]>();
    const missing: ElementId[] = [];
    [...new Set(ids)].forEach((id, index) => {
      const element = graph.edge(id) ?? graph.node(id);
      if (element === undefined) missing.push(id);
      else if (isReserved(element.origin)) problems.add(`ids[${index}]`, notYours(id, element.origin), 'FORBIDDEN');
      else if (byOrigin.has(element.origin)) byOrigin.get(element.origin)!.push(id);
      else byOrigin.set(element.origin, [id]);
    });
    problems.throwIfAny('removeElements');
    const calls = [...byOrigin].map(([origin, own]) => this.#record(viewer, origin, removals(own, graph), 'removeElements'));
    await this.#kept(Promise.all(calls.map(({ durable }) => durable)));
    await this.parts.leases.forget(ids);
    scope.forward();
    return {
      cursor: calls.at(-1)?.position ?? graph.position,
      removed: calls.reduce((sum, call) => sum + removedBy(call), 0),
      missing,
    };
  }

  /** Everything was checked against the same graph in the same turn, so a rejection here is a fault of this program. */
  #record({ sight }: Viewer, origin: string, deltas: readonly Delta[], what: string): Recorded {
    this.#requireSeen(sight, origin, deltas, what);
    const recorded = this.parts.recorder.record({ origin, deltas, immediate: true });
    const [rejection] = recorded.rejected;
    if (rejection !== undefined) {
      recorded.durable.catch(() => undefined);
      throw new CanopyError(rejection.code, `${what}: ${rejection.message}`, { details: { rejected: recorded.rejected.slice(0, 50) } });
    }
    return recorded;
  }

  /** Throws `FORBIDDEN` for what is, or would be, outside of what somebody sees. */
  #requireSeen(sight: Sight | undefined, origin: string, deltas: readonly Delta[], what: string): void {
    if (sight === undefined) return;
    const whole = this.parts.recorder.present();
    try {
      const problems = new Problems();
      for (const { message, details } of foreignWrites(sight, whole, origin, deltas).values())
        problems.add(String(details.id), message, 'FORBIDDEN');
      problems.throwIfAny(what);
    } finally {
      whole.release();
    }
  }

  #kept(durable: Promise<unknown>): Promise<void> {
    return kept(durable, this.parts.recorder, this.parts.clock);
  }
}

/** Elements that went, with the edges that went with their nodes. */
const removedBy = ({ changes }: Recorded): number => changes.filter(({ op }) => op === 'removed').length;

/** Edges first: a node takes its edges along, and a second removal would find nothing. */
const removals = (ids: readonly ElementId[], graph: { edge(id: ElementId): unknown }): Delta[] =>
  ids.toSorted((a, b) => Number(graph.edge(a) === undefined) - Number(graph.edge(b) === undefined)).map((id) => ({ op: 'remove', id }));

function checkSet(set: Json | null | undefined): readonly (readonly [path: string, value: Json])[] {
  if (set === undefined || set === null) return [];
  if (typeof set !== 'object' || Array.isArray(set))
    throw badValue('set', set, 'an object of values by dotted path, such as {"Site.Rack": "r12"}');
  return Object.entries(set);
}

function checkPath(path: string, field: string): void {
  const steps = pathSteps(path);
  if (steps === undefined || steps.includes('__proto__')) throw badValue(field, path, 'dotted paths such as Site.Rack');
  if (OWNERS_KEYS.has(steps[0]!))
    throw badValue(field, path, `any path but ${[...OWNERS_KEYS].join(' and ')}, which say what the thing is`);
}
