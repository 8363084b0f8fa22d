import { CanopyError } from '../common/errors.js';
import type { Json, JsonObject } from '../common/json.js';
import type { ElementId, NodeRevision, Revision } from '../graph/element.js';
import { readPath } from '../graph/metadataPath.js';
import { nodeState, type NodeState } from '../graph/nodeState.js';
import type { Position } from '../graph/position.js';
import type { GraphView } from '../graph/view.js';
import type { NodeKind } from './kinds.js';
import { textAt } from './metadata.js';
import { wholeMetadata } from '../graph/readMetadata.js';

/** One instant that is being looked at: the graph as it was, and the instant itself, which may lie after the graph's last change. */
export interface Moment {
  /** The graph around an element. Where only one element was read, reading it is a fault of this program. */
  readonly graph: GraphView;
  /** The resolved instant in milliseconds. */
  readonly at: number;
  /** Its place in the log, and the same as the place of a list. */
  readonly position: Position;
  readonly positions: readonly Position[];
  /** Whether the present is being looked at: only then are measurements current. */
  readonly isLive: boolean;
}

export const momentIn = (graph: GraphView, at: number): Moment => {
  const { position, isLive } = graph;
  return { graph, at, position, positions: [position], isLive };
};

/** A past moment of which single elements were read without the graph around them. */
export const momentWithoutGraph = (position: Position, at: number): Moment => ({
  get graph(): GraphView {
    throw new CanopyError('INTERNAL', 'what surrounds an element was asked for, but only the element was read');
  },
  at,
  position,
  positions: [position],
  isLive: false,
});

/**
 * What nodes and edges have in common: an element at a moment. Time travels inside it, so whatever is read below is of the same instant.
 * Fields of the schema that need no argument are getters here: execution reads them without calling a resolver. Without a moment (in
 * events and lists of changes) only the element's own fields can be read.
 */
export abstract class ElementView<R extends Revision = Revision> {
  constructor(
    readonly element: R,
    readonly moment: Moment | undefined,
  ) {}

  abstract get __typename(): string;

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
    const measurements: JsonObject | undefined = this.moment?.isLive ? this.moment.graph.measurements(this.id) : undefined;
    const whole = wholeMetadata(this.element, measurements);
    return path === undefined || path === null ? whole : readPath(whole, path);
  }
}

/** A node at a moment. Make one with `nodeViewOf`, which picks the kind. */
export abstract class NodeView extends ElementView<NodeRevision> {
  abstract override get __typename(): NodeKind;

  get tid(): string | undefined {
    return textAt(this.element.metadata.TID);
  }
  get name(): string {
    return textAt(this.element.metadata.Name) ?? this.element.id;
  }
  get type(): string {
    return textAt(this.element.metadata.Type) ?? 'unknown';
  }
  get state(): NodeState {
    return nodeState(this.element);
  }
}
