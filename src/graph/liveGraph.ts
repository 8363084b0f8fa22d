import type { JsonObject } from '../common/json.js';
import type { Applied } from './applied.js';
import { measure } from './apply/measure.js';
import { patch, patchRows } from './apply/patch.js';
import { putEdge } from './apply/putEdge.js';
import { putNode } from './apply/putNode.js';
import { remove } from './apply/remove.js';
import { flush, saidOf } from './apply/settle.js';
import type { ElementChange } from './change.js';
import type { Delta, DeltaBatch } from './delta.js';
import { Departed } from './departed.js';
import type { EdgeRevision, ElementId, NodeRevision, Revision } from './element.js';
import type { Entry } from './entry.js';
import { Governor, type GovernorLimits } from './governor.js';
import { Layouts } from './measurements.js';
import { statsOf, type OriginStats } from './origins.js';
import type { Position } from './position.js';
import { Present } from './present.js';
import { restoreGraph, type GraphState } from './restore.js';
import type { Layers } from './revision.js';
import { TimeAxis } from './timeAxis.js';
import type { GraphView } from './view.js';
import { Writing, type GraphParts } from './writing.js';

export type { Applied, Measured, Rejection } from './applied.js';
export type { GraphState } from './restore.js';
export type { OriginStats } from './origins.js';

export interface GraphLimits extends GovernorLimits {
  /** Removed elements whose overlays and revision numbers are remembered. */
  readonly departed: number;
}

/** Ten changes of a path at once, then one revision a second, or 500 rows; the overlays of the last 20,000 removed elements. */
export const DEFAULT_GRAPH_LIMITS: GraphLimits = { burst: 10, periodMs: 1_000, rows: 500, departed: 20_000 };

export interface LiveGraphOptions {
  /** Integer milliseconds since the epoch; may step. */
  readonly now: () => number;
  readonly limits?: Partial<GraphLimits>;
}

/** An element of an origin as its writers have said it last, whether readers see it yet or not. */
export interface OwnedElement {
  readonly revision: Revision;
  readonly said: Layers;
  readonly isSuspended: boolean;
}

export interface GraphStats {
  readonly nodes: number;
  readonly edges: number;
  readonly suspended: number;
  readonly metadataBytes: number;
  /** Elements with something that waits in the governor. */
  readonly held: number;
  readonly merged: number;
  readonly openViews: number;
  readonly origins: readonly OriginStats[];
}

/** The one graph of a process, with one writer. Holds no timer and does no I/O: who owns it calls `tick` every tenth of a second, and again at once while there `hasDue`. */
export class LiveGraph {
  private readonly parts: GraphParts;
  private epoch = 1;

  constructor(options: LiveGraphOptions) {
    const limits = { ...DEFAULT_GRAPH_LIMITS, ...options.limits };
    this.parts = {
      present: new Present(),
      governor: new Governor(limits),
      axis: new TimeAxis(options.now),
      departed: new Departed(limits.departed),
      layouts: new Layouts(),
    };
  }

  /** Takes a batch of one writer. A delta that cannot be taken is rejected with its index; the others are applied. Never throws for what writers send. */
  apply(batch: DeltaBatch): Applied {
    const write = new Writing(this.parts, batch.origin, batch.immediate === true);
    const { deltas } = batch;
    for (let index = 0; index < deltas.length; index++) applyDelta(write, deltas[index] as Delta, index);
    write.finish();
    const { changes, rejected, measured, created, updated, unchanged, removed, held } = write;
    return { changes, rejected, measured, created, updated, unchanged, removed, held, heldSerial: this.parts.governor.serial };
  }

  /** Lets out what the governor held long enough; of very many rows a part, and `hasDue` says that there is more. */
  tick(): readonly ElementChange[] {
    const { governor, axis } = this.parts;
    if (governor.size === 0) return [];
    const write = new Writing(this.parts, '', true);
    for (const entry of governor.takeDue(axis.elapsed())) flush(write, entry);
    return write.changes;
  }

  /** Whether `tick` would let something out now. */
  hasDue(): boolean {
    return this.parts.governor.hasDue(this.parts.axis.elapsed());
  }

