import { isElementChange, type Change } from '../../src/graph/change.js';
import type { Revision } from '../../src/graph/element.js';
import type { GraphView } from '../../src/graph/view.js';

/** A graph in a form that compares: elements by id, tables spelled out, adjacency. */
export interface Picture {
  readonly nodes: Readonly<Record<string, unknown>>;
  readonly edges: Readonly<Record<string, unknown>>;
}

/** A revision with its tables as plain rows. */
export function plain(revision: Revision): Picturable {
  const tables =
    revision.tables &&
    Object.fromEntries(
      Object.entries(revision.tables).map(([name, table]) => [name, Object.fromEntries([...table.entries()].sort(byKey))]),
    );
  return { ...revision, tables };
}

/** The graph after each change, in the most obvious way: one change after the other. */
export class Replay {
  readonly #nodes = new Map<string, Picturable>();
  readonly #edges = new Map<string, Picturable>();

  /** Goes on from a picture. */
  static from(picture: Picture): Replay {
    const replay = new Replay();
    for (const [id, node] of Object.entries(picture.nodes)) replay.#nodes.set(id, node as Picturable);
    for (const [id, edge] of Object.entries(picture.edges)) replay.#edges.set(id, edge as Picturable);
    return replay;
  }

  take(change: Change): void {
    if (!isElementChange(change) || change.op === 'suspended') return;
    const { element } = change;
    if (change.op === 'removed') (element.kind === 'node' ? this.#nodes : this.#edges).delete(element.id);
    else (element.kind === 'node' ? this.#nodes : this.#edges).set(element.id, plain(element));
  }

  picture(): Picture {
    return toPicture([...this.#nodes.values()], [...this.#edges.values()]);
  }
}

export const pictureOf = (view: GraphView): Picture =>
  toPicture(
    [...view.nodes()].map((node) => plain(node)),
    [...view.edges()].map((edge) => plain(edge)),
  );

/** A revision spelled out. */
interface Picturable {
  readonly id: string;
  readonly tables: unknown;
}

function toPicture(nodes: readonly Picturable[], edges: readonly Picturable[]): Picture {
  const byId = (revisions: readonly Picturable[]): Record<string, unknown> =>
    Object.fromEntries(revisions.map((revision) => [revision.id, revision] as const).sort(byKey));
  return { nodes: byId(nodes), edges: byId(edges) };
}

function byKey(a: readonly [string, unknown], b: readonly [string, unknown]): number {
  return a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0;
}
