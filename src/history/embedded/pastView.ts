import type { EdgeRevision, ElementId, NodeRevision } from '../../graph/element.js';
import { hasIndexedValue, indexedValue, indexTexts } from '../../graph/indexes.js';
import type { Position } from '../../graph/position.js';
import type { GraphView, IndexedKey } from '../../graph/view.js';
import type { Journal } from '../../journal/journal.js';
import type { Pause } from '../../journal/pause.js';
import type { VersionMap } from '../../journal/versions.js';
import { Adjacency } from './adjacency.js';
import type { RevisionCache } from './revisionCache.js';

/** So many edges are put in order within two milliseconds. */
const EDGES_IN_ONE_GO = 8_192;

/**
 * The graph as it was: which revision each element had, and nothing else. Elements are decoded when they are read, adjacency and each index are made when
 * they are first asked for. It never changes, so that any number of readers share one; there is nothing to release.
 */
export class PastView implements GraphView {
  readonly isLive = false;
  readonly nodeCount: number;
  readonly edgeCount: number;
  #adjacency: Adjacency | undefined;
  readonly #indexes = new Map<IndexedKey, ReadonlyMap<string, readonly number[]>>();

  constructor(
    readonly position: Position,
    readonly at: number,
    /** For making views nearby; not to be changed. */
    readonly versions: VersionMap,
    private readonly journal: Journal,
    private readonly revisions: RevisionCache,
  ) {
    const counts = [0, 0];
    const raw = versions.raw();
    for (let ordinal = 1; ordinal < raw.length; ordinal++) if (raw[ordinal]! > 0) counts[ordinal & 1]!++;
    this.nodeCount = counts[0]!;
    this.edgeCount = counts[1]!;
  }

  node(id: ElementId): NodeRevision | undefined {
    const ordinal = this.journal.ordinalOf('node', id);
    return ordinal === undefined ? undefined : (this.#revision(ordinal) as NodeRevision | undefined);
  }

  edge(id: ElementId): EdgeRevision | undefined {
    const ordinal = this.journal.ordinalOf('edge', id);
    return ordinal === undefined ? undefined : (this.#revision(ordinal) as EdgeRevision | undefined);
  }

  *nodes(): Iterable<NodeRevision> {
    const { length } = this.versions;
    for (let ordinal = 2; ordinal < length; ordinal += 2) {
      const node = this.#scanned(ordinal);
      if (node !== undefined) yield node as NodeRevision;
    }
  }

  *edges(): Iterable<EdgeRevision> {
    const { length } = this.versions;
    for (let ordinal = 1; ordinal < length; ordinal += 2) {
      const edge = this.#scanned(ordinal);
      if (edge !== undefined) yield edge as EdgeRevision;
    }
  }

  outEdges(id: ElementId): Iterable<EdgeRevision> {
    return this.#edgesAt(id, (adjacency, node) => adjacency.out(node));
  }

  inEdges(id: ElementId): Iterable<EdgeRevision> {
    return this.#edgesAt(id, (adjacency, node) => adjacency.in(node));
  }

  nodesBy(key: IndexedKey, value: string): Iterable<NodeRevision> {
    const [text] = indexTexts(key, value);
    const nodes: NodeRevision[] = [];
    for (const ordinal of this.#index(key).get(text ?? value) ?? []) {
      const node = this.#revision(ordinal) as NodeRevision;
      if (hasIndexedValue(key, indexedValue(node, key), value)) nodes.push(node);
    }
    return nodes;
  }

  /** Measurements of the past are samples; a view of the past knows none. */
  measurements(): undefined {
    return undefined;
  }

  release(): void {
    // Shared: the cache lets go of it.
  }

  /** Makes ready what the first look at a node's edges would make in one go, when that would hold others up. */
  async prepare(pause: Pause): Promise<void> {
    if (this.edgeCount <= EDGES_IN_ONE_GO || this.#adjacency !== undefined) return;
    const steps = Adjacency.steps(this.versions, this.journal.ordinals);
    for (let step = steps.next(); ; step = steps.next()) {
      if (step.done) {
        this.#adjacency = step.value;
        return;
      }
      if (pause.isDueNow()) await pause.now();
    }
  }

  /** Memory that it takes, with its adjacency once that is made. */
  get bytes(): number {
    return this.versions.length * 8 * 3;
  }

  #revision(ordinal: number): NodeRevision | EdgeRevision | undefined {
    const version = this.versions.get(ordinal);
    return version > 0 ? this.revisions.get(ordinal, version) : undefined;
  }

  #scanned(ordinal: number): NodeRevision | EdgeRevision | undefined {
    const version = this.versions.get(ordinal);
    return version > 0 ? this.revisions.scan(ordinal, version, this.nodeCount + this.edgeCount) : undefined;
  }

  #edgesAt(id: ElementId, pick: (adjacency: Adjacency, node: number) => Uint32Array): EdgeRevision[] {
    const node = this.journal.ordinalOf('node', id);
    if (node === undefined || this.versions.get(node) <= 0) return [];
    this.#adjacency ??= Adjacency.of(this.versions, this.journal.ordinals);
    return Array.from(pick(this.#adjacency, node), (edge) => this.#revision(edge) as EdgeRevision);
  }

  #index(key: IndexedKey): ReadonlyMap<string, readonly number[]> {
    const made = this.#indexes.get(key);
    if (made !== undefined) return made;
    const index = new Map<string, number[]>();
    const { length } = this.versions;
    for (let ordinal = 2; ordinal < length; ordinal += 2) {
      const node = this.#scanned(ordinal) as NodeRevision | undefined;
      if (node === undefined) continue;
      for (const text of indexTexts(key, indexedValue(node, key))) {
        const filed = index.get(text);
        if (filed === undefined) index.set(text, [ordinal]);
        else filed.push(ordinal);
      }
    }
    this.#indexes.set(key, index);
    return index;
  }
}
