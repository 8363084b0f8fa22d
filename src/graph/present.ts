import type { JsonObject } from '../common/json.js';
import { visibleIn, visibleOut } from './chains.js';
import type { EdgeRevision, ElementId, NodeRevision } from './element.js';
import { ghostEntry, type EdgeEntry, type Entry, type NodeEntry } from './entry.js';
import { NodeIndexes } from './indexes.js';
import { Origins } from './origins.js';
import { OverlayView, type GraphReader } from './overlayView.js';
import type { Position } from './position.js';
import { Replacements } from './replacements.js';
import type { GraphView, IndexedKey } from './view.js';

/** What open views of one position share: the elements that have changed since. */
interface Snapshot {
  readonly seq: number;
  readonly replaced: Replacements;
  views: number;
}

/** More kinds of edge metadata than this, and longer ones, are not shared: somebody makes them up. */
const MAX_SHARED_BASES = 1_000;
const MAX_SHARED_NAME = 100;

/** The graph as it is now: entries, indexes and the snapshots of open views. Readers see only what is visible. */
export class Present implements GraphReader {
  readonly nodeEntries = new Map<ElementId, NodeEntry>();
  readonly edgeEntries = new Map<ElementId, EdgeEntry>();
  readonly indexes = new NodeIndexes();
  readonly origins = new Origins();
  nodeCount = 0;
  edgeCount = 0;
  /** Steady views that somebody still holds, oldest first. */
  private readonly snapshots: Snapshot[] = [];
  private readonly sharedBases = new Map<string, JsonObject>();
  private latestHost = '';

  get openViews(): number {
    return this.snapshots.reduce((total, snapshot) => total + snapshot.views, 0);
  }

  node(id: ElementId): NodeRevision | undefined {
    return this.nodeEntries.get(id)?.revision;
  }

  edge(id: ElementId): EdgeRevision | undefined {
    const entry = this.edgeEntries.get(id);
    return entry?.isVisible ? entry.revision : undefined;
  }

  nodes(): NodeRevision[] {
    const nodes: NodeRevision[] = [];
    for (const entry of this.nodeEntries.values()) if (entry.revision) nodes.push(entry.revision);
    return nodes;
  }

  edges(): EdgeRevision[] {
    const edges: EdgeRevision[] = [];
    for (const entry of this.edgeEntries.values()) if (entry.isVisible) edges.push(entry.revision);
    return edges;
  }

  outEdges(id: ElementId): EdgeRevision[] {
    return visibleOut(this.nodeEntries.get(id));
  }

  inEdges(id: ElementId): EdgeRevision[] {
    return visibleIn(this.nodeEntries.get(id));
  }

  nodesBy(key: IndexedKey, value: string): NodeRevision[] {
    if (key !== 'origin') return this.indexes.find(key, value);
    const nodes: NodeRevision[] = [];
    for (const entry of this.origins.find(value)?.nodes ?? []) if (entry.revision) nodes.push(entry.revision);
    return nodes;
  }

  measurements(id: ElementId): JsonObject | undefined {
    return this.entry(id)?.measurements?.toObject();
  }

  /** The entry of an element, also of a suspended edge; a ghost is no element. */
  entry(id: ElementId): Entry | undefined {
    const node = this.nodeEntries.get(id);
    return node?.revision ? node : this.edgeEntries.get(id);
  }

  /** The entry of a node, made as a ghost when the id is not known. */
  nodeEntry(id: ElementId): NodeEntry {
    let entry = this.nodeEntries.get(id);
    if (entry === undefined) {
      entry = ghostEntry(id);
      this.nodeEntries.set(id, entry);
    }
    return entry;
  }

  /** Forgets a node that nobody has put and no edge names. */
  dropGhost(entry: NodeEntry): void {
    if (entry.revision === undefined && entry.firstOut === undefined && entry.firstIn === undefined) this.nodeEntries.delete(entry.id);
  }

  /** Makes the entry of a removed node a ghost, and forgets it unless edges of others wait for its return. */
  forgetNode(entry: NodeEntry): void {
    entry.revision = undefined;
    entry.account = undefined;
    entry.measurements = undefined;
    entry.spentUntil = 0;
    entry.spentPaths = undefined;
    entry.bytes = 0;
    this.dropGhost(entry);
  }

  /** One text for a host's name, however often it arrives. */
  sharedHost(host: string): string {
    if (host !== this.latestHost) this.latestHost = host;
    return this.latestHost;
  }

  /** One object for equal metadata of edges that say little, such as their relation type only: there are many of them, and few of their kinds. */
  sharedBase(base: JsonObject): JsonObject {
    let name = '';
    for (const key in base) {
      const value = base[key];
      if (typeof value !== 'string' || name.length > MAX_SHARED_NAME) return base;
      name += `${key}\0${value}\0`;
    }
    const shared = this.sharedBases.get(name);
    if (shared) return shared;
    if (this.sharedBases.size < MAX_SHARED_BASES) this.sharedBases.set(name, base);
    return base;
  }

  /** Must be called before a node's revision is exchanged: open views keep the old one. */
  rememberNode(entry: NodeEntry): void {
    for (const snapshot of this.snapshots) snapshot.replaced.addNode(entry.id, entry.revision);
  }

  /** Must be called before an edge's revision or visibility is exchanged. */
  rememberEdge(entry: EdgeEntry): void {
    for (const snapshot of this.snapshots) snapshot.replaced.addEdge(entry.id, entry.isVisible ? entry.revision : undefined);
  }

  /** A view that stays as the graph is now. Views of one position share what they remember. */
  view(position: Position, at: number): GraphView {
    let snapshot = this.snapshots.at(-1);
    if (snapshot?.seq !== position.seq) {
      snapshot = { seq: position.seq, replaced: new Replacements(), views: 0 };
      this.snapshots.push(snapshot);
    }
    snapshot.views++;
    const { nodeCount, edgeCount } = this;
    const held = snapshot;
    return new OverlayView(this, snapshot.replaced, { position, at, isLive: true, nodeCount, edgeCount }, () => this.release(held));
  }

  private release(snapshot: Snapshot): void {
    if (--snapshot.views === 0) this.snapshots.splice(this.snapshots.indexOf(snapshot), 1);
  }
}
