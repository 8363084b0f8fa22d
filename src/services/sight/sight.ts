import { LRUCache } from 'lru-cache';
import type { Json } from '../../common/json.js';
import type { RowChanges } from '../../graph/change.js';
import type { ElementId, NodeRevision, Revision } from '../../graph/element.js';
import { badValue } from '../../graph/filter/badValue.js';
import { indexedNodes } from '../../graph/filter/candidates.js';
import { everyNode } from '../../graph/filter/compiled.js';
import { compileNodeFilter, type NodeFilter } from '../../graph/filter/nodeFilter.js';
import type { Position } from '../../graph/position.js';
import type { GraphView } from '../../graph/view.js';
import { ownedBelow, OWNERSHIP } from '../../graph/walk/ownership.js';
import { Redaction } from './redaction.js';
import { SightedView } from './sightedView.js';

/** One scope as an operator wrote it; `SIGHT.md` says what it means. */
export interface ScopeRules {
  readonly name: string;
  /** Which nodes, with all that they own; left out: the scope says nothing of nodes. */
  readonly nodes?: NodeFilter;
  /** Dotted paths of metadata that are not shown. */
  readonly hide?: readonly string[];
  /** Fields of the GraphQL schema, `Type.field`, that may not be asked for. */
  readonly fields?: readonly string[];
}

/** By which scopes something was made: kept with it, so that it goes on within them. */
export interface SightStamp {
  /** Names of scopes that say which nodes, and of those that only hide. */
  readonly nodes: readonly string[];
  readonly hides: readonly string[];
}

/** What is needed of a graph to say who owns whom. */
export type Surroundings = Pick<GraphView, 'node' | 'inEdges' | 'outEdges'>;

/** Moments whose seen nodes are kept: the present, that before it, and what a difference compares. */
const KEPT_MOMENTS = 4;

/** What somebody sees of the graph. One object for all who see the same, so that what one of them asked is known for the others. */
export class Sight {
  /** The same for those who see the same. */
  readonly key: string;
  readonly stamp: SightStamp;
  /** Whether there are nodes that it does not see; else it only hides. */
  readonly isPartial: boolean;
  readonly hidden: Redaction;
  /** `Type.field`. */
  readonly fields: ReadonlySet<string>;
  private readonly filter: NodeFilter;
  private readonly test: (node: NodeRevision) => boolean;
  private readonly judged = new WeakMap<NodeRevision, boolean>();
  private latest: { readonly position: Position; readonly verdicts: Map<ElementId, boolean> } | undefined;
  private readonly members = new LRUCache<string, ReadonlyMap<ElementId, NodeRevision>>({ max: KEPT_MOMENTS });

  /** Of several scopes together. Throws `BAD_INPUT` naming what is wrong in one. */
  constructor(scopes: readonly ScopeRules[]) {
    const partial = scopes.filter(({ nodes }) => nodes !== undefined);
    for (const { name, nodes } of partial) checkNodes(name, nodes!);
    this.isPartial = partial.length > 0;
    this.stamp = {
      nodes: partial.map(({ name }) => name).sort(),
      hides: scopes.flatMap(({ name, nodes }) => (nodes === undefined ? [name] : [])).sort(),
    };
    this.key = JSON.stringify([this.stamp.nodes, this.stamp.hides]);
    this.filter = partial.length === 1 ? partial[0]!.nodes! : { or: partial.map(({ nodes }) => nodes!) };
    this.test = compileNodeFilter(this.filter, 'nodes').own!;
    this.hidden = new Redaction(scopes.flatMap(({ hide }) => hide ?? []));
    this.fields = new Set(scopes.flatMap(({ fields }) => fields ?? []));
  }

  /** The graph as it is seen. */
  of(view: GraphView): GraphView {
    return new SightedView(view, this);
  }

  /** Whether the node is in a scope by what it says itself. Worked out once for a revision. */
  matches(node: NodeRevision): boolean {
    let verdict = this.judged.get(node);
    if (verdict === undefined) this.judged.set(node, (verdict = this.test(node)));
    return verdict;
  }

  /** Whether the node, or one that owns it at any depth, matches. `known` holds verdicts on the same surroundings. */
  sees(graph: Surroundings, id: ElementId, known: Map<ElementId, boolean>): boolean {
    const verdict = known.get(id);
    if (verdict !== undefined) return verdict;
    const way = [id];
    const met = new Set(way);
    for (let index = 0; index < way.length; index += 1) {
      const at = way[index]!;
      const node = graph.node(at);
      if (node === undefined) continue;
      if (known.get(at) ?? this.matches(node)) {
        known.set(id, true);
        return true;
      }
      if (known.has(at)) continue;
      for (const { parent, metadata } of graph.inEdges(at)) {
        if (metadata.RelationType !== OWNERSHIP || met.has(parent)) continue;
        met.add(parent);
        way.push(parent);
      }
    }
    // Owners of what is on the way are on the way too.
    for (const at of way) known.set(at, false);
    return false;
  }

  /** Verdicts on nodes at a moment, for `sees`: all who look at the moment that was looked at last share them. */
  verdictsAt(position: Position): Map<ElementId, boolean> {
    if (this.latest === undefined || this.latest.position.seq !== position.seq || this.latest.position.epoch !== position.epoch)
      this.latest = { position, verdicts: new Map() };
    return this.latest.verdicts;
  }

  /** Every node that is seen, as it is shown; found by an index where the filter names what has one. */
  membersOf(view: GraphView): ReadonlyMap<ElementId, NodeRevision> {
    const { epoch, seq } = view.position;
    const moment = `${epoch}.${seq}`;
    let members = this.members.get(moment);
    if (members === undefined) {
      const roots: NodeRevision[] = [];
      for (const node of indexedNodes(view, this.filter) ?? view.nodes()) if (this.matches(node)) roots.push(node);
      const found = new Map<ElementId, NodeRevision>();
      for (const node of roots) found.set(node.id, this.shown(node));
      for (const node of ownedBelow(view, roots)) if (!found.has(node.id)) found.set(node.id, this.shown(node));
      this.members.set(moment, (members = found));
    }
    return members;
  }

  /** The revision without what is hidden. */
  shown<R extends Revision>(revision: R): R {
    return this.hidden.revision(revision);
  }

  shownRows(rows: RowChanges | undefined): RowChanges | undefined {
    return this.hidden.rows(rows);
  }

  /** Whether somebody with this sight may know of what was made with a stamp; without one, by somebody who sees everything. */
  mayKnow(stamp: SightStamp | undefined): boolean {
    if (!this.isPartial) return true;
    return stamp !== undefined && stamp.nodes.length > 0 && stamp.nodes.every((name) => this.stamp.nodes.includes(name));
  }
}

function checkNodes(name: string, nodes: NodeFilter): void {
  const field = `auth.scopes.${name}.nodes`;
  const compiled = compileNodeFilter(nodes, field);
  if (compiled === everyNode || Object.values(nodes).every((value) => value === null || value === undefined))
    throw badValue(field, nodes as unknown as Json, 'at least one condition; leave `nodes` out for a scope that only hides');
  if (compiled.own === undefined)
    throw badValue(field, nodes as unknown as Json, 'conditions on a node itself: what it owns comes with it, without `within`');
}

/** Of whom nothing is known any more: no node is seen. */
export const NOTHING_SEEN = new Sight([{ name: '', nodes: { id: [] } }]);
