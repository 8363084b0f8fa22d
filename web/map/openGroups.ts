import { ask } from '../data/ask.js';
import { type PictureEdge, type PictureNode, TopologyAt } from '../data/elements.js';
import { type Failure, failureFrom } from '../data/failure.js';
import { followTopology, type TopologyFilter } from '../data/follow.js';
import { ChangingPicture, type Picture } from '../data/picture.js';
import { reachedFrom } from './around.js';
import { type GroupLayout, type Item, layoutGroup } from './layout/groupLayout.js';
import type { Rectangle } from './layout/placeGroups.js';
import type { LaidOut, Order } from './layout/worker.js';
import { familyOf, rankOf } from '../data/kinds.js';

/** An open group: what it holds, and where that is once the layout has said so. */
export interface Opened {
  readonly picture: Picture;
  /** Empty until the first layout. */
  readonly boxes: ReadonlyMap<string, Rectangle>;
  readonly size: { readonly width: number; readonly height: number } | undefined;
  readonly failure: Failure | undefined;
}

/** Nodes that look different, by group. */
export type Touched = ReadonlyMap<string, readonly PictureNode[]>;

/** What decides what stands in a group. */
export interface Choice {
  /** Which group a node belongs to; the group's own node stands for it and is not drawn in it. */
  isInside(node: PictureNode, group: string): boolean;
  /** Whether its layer is looked at. */
  isShown(node: PictureNode): boolean;
  /** Whether it is looked for; what owns such a thing is shown around it. */
  isMeant(node: PictureNode): boolean;
  /** Only what is so near to a thing is looked for. */
  readonly around: { readonly id: string; readonly hops: number } | undefined;
  /** What is gone and shown all the same, where two moments are compared. */
  readonly ghosts: { readonly nodes: ReadonlyMap<string, PictureNode>; readonly edges: ReadonlyMap<string, PictureEdge> };
  /** Changes when one of the functions means something else. */
  readonly key: string;
}

interface Group {
  readonly id: string;
  readonly filter: TopologyFilter;
  readonly at: string | undefined;
  picture: Picture;
  stop(): void;
  failure: Failure | undefined;
  boxes: ReadonlyMap<string, Rectangle>;
  size: Opened['size'];
  /** What the last order to the layout was made from, and what was last told to those who show the whole group. */
  ordered: string;
  told: string;
  turn: number;
  /** The turn that was laid out without the worker. */
  placed: number;
  ids: readonly string[];
}

/** Things up to which a group is placed before the worker has answered: it takes some milliseconds, and saves a frame. */
const MOST_PLACED_AT_ONCE = 2_000;

/** The open groups: each followed by itself, laid out in a worker, and shown again at most once a frame. */
export class OpenGroups {
  readonly #groups = new Map<string, Group>();
  readonly #worker = new Worker(new URL('layout/worker.ts', import.meta.url), { type: 'module' });
  #choice: Choice;
  #opened: ReadonlyMap<string, Opened> = new Map();
  #frame = 0;
  readonly #orders: Order[] = [];
  #ordering: ReturnType<typeof setTimeout> | undefined;
  readonly #listeners = new Set<() => void>();
  readonly #touchListeners = new Set<(touched: Touched) => void>();

  constructor(choice: Choice) {
    this.#choice = choice;
    this.#worker.addEventListener('message', ({ data }: MessageEvent<LaidOut>) => this.#laidOut(data));
  }

