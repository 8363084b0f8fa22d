import { isElementChange, type Change } from '../../../src/graph/change.js';
import type { EdgeRevision, ElementId, NodeRevision, Revision } from '../../../src/graph/element.js';
import type { QueriedGraph } from '../../../src/gremlin/gremlin.js';

/** The graph as lists, in the most obvious way: no index, no order of its own, nothing kept. */
class PlainGraph implements QueriedGraph {
  readonly isLive = false;
  readonly nodeRevisions: ((id: ElementId) => readonly NodeRevision[]) | undefined;

  constructor(
    readonly position: QueriedGraph['position'],
    readonly at: number,
    private readonly revisions: readonly Revision[],
    isStretch: boolean,
  ) {
    if (isStretch) this.nodeRevisions = (id) => this.nodes().filter((node) => node.id === id);
  }

  nodes = (): NodeRevision[] => this.revisions.filter((revision) => revision.kind === 'node');
  edges = (): EdgeRevision[] => this.revisions.filter((revision) => revision.kind === 'edge');
  get nodeCount(): number {
    return this.nodes().length;
  }
  get edgeCount(): number {
    return this.edges().length;
  }
  node = (id: ElementId): NodeRevision | undefined => this.nodes().findLast((node) => node.id === id);
  edge = (id: ElementId): EdgeRevision | undefined => this.edges().findLast((edge) => edge.id === id);
  outEdges = (id: ElementId): EdgeRevision[] => this.edges().filter(({ parent }) => parent === id);
  inEdges = (id: ElementId): EdgeRevision[] => this.edges().filter(({ child }) => child === id);
  /** All of them: what was asked for is asked again of each. */
  nodesBy = (): NodeRevision[] => this.nodes();
  measurements = (): undefined => undefined;
  release = (): void => undefined;
}

/** What there is after the changes up to an instant. */
function standing(changes: readonly Change[], at: number): Map<string, Revision> {
  const there = new Map<string, Revision>();
  for (const change of changes) {
    if (change.at > at || !isElementChange(change) || change.op === 'suspended') continue;
    const key = `${change.element.kind} ${change.element.id}`;
    if (change.op === 'removed') there.delete(key);
    else there.set(key, change.element);
  }
  return there;
}

/** The graph at the instant, by replaying the changes. */
export const plainAt = (changes: readonly Change[], at: number): QueriedGraph =>
  new PlainGraph(
    { epoch: 1, seq: changes.findLast((change) => change.at <= at)?.seq ?? 0 },
    at,
    [...standing(changes, at).values()],
    false,
  );

/** Every revision that there was from one instant to another; the last one of what went says when. */
export function plainBetween(changes: readonly Change[], from: number, to: number): QueriedGraph {
  const revisions: Revision[] = [...standing(changes, from).values()];
  for (const change of changes) {
    if (change.at <= from || change.at > to || !isElementChange(change) || change.op === 'suspended') continue;
    const { element } = change;
    if (change.op !== 'removed') revisions.push(element);
    else revisions[revisions.findLastIndex(({ kind, id }) => kind === element.kind && id === element.id)] = element;
  }
  return new PlainGraph({ epoch: 1, seq: changes.at(-1)?.seq ?? 0 }, to, revisions, true);
}
