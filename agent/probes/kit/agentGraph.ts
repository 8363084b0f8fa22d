import type { Cancel } from '../../../src/common/clock.js';
import { concatenatedId } from '../../../src/common/ids.js';
import type { Json, JsonObject } from '../../../src/common/json.js';
import type { Delta, PutNode } from '../../../src/graph/delta.js';
import type { ElementId } from '../../../src/graph/element.js';
import type { EdgeToWrite, GraphWriter, NodeToWrite } from './graphWriter.js';
import type { NodeListener } from './nodes.js';
import { topologicalId } from './topologicalId.js';

const OWNERSHIP = 'ownership';

interface NodeRecord {
  /** The last thing that its own probe said. */
  written: NodeToWrite;
  /** The probe whose node it is. */
  readonly probe: string;
  /** What other probes added, by probe. */
  readonly annotations: Map<string, { readonly metadata: JsonObject; readonly run: number }>;
  tid: string | undefined;
  readonly owned: Set<ElementId>;
  readonly edges: Set<ElementId>;
  run: number;
}

interface EdgeRecord {
  readonly parent: ElementId;
  readonly child: ElementId;
  readonly probe: string;
  run: number;
}

/** The pen of a probe, with what its keeper needs around a restart. */
export interface ProbeWriter extends GraphWriter {
  /** What is not written from here on is left over. */
  beginRun(): void;
  /** Removes what earlier runs wrote and this one did not. */
  removeLeftOver(): void;
}

/**
 * What all probes of the agent wrote, put together: one base for each node out of what its own probe and others said, the ownership edges,
 * and the topological ids, which follow from them. Hands on deltas in batches.
 */
export class AgentGraph {
  private readonly nodes = new Map<ElementId, NodeRecord>();
  private readonly edges = new Map<ElementId, EdgeRecord>();
  private readonly listeners = new Set<NodeListener>();
  private pending: Delta[] = [];
  private depth = 0;

  private readonly hostTid: string;

  constructor(
    private readonly hostId: string,
    private readonly commit: (deltas: readonly Delta[]) => void,
    /** Bytes that the analyzer has not worked in yet. */
    private readonly onTheWay: () => number = () => 0,
  ) {
    this.hostTid = topologicalId({ Type: 'host', Name: hostId }, {})!;
  }

  /** The pen of the probe with this name. */
  writer(probe: string): ProbeWriter {
    let run = 0;
    return {
      putNode: (node) => this.batch(() => this.putNode(probe, node, run)),
      annotate: (id, metadata) => this.batch(() => this.annotate(probe, id, metadata, run)),
      removeNode: (id) => this.batch(() => this.removeNode(id)),
      putEdge: (edge) => this.batch(() => this.putEdge(probe, edge, run)),
      removeEdge: (id) => this.batch(() => this.removeEdge(id)),
      changeRows: (id, table, put, remove) => this.batch(() => this.changeRows(id, table, put, remove)),
      measure: (id, values) => this.measure(id, values),
      onTheWay: () => this.onTheWay(),
      batch: (write) => this.batch(write),
      beginRun: () => void run++,
      removeLeftOver: () => this.batch(() => this.removeLeftOver(probe, run)),
    };
  }

