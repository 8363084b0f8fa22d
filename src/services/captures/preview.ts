import type { NodeRevision } from '../../graph/element.js';
import type { CaptureActivity, CaptureSpec } from '../../protocol/capture.js';
import type { Moment, NodeView } from '../elementView.js';
import { nodeViewOf } from '../nodeViews.js';
import type { Capture } from './capture.js';
import { TakenPorts } from './listening.js';
import { SpareRoom, verdictOn, type AbilitiesOf, type Verdict } from './possible.js';

/** What a capture would come to. */
export interface CapturePreview {
  /** Nodes that match now. */
  readonly total: number;
  /** The first of them. */
  readonly nodes: readonly (Verdict & { readonly node: NodeView; readonly isConnected: boolean })[];
  /** A capture that leaves no place for it. */
  readonly duplicateOf: Capture | undefined;
}

/** Nodes that a preview shows. */
const MOST_PREVIEWED = 1_000;

export interface PreviewSurroundings {
  readonly moment: Moment;
  /** How captures fare that are there. */
  readonly activities: Iterable<CaptureActivity>;
  readonly abilitiesOf: AbilitiesOf;
  /** Captures that are placed on nodes of the host. */
  readonly placedOn: (origin: string) => number;
}

/** What the capture would come to on each of the nodes, with what those before it take away. */
export function previewOf(
  spec: CaptureSpec,
  nodes: readonly NodeRevision[],
  { moment, activities, abilitiesOf, placedOn }: PreviewSurroundings,
): CapturePreview['nodes'] {
  const room = new SpareRoom(abilitiesOf, placedOn);
  const ports = new TakenPorts(moment.graph, activities);
  return nodes.slice(0, MOST_PREVIEWED).map((node) => {
    const { type, impossible } = verdictOn(spec, node, abilitiesOf);
    return {
      node: nodeViewOf(node, moment),
      isConnected: abilitiesOf(node.origin) !== undefined,
      type,
      impossible: impossible ?? ports.take(spec, type, node) ?? room.take(node.origin, type),
    };
  });
}
