import type { Json, JsonObject } from '../../common/json.js';
import type { Delta } from '../../graph/delta.js';
import type { ElementId } from '../../graph/element.js';
import { isJsonObject } from '../../graph/metadataPath.js';
import type { RecorderContract } from '../../journal/contracts.js';
import type { CaptureActivity } from '../../protocol/capture.js';
import type { Capture } from './capture.js';

/** Who writes `Captures` on nodes: an overlay of its own over whatever the agent says. */
export const CAPTURES_WRITER = 'canopy.captures';

/** The key on nodes, as Skydive names it: a list with an entry for each capture. */
export const CAPTURES_KEY = 'Captures';

/** `Captures` in the metadata of nodes: states are an overlay, counters are measurements laid over its entries by `ID`. */
export class NodeMarks {
  private readonly marked = new Map<ElementId, Map<string, JsonObject>>();

  constructor(private readonly recorder: RecorderContract) {}

  /** Writes how captures fare. Of a capture that `captureOf` does not know nothing is written. */
  write(activities: readonly CaptureActivity[], captureOf: (id: string) => Capture | undefined): void {
    const deltas: Delta[] = [];
    for (const activity of activities) {
      const capture = captureOf(activity.capture);
      if (capture === undefined || activity.state === 'STARTING') continue;
      if (activity.state === 'STOPPED') {
        deltas.push(...this.take(activity.node, activity.capture));
        continue;
      }
      deltas.push(...this.put(activity.node, capture, activity), {
        op: 'measure',
        id: activity.node,
        values: [
          [`${CAPTURES_KEY}.${capture.id}.PacketsReceived`, activity.packetsReceived],
          [`${CAPTURES_KEY}.${capture.id}.PacketsDropped`, activity.packetsDropped],
          [`${CAPTURES_KEY}.${capture.id}.PacketsIfDropped`, activity.packetsIfDropped],
        ],
      });
    }
    this.record(deltas);
  }

  /** The capture runs on these nodes no more. */
  clear(capture: string, nodes: Iterable<ElementId>): void {
    const deltas: Delta[] = [];
    for (const node of nodes) deltas.push(...this.take(node, capture));
    this.record(deltas);
  }

  /** After a start: takes over what the graph kept, and drops what is of no known capture. */
  keepOnly(isKnown: (capture: string) => boolean): void {
    const deltas: Delta[] = [];
    const view = this.recorder.present();
    try {
      for (const { id: node, overlays } of view.nodes()) {
        const list = overlays?.[CAPTURES_WRITER]?.[CAPTURES_KEY];
        if (!Array.isArray(list)) continue;
        const entries = (list as Json[]).filter(isJsonObject).map((entry) => [String(entry.ID), entry] as const);
        this.marked.set(node, new Map(entries));
        for (const [capture] of entries) if (!isKnown(capture)) deltas.push(...this.take(node, capture));
      }
    } finally {
      view.release();
    }
    this.record(deltas);
  }

  private put(node: ElementId, capture: Capture, activity: CaptureActivity): Delta[] {
    const marks = this.marked.get(node) ?? new Map<string, JsonObject>();
    const mark = markOf(capture, activity);
    const before = marks.get(capture.id);
    if (before !== undefined && JSON.stringify(before) === JSON.stringify(mark)) return [];
    marks.set(capture.id, mark);
    this.marked.set(node, marks);
    return [this.patch(node, marks)];
  }

  private take(node: ElementId, capture: string): Delta[] {
    const marks = this.marked.get(node);
    if (marks?.delete(capture) !== true) return [];
    if (marks.size > 0) return [this.patch(node, marks)];
    this.marked.delete(node);
    // Of a node that went it is forgotten too: it must not come back with the node.
    return [{ op: 'remove', id: node }];
  }

  private patch(node: ElementId, marks: ReadonlyMap<string, JsonObject>): Delta {
    return { op: 'patch', id: node, set: [[CAPTURES_KEY, [...marks.values()]]] };
  }

  /** What is about a node that went meanwhile is rejected, and that is all right. */
  private record(deltas: readonly Delta[]): void {
    if (deltas.length === 0) return;
    const { durable } = this.recorder.record({ origin: CAPTURES_WRITER, deltas, immediate: true });
    // States are said again by agents; a disk that refuses is shown elsewhere.
    durable.catch(() => undefined);
  }
}

/** Skydive's form of an entry: texts that are empty are left out, and the type is the one that was asked for. */
function markOf({ id, name, description, spec }: Capture, activity: CaptureActivity): JsonObject {
  const { state, error, pcapSocket, mirrorOf, sflowSocket } = activity;
  const texts: readonly (readonly [key: string, text: string | undefined])[] = [
    ['Name', name],
    ['Description', description],
    ['BPFFilter', spec.bpf],
    ['Type', spec.type],
    ['PCAPSocket', pcapSocket],
    ['MirrorOf', mirrorOf],
    ['SFlowSocket', sflowSocket],
    ['Error', error],
  ];
  const counters = { PacketsReceived: 0, PacketsDropped: 0, PacketsIfDropped: 0 };
  return {
    ID: id,
    State: state === 'ERROR' ? 'error' : 'active',
    ...Object.fromEntries(texts.filter(([, text]) => text)),
    ...counters,
  } as JsonObject;
}