  /** Tells the listener of all nodes that are there, and from then on of every one that is written or goes. */
  watch(listener: NodeListener): Cancel {
    for (const { written, probe } of this.nodes.values()) listener.put(written, probe);
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  private batch<Result>(write: () => Result): Result {
    this.depth++;
    try {
      return write();
    } finally {
      if (--this.depth === 0 && this.pending.length > 0) {
        const deltas = this.pending;
        this.pending = [];
        this.commit(deltas);
      }
    }
  }

  /** Tables go on with the node and are not kept here. */
  private putNode(probe: string, { tables, ...node }: NodeToWrite, run: number): void {
    this.putState(probe, node, run);
    if (tables === undefined) return;
    const last = this.pending.findLastIndex((delta) => delta.op === 'putNode' && delta.id === node.id);
    this.pending[last] = { ...(this.pending[last] as PutNode), tables };
  }

  private putState(probe: string, node: NodeToWrite, run: number): void {
    this.write(probe, node, run);
    for (const listener of this.listeners) listener.put(node, this.nodes.get(node.id)!.probe);
  }

  private write(probe: string, node: NodeToWrite, run: number): void {
    let record = this.nodes.get(node.id);
    if (record === undefined) {
      record = { written: node, probe, annotations: new Map(), tid: undefined, owned: new Set(), edges: new Set(), run };
      this.nodes.set(node.id, record);
      this.own(node);
      this.writeNode(record);
      return this.writeOwnership(node);
    }
    const before = record.written;
    record.written = node;
    record.run = run;
    if (before.parent === node.parent) return this.writeNode(record);
    this.disown(before);
    this.own(node);
    this.writeNode(record);
    this.writeOwnership(node);
  }

  /** Its base with its topological id; what it owns follows when that id is another one. */
  private writeNode(record: NodeRecord): void {
    const { id, parent, metadata, tidName } = record.written;
    const parentTid = parent === undefined ? undefined : this.nodes.get(parent)?.tid;
    const before = record.tid;
    record.tid = topologicalId(metadata, { parentTid, hostTid: this.hostTid, tidName });
    const base: Record<string, Json> = { ...metadata };
    for (const annotation of record.annotations.values()) Object.assign(base, annotation.metadata);
    if (record.tid !== undefined) base.TID = record.tid;
    this.pending.push({ op: 'putNode', id, host: this.hostId, metadata: base });
    if (before === record.tid || before === undefined) return;
    for (const owned of record.owned) this.writeNode(this.nodes.get(owned)!);
  }

  private own({ id, parent }: NodeToWrite): void {
    if (parent !== undefined) this.nodes.get(parent)?.owned.add(id);
  }

  private disown({ id, parent }: NodeToWrite): void {
    if (parent === undefined) return;
    this.nodes.get(parent)?.owned.delete(id);
    this.pending.push({ op: 'remove', id: concatenatedId(parent, id, OWNERSHIP) });
  }

  private writeOwnership({ id, parent }: NodeToWrite): void {
    if (parent === undefined) return;
    const edge = concatenatedId(parent, id, OWNERSHIP);
    this.pending.push({ op: 'putEdge', id: edge, host: this.hostId, parent, child: id, metadata: { RelationType: OWNERSHIP } });
  }

  private annotate(probe: string, id: ElementId, metadata: JsonObject, run: number): void {
    const record = this.nodes.get(id);
    if (record === undefined) return;
    if (Object.keys(metadata).length === 0) record.annotations.delete(probe);
    else record.annotations.set(probe, { metadata, run });
    this.writeNode(record);
  }

  private removeNode(id: ElementId): void {
    const record = this.nodes.get(id);
    if (record === undefined) return;
    for (const owned of [...record.owned]) this.removeNode(owned);
    for (const edge of [...record.edges]) this.removeEdge(edge);
    this.disown(record.written);
    this.nodes.delete(id);
    this.pending.push({ op: 'remove', id });
    for (const listener of this.listeners) listener.removed(id);
  }

  private putEdge(probe: string, { parent, child, relationType, metadata }: EdgeToWrite, run: number): ElementId {
    const id = concatenatedId(parent, child, relationType);
    const known = this.edges.get(id);
    if (known === undefined) this.edges.set(id, { parent, child, probe, run });
    else known.run = run;
    this.nodes.get(parent)?.edges.add(id);
    this.nodes.get(child)?.edges.add(id);
    this.pending.push({ op: 'putEdge', id, host: this.hostId, parent, child, metadata: { RelationType: relationType, ...metadata } });
    return id;
  }

  private removeEdge(id: ElementId): void {
    const edge = this.edges.get(id);
    if (edge === undefined) return;
    this.edges.delete(id);
    this.nodes.get(edge.parent)?.edges.delete(id);
    this.nodes.get(edge.child)?.edges.delete(id);
    this.pending.push({ op: 'remove', id });
  }

  private changeRows(id: ElementId, table: string, put: readonly (readonly [string, JsonObject])[], remove: readonly string[]): void {
    if (this.nodes.has(id)) this.pending.push({ op: 'rows', id, table, put, remove });
  }

  private measure(id: ElementId, values: readonly (readonly [string, Json])[]): void {
    if (this.nodes.has(id)) this.batch(() => void this.pending.push({ op: 'measure', id, values }));
  }

  private removeLeftOver(probe: string, run: number): void {
    for (const [id, edge] of this.edges) if (edge.probe === probe && edge.run !== run) this.removeEdge(id);
    for (const [id, node] of this.nodes) if (node.probe === probe && node.run !== run) this.removeNode(id);
    for (const [id, { annotations }] of this.nodes) if ((annotations.get(probe)?.run ?? run) !== run) this.annotate(probe, id, {}, run);
  }
}
