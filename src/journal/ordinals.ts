import { createHash } from 'node:crypto';
import type { ElementId, ElementKind } from '../graph/element.js';
import { damaged, LONGEST_TEXT_IN_KEY, seal, u32Key, unseal } from './layout.js';
import type { OrderedStore, WriteOp } from './orderedStore.js';

/** Ordinals of an edge's ends. */
export interface Ends {
  readonly parent: number;
  readonly child: number;
}

/** Whether the ordinal is an edge's: the lowest bit says it, so counting kinds reads nothing. */
export const isEdgeOrdinal = (ordinal: number): boolean => (ordinal & 1) === 1;

/** Of an end that was not read yet. */
const UNKNOWN = 0;

/**
 * A small number for each element at first sight, so that headers and anchors have a fixed size. Nodes have even ones from 2, edges odd
 * ones from 1; 0 stands for coverage. What is not in memory is read from the tables `ids` and `ordinals`.
 */
export class Ordinals {
  readonly #store: OrderedStore;
  readonly #byId: Record<ElementKind, Map<ElementId, number>> = { node: new Map(), edge: new Map() };
  /** Elements whose numbers are being given up. */
  readonly #retiring: Record<ElementKind, Set<ElementId>> = { node: new Set(), edge: new Set() };
  readonly #ids: (ElementId | undefined)[] = [];
  #parents = new Uint32Array(1024);
  #children = new Uint32Array(1024);
  #nextNode: number;
  #nextEdge: number;
  #unwritten: number[] = [];

  constructor(store: OrderedStore) {
    this.#store = store;
    // Both counters start above the greatest of either kind: a few numbers are skipped with each start.
    const [last] = store.range('ordinals', { from: u32Key(0), to: u32Key(0xffff_ffff), reverse: true, limit: 1 });
    const greatest = last === undefined ? 0 : last.key.readUInt32BE(0);
    this.#nextNode = greatest + 2 - (greatest & 1);
    this.#nextEdge = greatest + 1 + (greatest & 1);
  }

