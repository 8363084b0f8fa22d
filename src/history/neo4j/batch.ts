import { allRows } from '../../graph/tables.js';
import { isElementChange, type Change, type ElementChange, type RowChanges } from '../../graph/change.js';
import type { ElementId, ElementKind, Revision } from '../../graph/element.js';
import { FOREVER, OPEN, slotKey, slotOf } from './model.js';
import { isWellFormed, revisionProperties, type Properties } from './properties.js';
import { revisionJson } from './revisionJson.js';
import { ownerKey } from './rows.js';

/** A state that is in the database and ends. */
export interface Closing {
  readonly id: ElementId;
  readonly slot: string;
  readonly to: number;
  readonly endSeq: number;
  /** Only for a removal: the revision as it left it. */
  readonly gone: string | undefined;
}

/** The same for an edge, with what it is found by from now on. */
export interface EdgeClosing extends Closing {
  readonly slotKey: string;
  readonly dstSlotKey: string;
}

export interface NewEdge {
  readonly parent: ElementId;
  readonly child: ElementId;
  readonly properties: Properties;
}

/** When rows of a table end; when they began is in the database. */
export interface RowEnd {
  readonly to: number;
  readonly endSeq: number;
}

/** Everything that some changes in a row do to the database. */
export interface Batch {
  /** Nodes that came: their elements may be new. */
  readonly elements: readonly ElementId[];
  readonly closings: readonly Closing[];
  readonly currents: readonly Properties[];
  readonly pasts: readonly Properties[];
  readonly edgeClosings: readonly EdgeClosing[];
  readonly edges: readonly NewEdge[];
  /** Rows that end, by `openKey`, and owners all of whose rows end. */
  readonly rowEnds: ReadonlyMap<string, RowEnd>;
  readonly ownerEnds: ReadonlyMap<string, RowEnd>;
  readonly rows: readonly Properties[];
}

/** A change that could not be read from the journal: the element is not known from then on. */
export interface LostChange {
  readonly lost: true;
  readonly seq: number;
  readonly at: number;
  readonly kind: ElementKind;
  readonly id: ElementId;
  /** When the state that ends began. */
  readonly from: number;
  readonly ends: readonly [parent: ElementId, child: ElementId] | undefined;
}

/** Collects changes in order. What comes and goes within the batch is written as it ended, so the database is asked for nothing that the batch itself wrote. */
export class BatchBuilder {
  readonly #elements = new Set<ElementId>();
  readonly #open = { node: new Map<ElementId, Properties>(), edge: new Map<ElementId, NewEdge>() };
  readonly #pasts: Properties[] = [];
  readonly #edges: NewEdge[] = [];
  readonly #closings: Closing[] = [];
  readonly #edgeClosings: EdgeClosing[] = [];
  /** By owner, then by `openKey`. */
  readonly #openRows = new Map<string, Map<string, Properties>>();
  readonly #pastRows: Properties[] = [];
  readonly #rowEnds = new Map<string, RowEnd>();
  readonly #ownerEnds = new Map<string, RowEnd>();
  bytes = 0;

  /** Throws for an element whose id cannot be written. */
  take(change: Change | LostChange): void {
    if ('lost' in change) {
      const { kind, id, from, at, seq, ends } = change;
      this.#end(kind, id, from, { to: at, endSeq: seq }, ends, undefined);
      this.#endRows(ownerKey(kind, id), { to: at, endSeq: seq });
    } else if (isElementChange(change) && change.op !== 'suspended') this.#takeElement(change);
  }

  /** An element that is there when the journal begins: a state whose beginning may be older than the journal. */
  takeStanding(element: Revision): void {
    this.#begin(element, element.updatedAt);
    this.#beginRows(ownerKey(element.kind, element.id), allRows(element.tables), element.updatedAt, element.seq);
  }