  /** Opens and closes groups until these are open, at this instant, or live. */
  show(wanted: ReadonlyMap<string, TopologyFilter>, at: string | undefined, choice: Choice): void {
    this.#choice = choice;
    const before = this.#groups.size;
    for (const [id, group] of this.#groups) {
      if (wanted.has(id)) continue;
      group.stop();
      this.#groups.delete(id);
      this.#order({ kind: 'forget', group: id });
    }
    // What only begins to open changes nothing yet.
    const isAnyClosed = this.#groups.size < before;
    for (const [id, filter] of wanted) {
      const known = this.#groups.get(id);
      if (known?.at === at && JSON.stringify(known?.filter) === JSON.stringify(filter)) continue;
      known?.stop();
      this.#open(id, filter, at, known);
    }
    for (const group of this.#groups.values()) this.#arrange(group);
    if (isAnyClosed) this.#publish();
  }

  readonly get = (): ReadonlyMap<string, Opened> => this.#opened;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Calls at most once a frame with nodes that only look different: they change nothing of what `get` gives. */
  readonly onTouched = (listener: (touched: Touched) => void): (() => void) => {
    this.#touchListeners.add(listener);
    return () => this.#touchListeners.delete(listener);
  };

  close(): void {
    cancelAnimationFrame(this.#frame);
    clearTimeout(this.#ordering);
    for (const group of this.#groups.values()) group.stop();
    this.#groups.clear();
    this.#worker.terminate();
  }

  /** The picture of another moment replaces the one before only when it is there. */
  #open(id: string, filter: TopologyFilter, at: string | undefined, before: Group | undefined): void {
    const group: Group = {
      id,
      filter,
      at,
      picture: before?.picture ?? new ChangingPicture(),
      stop: () => undefined,
      failure: undefined,
      boxes: before?.boxes ?? new Map(),
      size: before?.size,
      ordered: before?.ordered ?? '',
      told: '',
      turn: before?.turn ?? 0,
      placed: 0,
      ids: before?.ids ?? [],
    };
    this.#groups.set(id, group);
    const changed = (): void => {
      this.#arrange(group);
      this.#soon();
    };
    const refused = (failure: Failure): void => {
      group.failure = failure;
      this.#soon();
    };
    if (at === undefined) {
      const following = followTopology(filter, {
        changed: () => {
          if (!following.picture.isComplete) return;
          group.picture = following.picture;
          changed();
        },
        refused,
      });
      group.stop = following.stop;
      return;
    }
    const cancellation = new AbortController();
    group.stop = () => cancellation.abort();
    ask(TopologyAt, { filter, at }, cancellation.signal)
      .then(({ data: { topology } }) => {
        const picture = new ChangingPicture();
        picture.page(topology.nodes, topology.edges, true);
        picture.isCut = topology.truncated;
        group.picture = picture;
        changed();
      })
      .catch((error: unknown) => cancellation.signal.aborted || refused(failureFrom(error)));
  }

  /** Asks for a new layout when things came, went or belong to others; a change of state moves nothing. */
  #arrange(group: Group): void {
    const { picture } = group;
    if (!picture.isComplete) return;
    const made = `${picture.structure}|${group.at ?? ''}|${this.#choice.key}`;
    if (made === group.ordered) return;
    group.ordered = made;
    const { ghosts } = this.#choice;
    const owners = ownersOf(picture.edges, ghosts.edges);
    const items: Item[] = [];
    const gone = [...ghosts.nodes.values()].filter(({ id }) => !picture.nodes.has(id));
    const all = [...picture.nodes.values(), ...gone];
    const { around } = this.#choice;
    const near = around && reachedFrom(around.id, around.hops, picture.edges.values());
    const meant = new Set<string>();
    for (const node of all) {
      if (!this.#choice.isMeant(node) || near?.has(node.id) === false) continue;
      for (let id: string | undefined = node.id; id !== undefined && !meant.has(id); id = owners.get(id)) meant.add(id);
    }
    for (const node of all) {
      if (!meant.has(node.id) || !this.#choice.isInside(node, group.id) || !this.#choice.isShown(node)) continue;
      const rank = rankOf(familyOf(node as Parameters<typeof familyOf>[0]));
      items.push({ id: node.id, parent: owners.get(node.id), rank, name: node.name });
    }
    group.ids = items.map(({ id }) => id);
    this.#order({ kind: 'layout', group: group.id, turn: ++group.turn, items });
    if (group.size !== undefined || items.length > MOST_PLACED_AT_ONCE) return;
    // Nothing is remembered of a group that just opened: the worker will come to the same, and keeps it for the next turn.
    group.placed = group.turn;
    this.#place(group, layoutGroup(items, new Map()));
    this.#publish();
  }

  #laidOut({ group: id, turn, ...layout }: LaidOut): void {
    const group = this.#groups.get(id);
    if (group === undefined || group.turn !== turn || group.placed === turn) return;
    this.#place(group, layout);
    this.#soon();
  }

  #place(group: Group, { width, height, boxes }: GroupLayout): void {
    group.told = '';
    group.size = { width, height };
    group.boxes = new Map(
      group.ids.map((node, index) => {
        const at = index * 4;
        return [node, { x: boxes[at]!, y: boxes[at + 1]!, width: boxes[at + 2]!, height: boxes[at + 3]! }];
      }),
    );
  }

  /** Not before what is known already is on its way to the screen: to copy the items for the worker takes time too. */
  #order(order: Order): void {
    this.#orders.push(order);
    this.#ordering ??= setTimeout(() => {
      this.#ordering = undefined;
      for (const one of this.#orders.splice(0)) this.#worker.postMessage(one);
    });
  }

  #soon(): void {
    if (this.#frame !== 0) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      const isLooksOnly = [...this.#groups.values()].every((group) => group.told === tellingOf(group));
      // Ghosts are shown from a copy of the nodes, which has to be made anew.
      if (!isLooksOnly || this.#choice.ghosts.nodes.size > 0) this.#publish();
      this.#tellTouched();
    });
  }

  #tellTouched(): void {
    const touched = new Map<string, PictureNode[]>();
    for (const { id, picture } of this.#groups.values()) {
      if (picture.touched.size === 0) continue;
      touched.set(
        id,
        [...picture.touched].flatMap((node) => picture.nodes.get(node) ?? []),
      );
      picture.touched.clear();
    }
    if (touched.size > 0) for (const listener of this.#touchListeners) listener(touched);
  }

  #publish(): void {
    for (const group of this.#groups.values()) group.told = tellingOf(group);
    this.#opened = new Map([...this.#groups].map(([id, { picture, boxes, size, failure }]) => [id, { picture, boxes, size, failure }]));
    for (const listener of this.#listeners) listener();
  }
}

/** What of a group is different for those who show it as a whole. */
const tellingOf = ({ picture, failure, at }: Group): string =>
  `${picture.structure}|${picture.isComplete}|${picture.isCut}|${failure?.message ?? ''}|${at ?? ''}`;

/** Owner of each node, after the edges. */
function ownersOf(...all: readonly ReadonlyMap<string, PictureEdge>[]): ReadonlyMap<string, string> {
  const owners = new Map<string, string>();
  for (const edges of all)
    for (const { relationType, sourceId, targetId } of edges.values()) if (relationType === 'ownership') owners.set(targetId, sourceId);
  return owners;
}
