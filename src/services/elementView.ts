import { CanopyError } from '../common/errors.js';
import type { Json, JsonObject } from '../common/json.js';
import type { EdgeRevision, ElementId, NodeRevision, Revision } from '../graph/element.js';
import type { GraphView } from '../graph/view.js';
import { kindOf, type NodeKind } from './kinds.js';
import { atPath, wholeMetadata } from './metadata.js';

/** One instant that is being looked at: the graph as it was, and the instant itself, which may lie after the graph's last change. */
export interface Moment {
  readonly graph: GraphView;
  /** The resolved instant in milliseconds. */
  readonly at: number;
}

export type NodeState = 'UP' | 'DOWN' | 'UNKNOWN' | 'OTHER';

const text = (value: Json | undefined): string | undefined => (typeof value === 'string' ? value : undefined);

/**
 * What nodes and edges have in common: an element at a moment. Time travels inside it, so whatever is read below is of the same instant.
 * Fields of the schema that need no argument are getters here: execution reads them without calling a resolver. Without a moment (in
 * events and lists of changes) only the element's own fields can be read.
 */
abstract class ElementView<R extends Revision> {
  constructor(
    readonly element: R,
    readonly moment: Moment | undefined,
  ) {}

  get id(): ElementId {
    return this.element.id;
  }
  get key(): string {
    return `${this.element.id}@${this.element.revision}`;
  }
  get host(): string {
    return this.element.host;
  }
  get origin(): string {
    return this.element.origin;
  }
  get createdAt(): number {
    return this.element.createdAt;
  }
  get updatedAt(): number {
    return this.element.updatedAt;
  }
  get deletedAt(): number | undefined {
    return this.element.deletedAt;
  }
  get revision(): number {
    return this.element.revision;
  }

  /** The graph around the element. Throws `BAD_INPUT` for an element of an event or of a change. */
  get graph(): GraphView {
    return this.there.graph;
  }

  /** Like `moment`, for what cannot do without. */
  get there(): Moment {
    if (this.moment === undefined) {
      throw new CanopyError(
        'BAD_INPUT',
        `the element ${this.id} of a change has its own fields only; ask node(id:, at:) for what surrounds it at that instant`,
      );
    }
    return this.moment;
  }

  /** The whole metadata (measurements only where the present is looked at), or what a dotted path reaches in it. */
  metadataAt(path: string | null | undefined): Json | undefined {
    const measurements: JsonObject | undefined = this.moment?.graph.measurements(this.id);
    const whole = wholeMetadata(this.element, measurements);
    return path === undefined || path === null ? whole : atPath(whole, path);
  }
}

/** A node at a moment. */
export class NodeView extends ElementView<NodeRevision> {
  get __typename(): NodeKind {
    return kindOf(this.element);
  }
  get tid(): string | undefined {
    return text(this.element.metadata.TID);
  }
  get name(): string {
    return text(this.element.metadata.Name) ?? this.element.id;
  }
  get type(): string {
    return text(this.element.metadata.Type) ?? 'unknown';
  }
  get state(): NodeState {
    return stateOf(this.element);
  }
}

/** An edge at a moment. */
export class EdgeView extends ElementView<EdgeRevision> {
  get __typename(): 'Edge' {
    return 'Edge';
  }
  get relationType(): string {
    return relationTypeOf(this.element);
  }
  get sourceId(): ElementId {
    return this.element.parent;
  }
  get targetId(): ElementId {
    return this.element.child;
  }
  get source(): NodeView {
    return this.end(this.element.parent);
  }
  get target(): NodeView {
    return this.end(this.element.child);
  }

  private end(id: ElementId): NodeView {
    const node = this.graph.node(id);
    if (node === undefined) throw new CanopyError('INTERNAL', `edge ${this.id} has no node ${id} at its end`);
    return new NodeView(node, this.moment);
  }
}

export type AnyElementView = NodeView | EdgeView;

export const viewOf = (element: Revision, moment: Moment | undefined): AnyElementView =>
  element.kind === 'node' ? new NodeView(element, moment) : new EdgeView(element, moment);

export const relationTypeOf = ({ metadata }: EdgeRevision): string => text(metadata.RelationType) ?? 'unknown';

/** `State` of metadata; whatever else a probe reports (`DORMANT`, `LOWER-LAYER-DOWN`) is `OTHER`. */
export function stateOf({ metadata }: NodeRevision): NodeState {
  const { State } = metadata;
  if (State === 'UP' || State === 'DOWN') return State;
  return State === undefined || State === null || State === 'UNKNOWN' || State === '' ? 'UNKNOWN' : 'OTHER';
}
