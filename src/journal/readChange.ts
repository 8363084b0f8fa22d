import type { ChangeOp, ChangeReason, ElementChange, RowChanges } from '../graph/change.js';
import type { Revision } from '../graph/element.js';
import type { StoredChange } from './body.js';
import { changeOp } from './changeOp.js';

/** Where a change finds what is not stored with it. */
export interface ChangeSource {
  revision(seq: number): Revision;
  rowsOf(ordinal: number, seq: number, rowKeys: StoredChange['rowKeys']): RowChanges | undefined;
}

/** A change that was read from disk. What it replaced and its rows are read when they are looked at. A class: histories make many thousands of them. */
export class ReadChange implements ElementChange {
  readonly seq: number;
  readonly at: number;
  readonly observedAt: number;
  readonly op: ChangeOp;
  readonly element: Revision;
  readonly reason: ChangeReason | undefined;
  private readonly source: ChangeSource;
  private readonly ordinal: number;
  private readonly rowKeys: StoredChange['rowKeys'];
  /** Seq of the revision before, then that revision. */
  private replaced: number | Revision;

  constructor(stored: StoredChange, element: Revision, source: ChangeSource) {
    this.seq = stored.seq;
    this.at = stored.at;
    this.observedAt = stored.observedAt;
    this.op = changeOp(stored.op);
    this.element = element;
    this.reason = stored.reason;
    this.source = source;
    this.ordinal = stored.ordinal;
    this.rowKeys = stored.rowKeys;
    this.replaced = stored.previous;
  }

  get before(): Revision | undefined {
    if (this.replaced === 0) return undefined;
    if (typeof this.replaced === 'number') this.replaced = this.source.revision(this.replaced);
    return this.replaced;
  }

  get rows(): RowChanges | undefined {
    return this.source.rowsOf(this.ordinal, this.seq, this.rowKeys);
  }
}