  /** The element's ordinal; `undefined` for one never seen. */
  find(kind: ElementKind, id: ElementId): number | undefined {
    const known = this.#byId[kind].get(id);
    if (known !== undefined) return known;
    if (this.#retiring[kind].has(id)) return undefined;
    const stored = this.#store.get('ids', idKey(kind, id));
    if (stored === undefined) return undefined;
    // Not remembered: who asks about elements that went must not fill the memory with them.
    return unseal(stored, () => `the number of element ${id}`).readUInt32LE(0);
  }

  /** The element's ordinal, a new one at first sight. `ends` are needed for an edge. */
  take(kind: ElementKind, id: ElementId, ends?: readonly [parent: ElementId, child: ElementId]): number {
    const found = this.find(kind, id);
    if (found !== undefined) {
      this.#remember(kind, id, found);
      return found;
    }
    let ordinal: number;
    if (kind === 'node') {
      ordinal = this.#nextNode;
      this.#nextNode += 2;
    } else {
      ordinal = this.#nextEdge;
      this.#nextEdge += 2;
    }
    this.#remember(kind, id, ordinal);
    if (ends !== undefined) this.#setEnds(ordinal, this.take('node', ends[0]), this.take('node', ends[1]));
    this.#unwritten.push(ordinal);
    return ordinal;
  }

  /** Gives the element a number that it had before: a journal is being made anew. */
  adopt(ordinal: number, id: ElementId): void {
    if (this.#ids[ordinal] !== undefined) return;
    this.#remember(isEdgeOrdinal(ordinal) ? 'edge' : 'node', id, ordinal);
    this.#nextNode = Math.max(this.#nextNode, ordinal + 2 - (ordinal & 1));
    this.#nextEdge = Math.max(this.#nextEdge, ordinal + 1 + (ordinal & 1));
    if (!isEdgeOrdinal(ordinal)) this.#unwritten.push(ordinal);
  }

  /** The ends of an edge that was adopted; call it when all nodes are. */
  adoptEnds(edge: number, [parent, child]: readonly [parent: ElementId, child: ElementId]): void {
    if ((this.#parents[edge] ?? UNKNOWN) !== UNKNOWN) return;
    this.#setEnds(edge, this.take('node', parent), this.take('node', child));
    this.#unwritten.push(edge);
  }

  idOf(ordinal: number): ElementId {
    return this.#ids[ordinal] ?? this.#load(ordinal).id;
  }

  parentOf(edge: number): number {
    const parent = this.#parents[edge] ?? UNKNOWN;
    return parent === UNKNOWN ? this.#load(edge).ends.parent : parent;
  }

  childOf(edge: number): number {
    const child = this.#children[edge] ?? UNKNOWN;
    return child === UNKNOWN ? this.#load(edge).ends.child : child;
  }

  /** Tells about an element that was read anyway, so that nothing has to be looked up for it. */
  learn(kind: ElementKind, id: ElementId, ordinal: number): void {
    this.#remember(kind, id, ordinal);
  }

  /** The same about the ends of an edge; ends that are not known stay to be looked up. */
  learnEnds(edge: number, parentId: ElementId, childId: ElementId): void {
    const parent = this.#byId.node.get(parentId);
    const child = this.#byId.node.get(childId);
    if (parent !== undefined && child !== undefined) this.#setEnds(edge, parent, child);
  }

  /** Lets go of the id of an element that went; it is read again when somebody asks. */
  forget(kind: ElementKind, ordinal: number): void {
    const id = this.#ids[ordinal];
    if (id === undefined) return;
    this.#byId[kind].delete(id);
    this.#ids[ordinal] = undefined;
  }

  /** Gives up the number of an element of which nothing is left: if it comes back, it gets another. Call `retired` when the writes are durable. */
  retire(kind: ElementKind, ordinal: number, ops: WriteOp[]): void {
    const id = this.idOf(ordinal);
    this.#retiring[kind].add(id);
    this.forget(kind, ordinal);
    ops.push({ table: 'ids', key: idKey(kind, id), value: undefined });
    ops.push({ table: 'ordinals', key: u32Key(ordinal), value: undefined });
  }

  /** The disk has forgotten the element too. */
  retired(kind: ElementKind, id: ElementId): void {
    this.#retiring[kind].delete(id);
  }

  /** Writes for all ordinals given out since the last call. */
  takeWrites(ops: WriteOp[]): void {
    for (const ordinal of this.#unwritten) {
      const id = this.#ids[ordinal]!;
      const number = Buffer.allocUnsafe(4);
      number.writeUInt32LE(ordinal, 0);
      const text = Buffer.from(id, 'utf8');
      const record = Buffer.allocUnsafe(8 + text.length);
      record.writeUInt32LE(this.#parents[ordinal] ?? UNKNOWN, 0);
      record.writeUInt32LE(this.#children[ordinal] ?? UNKNOWN, 4);
      text.copy(record, 8);
      ops.push({ table: 'ids', key: idKey(isEdgeOrdinal(ordinal) ? 'edge' : 'node', id), value: seal(number) });
      ops.push({ table: 'ordinals', key: u32Key(ordinal), value: seal(record) });
    }
    this.#unwritten = [];
  }

  #load(ordinal: number): { id: ElementId; ends: Ends } {
    const stored = this.#store.get('ordinals', u32Key(ordinal));
    if (stored === undefined) throw damaged(`element number ${ordinal} is missing`);
    const record = unseal(stored, () => `element number ${ordinal}`);
    const id = record.toString('utf8', 8);
    const ends = { parent: record.readUInt32LE(0), child: record.readUInt32LE(4) };
    if (isEdgeOrdinal(ordinal)) this.#setEnds(ordinal, ends.parent, ends.child);
    return { id, ends };
  }

  #remember(kind: ElementKind, id: ElementId, ordinal: number): void {
    this.#byId[kind].set(id, ordinal);
    this.#ids[ordinal] = id;
  }

  #setEnds(edge: number, parent: number, child: number): void {
    if (edge >= this.#parents.length) {
      this.#parents = larger(this.#parents, edge);
      this.#children = larger(this.#children, edge);
    }
    this.#parents[edge] = parent;
    this.#children[edge] = child;
  }
}

function larger(array: Uint32Array, index: number): Uint32Array<ArrayBuffer> {
  const grown = new Uint32Array(Math.max(index + 1, array.length * 2));
  grown.set(array);
  return grown;
}

function idKey(kind: ElementKind, id: ElementId): Buffer {
  const prefix = kind === 'node' ? 'n' : 'e';
  const text = Buffer.from(prefix + id, 'utf8');
  if (text.length <= LONGEST_TEXT_IN_KEY) return text;
  return Buffer.from(`${prefix}#${createHash('sha256').update(id).digest('hex')}`, 'utf8');
}
