import { isElementChange, type Change } from '../../src/graph/change.js';
import type { EdgeRevision, NodeRevision, Revision } from '../../src/graph/element.js';
import type { GraphView } from '../../src/graph/view.js';

/** A graph in a form that compares: elements by id, tables spelled out, adjacency. */
export interface Picture {
  readonly nodes: Readonly<Record<string, unknown>>;
  readonly edges: Readonly<Record<string, unknown>>;
}

/** A revision with its tables as plain rows. */
export function plain(revision: Revision): Record<string, unknown> {
  const tables =
    revision.tables &&
    Object.fromEntries(
      Object.entries(revision.tables).map(([name, table]) => [name, Object.fromEntries([...table.entries()].sort(byKey))]),
    );
  return { ...revision, tables };
}

/** The graph after each change, in the most obvious way: one change after the other. */
export class Replay {
  readonly #nodes = new Map<string, NodeRevision>();
  readonly #edges = new Map<string, EdgeRevision>();

  take(change: Change): void {
    if (!isElementChange(change) || change.op === 'suspended') return;
    const { element } = change;
    if (change.op === 'removed') (element.kind === 'node' ? this.#nodes : this.#edges).delete(element.id);
    else if (element.kind === 'node') this.#nodes.set(element.id, element);
    else this.#edges.set(element.id, element);
  }

  picture(): Picture {
    return toPicture([...this.#nodes.values()], [...this.#edges.values()]);
  }
}

export const pictureOf = (view: GraphView): Picture => toPicture([...view.nodes()], [...view.edges()]);

function toPicture(nodes: readonly NodeRevision[], edges: readonly EdgeRevision[]): Picture {
  const byId = (revisions: readonly Revision[]): Record<string, unknown> =>
    Object.fromEntries(revisions.map((revision) => [revision.id, plain(revision)] as const).sort(byKey));
  return { nodes: byId(nodes), edges: byId(edges) };
}

function byKey(a: readonly [string, unknown], b: readonly [string, unknown]): number {
  return a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0;
}
