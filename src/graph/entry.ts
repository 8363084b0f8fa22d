import type { EdgeRevision, ElementId, NodeRevision } from './element.js';
import type { Hold } from './governor.js';
import type { Measurements } from './measurements.js';
import type { OriginAccount } from './origins.js';

/** What both kinds of entries keep beside their revision. Entries are the graph's own, mutable records; readers never see them. */
interface EntryFields {
  readonly id: ElementId;
  /** Of the owner; `undefined` for the ghost of a node. */
  account: OriginAccount | undefined;
  /** What the governor has not let out yet. */
  hold: Hold | undefined;
  measurements: Measurements | undefined;
  /** When the governor's allowance of the whole element is full again, in its ticks. */
  spentUntil: number;
  /** The same by path; kept only while the element changes often. */
  spentPaths: Map<string, number> | undefined;
  /** Size of base and tables as JSON in bytes. */
  bytes: number;
}

/** A node, or the ghost of one: an id that edges name and nobody has put (`revision` is then `undefined`). */
export interface NodeEntry extends EntryFields {
  readonly kind: 'node';
  revision: NodeRevision | undefined;
  /** Heads of the chains through all edges of the node, suspended ones too. Chains cost no memory of their own and leave in one step. */
  firstOut: EdgeEntry | undefined;
  firstIn: EdgeEntry | undefined;
  /** The one ownership edge that leads here, suspended or not. */
  ownership: EdgeEntry | undefined;
}

export interface EdgeEntry extends EntryFields {
  readonly kind: 'edge';
  revision: EdgeRevision;
  readonly parent: NodeEntry;
  readonly child: NodeEntry;
  /** Both ends are there: readers see it. */
  isVisible: boolean;
  nextOut: EdgeEntry | undefined;
  previousOut: EdgeEntry | undefined;
  nextIn: EdgeEntry | undefined;
  previousIn: EdgeEntry | undefined;
}

export type Entry = NodeEntry | EdgeEntry;

export const ghostEntry = (id: ElementId): NodeEntry => ({
  kind: 'node',
  id,
  account: undefined,
  hold: undefined,
  measurements: undefined,
  spentUntil: 0,
  spentPaths: undefined,
  bytes: 0,
  revision: undefined,
  firstOut: undefined,
  firstIn: undefined,
  ownership: undefined,
});

export const edgeEntry = (revision: EdgeRevision, parent: NodeEntry, child: NodeEntry, account: OriginAccount): EdgeEntry => ({
  kind: 'edge',
  id: revision.id,
  account,
  hold: undefined,
  measurements: undefined,
  spentUntil: 0,
  spentPaths: undefined,
  bytes: 0,
  revision,
  parent,
  child,
  isVisible: false,
  nextOut: undefined,
  previousOut: undefined,
  nextIn: undefined,
  previousIn: undefined,
});

export const isOwnership = (edge: EdgeRevision): boolean => edge.base['RelationType'] === 'ownership';
