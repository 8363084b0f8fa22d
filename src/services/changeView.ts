import type { ChangeReason, ElementChange } from '../graph/change.js';
import { revisionDifference, type PathChange } from '../graph/difference.js';
import type { Revision } from '../graph/element.js';
import type { Position } from '../graph/position.js';
import { viewOf, type AnyElementView } from './edgeView.js';
import type { LiveChange } from './live/events.js';

/** One change as it is shown. Its element has its own fields only. */
export class ChangeView {
  constructor(private readonly change: Omit<LiveChange, 'rows'>) {}

  get op(): LiveChange['op'] {
    return this.change.op;
  }
  get at(): number {
    return this.change.at;
  }
  get observedAt(): number {
    return this.change.observedAt;
  }
  get cursor(): Position {
    return this.change.position;
  }
  get element(): AnyElementView {
    return viewOf(this.change.element, undefined);
  }
  get reason(): LiveChange['reason'] {
    return this.change.reason;
  }
  /** What an update changed; empty for what appears or goes, where the element itself says all. */
  get paths(): readonly PathChange[] {
    return this.change.op === 'UPDATED' ? pathChanges(this.change.before, this.change.element) : [];
  }
}

export const pathChanges = (before: Revision | undefined, after: Revision | undefined): readonly PathChange[] =>
  revisionDifference(before, after);

const OPS = { added: 'ADDED', updated: 'UPDATED', removed: 'REMOVED' } as const;

/** A stored change with its place in the log; `undefined` for book-keeping that is never shown. */
export function shownChange(
  change: ElementChange,
  epoch: number,
  reason: ChangeReason | undefined = change.reason,
): ChangeView | undefined {
  if (change.op === 'suspended') return undefined;
  const { seq, at, observedAt, element } = change;
  return new ChangeView({
    op: OPS[change.op],
    at,
    observedAt,
    position: { epoch, seq },
    element,
    // Of a change from the journal it is read when it is looked at.
    get before() {
      return change.before;
    },
    reason,
  });
}