  batch(): Batch {
    return {
      elements: [...this.#elements],
      closings: this.#closings,
      currents: [...this.#open.node.values()],
      pasts: this.#pasts,
      edgeClosings: this.#edgeClosings,
      edges: [...this.#edges, ...this.#open.edge.values()],
      rowEnds: this.#rowEnds,
      ownerEnds: this.#ownerEnds,
      rows: [...this.#pastRows, ...[...this.#openRows.values()].flatMap((rows) => [...rows.values()])],
    };
  }

  #takeElement(change: ElementChange): void {
    const { element, op, at, seq } = change;
    const { kind, id } = element;
    const end = { to: at, endSeq: seq };
    const ends = element.kind === 'edge' ? ([element.parent, element.child] as const) : undefined;
    const owner = ownerKey(kind, id);
    if (op === 'removed') {
      // A removal leaves `updatedAt` as it was: when the state began that ends here.
      this.#end(kind, id, element.updatedAt, end, ends, revisionJson(element));
      this.#endRows(owner, end);
      return;
    }
    if (op === 'updated') this.#end(kind, id, change.before!.updatedAt, end, ends, undefined);
    this.#begin(element, at);
    this.#beginRows(owner, op === 'added' ? allRows(element.tables) : change.rows, at, seq);
  }

  #begin(element: Revision, from: number): void {
    const { id } = element;
    const names =
      element.kind === 'node' ? [id, element.host, element.origin] : [id, element.host, element.origin, element.parent, element.child];
    if (!names.every(isWellFormed)) throw new Error(`the ${element.kind} ${JSON.stringify(id)} has a name that is no well-formed text`);
    const properties = revisionProperties(element);
    properties.from = from;
    properties.to = FOREVER;
    properties.slot = OPEN;
    this.bytes += (properties.json as string).length;
    if (element.kind === 'node') {
      this.#elements.add(id);
      this.#open.node.set(id, properties);
      return;
    }
    properties.slotKey = slotKey(element.parent, OPEN);
    properties.dstSlotKey = slotKey(element.child, OPEN);
    this.#open.edge.set(id, { parent: element.parent, child: element.child, properties });
  }

  #end(
    kind: ElementKind,
    id: ElementId,
    from: number,
    { to, endSeq }: RowEnd,
    ends: readonly [ElementId, ElementId] | undefined,
    gone: string | undefined,
  ): void {
    const slot = slotOf(from, to);
    const keys = ends && { slotKey: slotKey(ends[0], slot), dstSlotKey: slotKey(ends[1], slot) };
    const written = kind === 'node' ? this.#open.node.get(id) : this.#open.edge.get(id)?.properties;
    if (written === undefined) {
      if (keys === undefined) this.#closings.push({ id, slot, to, endSeq, gone });
      else this.#edgeClosings.push({ id, slot, to, endSeq, gone, ...keys });
      return;
    }
    Object.assign(written, { slot, to, endSeq }, gone === undefined ? {} : { gone }, keys);
    if (kind === 'node') {
      this.#pasts.push(written);
      this.#open.node.delete(id);
    } else {
      this.#edges.push(this.#open.edge.get(id)!);
      this.#open.edge.delete(id);
    }
  }

  #beginRows(owner: string, changes: RowChanges | undefined, from: number, seq: number): void {
    for (const [table, rows] of Object.entries(changes ?? {})) {
      for (const [key, row] of Object.entries(rows)) {
        const openKey = JSON.stringify([owner, table, key]);
        this.#endRow(owner, openKey, { to: from, endSeq: seq });
        if (row === null) continue;
        if (!isWellFormed(table) || !isWellFormed(key)) throw new Error(`a row of the table ${openKey} has no well-formed key`);
        const json = JSON.stringify(row);
        this.bytes += json.length;
        const open = this.#openRows.get(owner) ?? new Map<string, Properties>();
        this.#openRows.set(owner, open);
        open.set(openKey, { owner, table, key, json, seq, from, to: FOREVER, slot: OPEN, openKey });
      }
    }
  }

  #endRow(owner: string, openKey: string, end: RowEnd): void {
    const open = this.#openRows.get(owner);
    const written = open?.get(openKey);
    if (written !== undefined) {
      open!.delete(openKey);
      this.#pastRows.push(closedRow(written, end));
    } else if (!this.#rowEnds.has(openKey) && !this.#ownerEnds.has(owner)) this.#rowEnds.set(openKey, end);
  }

  #endRows(owner: string, end: RowEnd): void {
    for (const written of this.#openRows.get(owner)?.values() ?? []) this.#pastRows.push(closedRow(written, end));
    this.#openRows.delete(owner);
    if (!this.#ownerEnds.has(owner)) this.#ownerEnds.set(owner, end);
  }
}

function closedRow(row: Properties, { to, endSeq }: RowEnd): Properties {
  const { openKey, ...kept } = row;
  return { ...kept, wasOpenKey: openKey!, to, endSeq, slot: slotOf(row.from as number, to) };
}
