import { isElementChange, type Change } from '../../src/graph/change.js';
import type { ElementId, Revision } from '../../src/graph/element.js';

/** The graph at an instant by the words of TIME.md: the replay, in order, of all changes with `at` up to it. */
export function replay(changes: readonly Change[], at = Infinity): Map<ElementId, Revision> {
  const elements = new Map<ElementId, Revision>();
  for (const change of changes) {
    if (change.at > at || !isElementChange(change)) continue;
    if (change.op === 'added' || change.op === 'updated') elements.set(change.element.id, change.element);
    else if (change.op === 'removed') elements.delete(change.element.id);
  }
  return elements;
}