  /** Serial number of the oldest write that waits in the governor (`Applied.heldSerial`); `undefined` when nothing waits. */
  oldestHeld(): number | undefined {
    return this.parts.governor.oldest();
  }

  /** A steady view of the present; what changes afterwards does not show in it, measurements excepted. Release it. */
  view(): GraphView {
    return this.parts.present.view(this.position(), this.parts.axis.present());
  }

  /** Promises that nothing will be given an `at` of `instant` or before any more (TIME.md). Returns the instant that was sealed: the future means now. */
  seal(instant: number): number {
    return this.parts.axis.seal(instant);
  }

  /** Number and instant for an entry of the log that is not about an element: coverage. */
  nextStamp(): { readonly seq: number; readonly at: number } {
    const at = this.parts.axis.nextAt();
    return { seq: this.parts.axis.take(at), at };
  }

  /** Of the last change. */
  position(): Position {
    return { epoch: this.epoch, seq: this.parts.axis.seq };
  }

  setEpoch(epoch: number): void {
    this.epoch = epoch;
  }

  /** How far the clock is behind the last `at`, in milliseconds: `at` stands still until it has caught up. */
  clockFreeze(): number {
    return this.parts.axis.freeze();
  }

  /** Fills an empty graph with what a store kept. */
  restore(state: GraphState): void {
    this.epoch = state.epoch;
    restoreGraph(this.parts, state);
  }

  node(id: ElementId): NodeRevision | undefined {
    return this.parts.present.node(id);
  }

  edge(id: ElementId): EdgeRevision | undefined {
    return this.parts.present.edge(id);
  }

  /** A visible element of either kind. */
  element(id: ElementId): Revision | undefined {
    return this.parts.present.node(id) ?? this.parts.present.edge(id);
  }

  /** An element that the graph knows, visible or suspended. */
  find(id: ElementId): Revision | undefined {
    return this.parts.present.entry(id)?.revision;
  }

  /** Latest measurements of an element as a nested object. */
  measurements(id: ElementId): JsonObject | undefined {
    return this.parts.present.measurements(id);
  }

  /** The elements of an origin, suspended ones too, nodes first. A list: the graph may be written while it is read. */
  elementsOf(origin: string): readonly OwnedElement[] {
    const account = this.parts.present.origins.find(origin);
    if (!account) return [];
    const owned: OwnedElement[] = [];
    for (const entry of account.nodes) owned.push(ownedElement(entry));
    for (const entry of account.edges) owned.push(ownedElement(entry));
    return owned;
  }

  /** Everybody who has written and whose writing is still there. */
  origins(): string[] {
    return Array.from(this.parts.present.origins.all(), ({ origin }) => origin);
  }

  /** What quotas look at; zeros for an origin that has nothing. */
  originStats(origin: string): OriginStats {
    const account = this.parts.present.origins.find(origin);
    if (account) return statsOf(account);
    return { origin, elements: 0, nodes: 0, edges: 0, suspended: 0, metadataBytes: 0, held: 0, merged: 0 };
  }

  stats(): GraphStats {
    const { present, governor } = this.parts;
    const origins = [...present.origins.all()].map(statsOf);
    const sum = (key: 'suspended' | 'metadataBytes' | 'merged'): number => origins.reduce((total, origin) => total + origin[key], 0);
    return {
      nodes: present.nodeCount,
      edges: present.edgeCount,
      suspended: sum('suspended'),
      metadataBytes: sum('metadataBytes'),
      held: governor.size,
      merged: sum('merged'),
      openViews: present.openViews,
      origins,
    };
  }
}

function ownedElement(entry: Entry): OwnedElement {
  const isSuspended = entry.kind === 'edge' && !entry.isVisible;
  return { revision: entry.revision as Revision, said: saidOf(entry), isSuspended };
}

function applyDelta(write: Writing, delta: Delta, index: number): void {
  switch (delta.op) {
    case 'putNode':
      return putNode(write, delta, index);
    case 'putEdge':
      return putEdge(write, delta, index);
    case 'patch':
      return patch(write, delta, index);
    case 'rows':
      return patchRows(write, delta, index);
    case 'measure':
      return measure(write, delta, index);
    case 'remove':
      return remove(write, delta, index);
  }
}
