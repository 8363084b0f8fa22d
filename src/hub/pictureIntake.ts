import type { JsonObject } from '../common/json.js';
import type { PatchRows, PutEdge, PutNode } from '../graph/delta.js';
import type { PictureBegin, PictureElement, PictureEnd, PicturePage } from '../protocol/picture.js';
import { Violation } from '../protocol/violation.js';

/** A whole picture of one origin while its pages come in. */
export class PictureIntake {
  readonly begin: PictureBegin;
  private readonly elements = new Map<string, PutNode | PutEdge>();
  private pages = 0;
  private received = 0;
  private receivedBytes = 0;

  constructor(begin: PictureBegin) {
    this.begin = begin;
  }

  /** Elements taken so far. */
  get size(): number {
    return this.elements.size;
  }

  /** Size of its pages on the wire. */
  get bytes(): number {
    return this.receivedBytes;
  }

  /** Counts a page with all of its elements; throws a Violation when it is not the next one. */
  countPage(page: PicturePage, bytes: number): void {
    if (page.page !== this.pages) throw new Violation('page', `expected page ${this.pages}, got ${page.page}`);
    this.pages += 1;
    this.received += page.elements.length;
    this.receivedBytes += bytes;
  }

  /** Keeps elements of a page, as far as the quota let them in. */
  take(elements: readonly PictureElement[]): void {
    for (const element of elements) {
      if (element.op === 'rows') this.addRows(element);
      else this.elements.set(element.id, element);
    }
  }

  /** More rows for a node before; for one that was refused, they are refused with it. */
  private addRows(rows: PatchRows): void {
    const node = this.elements.get(rows.id);
    if (node?.op !== 'putNode') return;
    const table: Record<string, JsonObject> = { ...node.tables?.[rows.table] };
    for (const [key, row] of rows.put ?? []) table[key] = row;
    this.elements.set(rows.id, { ...node, tables: { ...node.tables, [rows.table]: table } });
  }

  /** The whole picture; throws a Violation when a part is missing. */
  finish(end: PictureEnd): (PutNode | PutEdge)[] {
    if (end.pages !== this.pages) throw new Violation('pages', `the picture had ${end.pages} pages, ${this.pages} came`);
    if (end.elements !== this.received) throw new Violation('elements', `the picture had ${end.elements} elements, ${this.received} came`);
    return [...this.elements.values()];
  }
}
