import type { ElementChange, ChangeOp, ChangeReason, RowChanges } from './change.js';
import type { Departed } from './departed.js';
import type { EdgeRevision, NodeRevision, Revision } from './element.js';
import type { EdgeEntry, Entry } from './entry.js';
import type { Governor } from './governor.js';
import type { Layouts } from './measurements.js';
import type { Measured, Rejection } from './applied.js';
import type { OriginAccount } from './origins.js';
import type { Present } from './present.js';
import { nextEdge, nextNode, type Layers, type Stamp } from './revision.js';
import { allRows, rowChanges, type TouchedRows } from './tables.js';
import type { TimeAxis } from './timeAxis.js';

/** The parts of a live graph that a write touches. */
export interface GraphParts {
  readonly present: Present;
  readonly governor: Governor;
  readonly axis: TimeAxis;
  readonly departed: Departed;
  readonly layouts: Layouts;
}

/** One batch on its way into the graph: what it is about, and what has come of it so far. */
export class Writing {
  readonly present: Present;
  readonly governor: Governor;
  readonly departed: Departed;
  readonly layouts: Layouts;
  readonly changes: ElementChange[] = [];
  readonly rejected: Rejection[] = [];
  readonly measured: Measured[] = [];
  /** Accounts of other writers that lost an overlay: they may be empty now. */
  readonly discharged: OriginAccount[] = [];
  created = 0;
  updated = 0;
  unchanged = 0;
  removed = 0;
  held = 0;
  /** All changes of a batch have one `at`. */
  readonly at: number;
  /** The governor's clock. */
  readonly elapsed: number;
  private readonly axis: TimeAxis;
  private writer: OriginAccount | undefined;

  constructor(
    parts: GraphParts,
    /** The writer. */
    readonly origin: string,
    readonly isImmediate: boolean,
  ) {
    this.present = parts.present;
    this.governor = parts.governor;
    this.departed = parts.departed;
    this.layouts = parts.layouts;
    this.axis = parts.axis;
    this.at = parts.axis.nextAt();
    this.elapsed = parts.axis.elapsed();
  }

  get account(): OriginAccount {
    return (this.writer ??= this.present.origins.open(this.origin));
  }

  /** Closes accounts that the batch has emptied; not earlier, because one batch has one account. */
  finish(): void {
    if (this.writer) this.present.origins.closeEmpty(this.writer);
    for (const account of this.discharged) this.present.origins.closeEmpty(account);
  }

  /** The agent's stamp, or now; the future is not observed. */
  observed(observedAt: number | undefined): number {
    return observedAt === undefined ? this.at : Math.min(observedAt, this.at);
  }

  stamp(observedAt: number, appearedAt?: number): Stamp {
    return { seq: this.axis.take(this.at), at: this.at, observedAt, appearedAt };
  }

  reject(index: number, code: Rejection['code'], message: string): void {
    this.rejected.push({ index, code, message });
  }

  log(op: ChangeOp, element: Revision, before: Revision | undefined, reason: ChangeReason | undefined, rows: RowChanges | undefined): void {
    const observedAt = element.observedUpdatedAt;
    this.changes.push({ seq: element.seq, at: this.at, observedAt, op, element, before, reason, rows });
  }

  /** Makes the layers the next revision of the element. */
  publish(entry: Entry, layers: Layers, observedAt: number, touched: TouchedRows | undefined): void {
    if (entry.kind === 'edge') return this.publishEdge(entry, layers, observedAt, touched);
    const before = entry.revision as NodeRevision;
    const after = nextNode(before, this.stamp(observedAt), layers);
    this.present.rememberNode(entry);
    entry.revision = after;
    this.present.indexes.move(entry, before, after);
    this.log('updated', after, before, undefined, touched && rowChanges(touched));
  }

  private publishEdge(entry: EdgeEntry, layers: Layers, observedAt: number, touched: TouchedRows | undefined): void {
    const before = entry.revision;
    const after = nextEdge(before, this.stamp(observedAt), layers);
    this.present.rememberEdge(entry);
    entry.revision = after;
    if (entry.isVisible) this.log('updated', after, before, undefined, touched && rowChanges(touched));
    else this.log('suspended', after, undefined, undefined, allRows(after.tables));
  }

  /** Shows an edge whose ends are both there. */
  showEdge(entry: EdgeEntry, shown: EdgeRevision): void {
    this.present.rememberEdge(entry);
    entry.revision = shown;
    entry.isVisible = true;
    this.present.edgeCount++;
    this.log('added', shown, undefined, undefined, allRows(shown.tables));
  }
}
