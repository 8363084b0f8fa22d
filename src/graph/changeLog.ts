import { isElementChange, type Change } from './change.js';
import { jsonSize } from './jsonCompare.js';

/** What a change takes beside its metadata, in bytes: the change itself and the revision, roughly. */
const BYTES_PER_CHANGE = 500;

/** Memory that a change keeps from being freed, roughly, in bytes. */
export function changeBytes(change: Change): number {
  if (!isElementChange(change)) return BYTES_PER_CHANGE;
  const { element, rows } = change;
  // Rows are strings and objects of the change alone; a table of a revision shares nearly everything with the one before.
  return BYTES_PER_CHANGE + jsonSize(element.base) + (rows === undefined ? 0 : jsonSize(rows));
}

/** The newest changes in order, in memory, up to a number of bytes: what live streams are fed from and short absences catch up from. */
export class ChangeLog {
  private changes: (Change | undefined)[] = [];
  /** Changes that are dropped leave holes at the front, which are cut off together. */
  private start = 0;
  private firstSeq: number;
  private bytes = 0;

  /** `lastSeq` is the number of the last change before the log began. */
  constructor(
    lastSeq: number,
    private readonly maxBytes: number,
  ) {
    this.firstSeq = lastSeq + 1;
  }

  get lastSeq(): number {
    return this.firstSeq + this.changes.length - this.start - 1;
  }

  get sizeBytes(): number {
    return this.bytes;
  }

  /** Adds changes, whose numbers follow the last one's, and drops the oldest beyond the bound, but none after `durableSeq`: those are nowhere else. */
  push(changes: readonly Change[], durableSeq: number): void {
    for (const change of changes) {
      this.changes.push(change);
      this.bytes += changeBytes(change);
    }
    while (this.bytes > this.maxBytes && this.start < this.changes.length && this.firstSeq <= durableSeq) this.dropOldest();
    if (this.start > 1_024 && this.start * 2 > this.changes.length) {
      this.changes = this.changes.slice(this.start);
      this.start = 0;
    }
  }

  private dropOldest(): void {
    this.bytes -= changeBytes(this.changes[this.start] as Change);
    this.changes[this.start++] = undefined;
    this.firstSeq++;
  }

  /** Changes after the number, in order; `undefined` when some of them are dropped. */
  after(seq: number): readonly Change[] | undefined {
    if (seq + 1 < this.firstSeq) return undefined;
    return this.changes.slice(this.start + seq + 1 - this.firstSeq) as Change[];
  }
}
