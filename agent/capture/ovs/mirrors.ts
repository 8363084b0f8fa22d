import type { ElementId } from '../../../src/graph/element.js';
import type { GraphView } from '../../../src/graph/view.js';
import type { CaptureActivity } from '../../../src/protocol/capture.js';
import type { Task } from '../task.js';

/** The interfaces to which ports are mirrored: that a capture is had from one is told of its node too. */
export class Mirrors {
  /** What was told last, by node. */
  private told = new Map<ElementId, CaptureActivity>();

  constructor(private readonly view: () => GraphView) {}

  /** How captures fare on the nodes of their mirrors, and the last word of those that are gone. Told again and again: the analyzer may hear of the node later. */
  activities(tasks: Iterable<Task>): readonly CaptureActivity[] {
    const mirrored = [...tasks].filter(({ mirror }) => mirror !== undefined);
    if (mirrored.length === 0 && this.told.size === 0) return [];
    const now = new Map<ElementId, CaptureActivity>();
    const view = this.view();
    try {
      for (const task of mirrored) {
        const node = interfaceIn(view, task.mirror!);
        if (node !== undefined) now.set(node, { ...task.activity(), node, mirrorOf: task.wanted.node });
      }
    } finally {
      view.release();
    }
    const gone = [...this.told].flatMap(([node, activity]) => (now.has(node) ? [] : [{ ...activity, state: 'STOPPED' as const }]));
    this.told = now;
    return [...now.values(), ...gone];
  }
}

/** The node of the link with this name; the port of the switch has the same one. */
function interfaceIn(view: GraphView, name: string): ElementId | undefined {
  for (const { id, metadata } of view.nodesBy('Name', name)) if (metadata.Type !== 'ovsport') return id;
  return undefined;
}
