import type { Json, JsonObject } from '../../common/json.js';
import type { ElementId } from '../../graph/element.js';
import { isJsonObject } from '../../graph/metadataPath.js';
import { CAPTURE_TYPES, type Abilities, type CaptureActivity } from '../../protocol/capture.js';
import { captureTypesOn } from '../../protocol/captureTypes.js';
import type { NodeView } from '../elementView.js';
import type { Capture } from './capture.js';
import { shownName } from './names.js';
import { CAPTURES_KEY } from './nodeMarks.js';

/** A capture with its options beside its name, as people read it. */
export type CaptureView = ReturnType<typeof captureView>;

export const captureView = ({ spec, nodes, ...capture }: Capture) => ({
  ...spec,
  ...capture,
  nodes: nodes as Json | undefined,
  pollingInterval: spec.pollingIntervalMs,
  type: shownName(spec.type),
  extraLayers: spec.extraLayers.map((layer) => shownName(layer)!),
  targetType: shownName(spec.targetType),
});

/** What a host can do, as people read it. */
export type AbilitiesView = ReturnType<typeof abilitiesView>;

export const abilitiesView = ({ captures, ...abilities }: Abilities) => ({
  ...abilities,
  captures: captures.map(({ type, impossible }) => ({ type: shownName(type)!, impossible })),
});

/** How a capture fares on a node, with its drops as a list. */
export interface ActivityView extends Omit<CaptureActivity, 'drops' | 'node' | 'capture' | 'type'> {
  readonly type: string | undefined;
  readonly captureId: string;
  readonly nodeId: ElementId;
  /** The node, where it is known without looking. */
  readonly nodeView: NodeView | undefined;
  readonly drops: readonly { readonly reason: string; readonly count: number }[];
}

export const activityView = ({ capture, node, drops, ...activity }: CaptureActivity, nodeView?: NodeView): ActivityView => ({
  ...activity,
  type: shownName(activity.type),
  captureId: capture,
  nodeId: node,
  nodeView,
  drops: Object.entries(drops).map(([reason, count]) => ({ reason, count })),
});

/** Captures that ran on the node at its moment, from its metadata; at present with everything that its agent says. */
export function activitiesOn(node: NodeView, present: (capture: string, node: ElementId) => CaptureActivity | undefined): ActivityView[] {
  const list = node.metadataAt(CAPTURES_KEY);
  if (!Array.isArray(list)) return [];
  return (list as Json[]).filter(isJsonObject).map((entry) => {
    const capture = String(entry.ID);
    const activity = node.moment?.isLive ? present(capture, node.id) : undefined;
    return activityView(activity ?? activityFrom(entry, capture, node), node);
  });
}

function activityFrom(entry: JsonObject, capture: string, node: NodeView): CaptureActivity {
  const text = (key: string): string | undefined => (typeof entry[key] === 'string' ? entry[key] : undefined);
  const number = (key: string): number => (typeof entry[key] === 'number' ? entry[key] : 0);
  return {
    capture,
    node: node.id,
    state: entry.State === 'active' ? 'ACTIVE' : 'ERROR',
    error: text('Error'),
    // None that was asked for: the default there.
    type: entry.Type === undefined ? captureTypesOn(node.type)[0] : CAPTURE_TYPES.find((type) => type === entry.Type),
    packetsReceived: number('PacketsReceived'),
    packetsDropped: number('PacketsDropped'),
    packetsIfDropped: number('PacketsIfDropped'),
    flows: 0,
    drops: {},
    pcapSocket: text('PCAPSocket'),
    sflowSocket: text('SFlowSocket'),
    mirrorOf: text('MirrorOf'),
    facts: {},
  };
}
