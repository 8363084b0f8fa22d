import type { Cancel, Clock } from '../../common/clock.js';
import type { Log } from '../../common/log.js';
import type { ElementId, NodeRevision } from '../../graph/element.js';
import type { GraphView } from '../../graph/view.js';
import type { RecorderContract } from '../../journal/contracts.js';
import { captureTypesOn } from '../../protocol/captureTypes.js';
import { compileSelection, type Selection } from '../filters/selection.js';
import type { Sight, SightStamp } from '../sight/sight.js';
import type { Capture } from './capture.js';

/** Least milliseconds between two looks at who matches: a burst of changes is looked at once. */
const LOOK_EVERY_MS = 200;

/** A node that a capture is to run on, and its agent. */
export interface Placed {
  readonly node: ElementId;
  readonly origin: string;
}

export interface PlacementParts {
  readonly recorder: RecorderContract;
  readonly sightOf: (stamp: SightStamp) => Sight;
  readonly clock: Clock;
  readonly log: Log;
  /** The capture is to run on these nodes from now on, and on no others. */
  readonly placed: (capture: Capture, nodes: ReadonlyMap<ElementId, Placed>) => void;
}

interface Followed {
  readonly capture: Capture;
  readonly selection: Selection;
  nodes: ReadonlyMap<ElementId, Placed>;
}

/** Which nodes each capture is to run on: worked out when it is made, and again as the graph changes. */
export class Placement {
  private readonly followed = new Map<string, Followed>();
  private readonly stopListening: Cancel;
  private cancelLook: Cancel | undefined;
  private looking: Promise<void> | undefined;
  private lookedAt = -Infinity;
  private isStale = false;
  private isClosed = false;

  constructor(private readonly parts: PlacementParts) {
    this.stopListening = parts.recorder.onChanges(() => this.schedule());
  }

  /** Nodes that a capture would run on now, capturable or not. Throws what the filter or string is wrong about. */
  async matches(capture: Capture): Promise<readonly NodeRevision[]> {
    const view = this.parts.recorder.present();
    try {
      const { nodes } = await selectionOf(capture).in(this.seen(capture, view));
      return [...nodes.values()];
    } finally {
      view.release();
    }
  }

  follow(capture: Capture): void {
    this.followed.set(capture.id, { capture, selection: selectionOf(capture), nodes: new Map() });
    this.isStale = true;
    this.look();
  }

  forget(id: string): void {
    this.followed.delete(id);
  }

  nodesOf(id: string): ReadonlyMap<ElementId, Placed> {
    return this.followed.get(id)?.nodes ?? new Map();
  }

  close(): void {
    this.isClosed = true;
    this.stopListening();
    this.cancelLook?.();
  }

  /** The graph as who made the capture sees it. */
  private seen({ sight }: Capture, view: GraphView): GraphView {
    return sight === undefined ? view : this.parts.sightOf(sight).of(view);
  }

  private schedule(): void {
    this.isStale = true;
    if (this.followed.size === 0 || this.cancelLook !== undefined || this.looking !== undefined) return;
    const { clock } = this.parts;
    const delay = Math.max(0, LOOK_EVERY_MS - (clock.monotonic() - this.lookedAt));
    this.cancelLook = clock.after(delay, () => {
      this.cancelLook = undefined;
      this.look();
    });
  }

  private look(): void {
    if (this.looking !== undefined || this.isClosed) return;
    this.isStale = false;
    this.lookedAt = this.parts.clock.monotonic();
    this.looking = this.lookAtAll().finally(() => {
      this.looking = undefined;
      if (this.isStale && !this.isClosed) this.schedule();
    });
  }

  /** All captures in one version of the graph. */
  private async lookAtAll(): Promise<void> {
    const view = this.parts.recorder.present();
    try {
      for (const entry of [...this.followed.values()]) {
        const { capture, selection } = entry;
        try {
          const selected = await selection.in(this.seen(capture, view));
          const nodes = new Map<ElementId, Placed>();
          for (const node of selected.nodes.values()) {
            if (canRun(capture, node)) nodes.set(node.id, { node: node.id, origin: node.origin });
          }
          if (this.isClosed || this.followed.get(capture.id) !== entry || isSame(entry.nodes, nodes)) continue;
          entry.nodes = nodes;
          this.parts.placed(capture, nodes);
        } catch (error) {
          this.parts.log.warn({ capture: capture.id, error: String(error) }, 'it cannot be worked out where a capture is to run');
        }
      }
    } finally {
      view.release();
    }
  }
}

const selectionOf = ({ nodes, gremlin }: Capture): Selection => compileSelection({ nodes, gremlin }, 'capture');

/** An agent has the node, and its type allows the capture. */
function canRun({ spec }: Capture, { origin, metadata }: NodeRevision): boolean {
  const types = captureTypesOn(metadata.Type);
  return origin.startsWith('agent.') && types.length > 0 && (spec.type === undefined || types.includes(spec.type));
}

const isSame = (a: ReadonlyMap<ElementId, Placed>, b: ReadonlyMap<ElementId, Placed>): boolean =>
  a.size === b.size && [...a].every(([id, { origin }]) => b.get(id)?.origin === origin);
