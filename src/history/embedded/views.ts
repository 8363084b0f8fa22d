import { LRUCache } from 'lru-cache';
import type { ElementId, Revision } from '../../graph/element.js';
import type { LiveGraph } from '../../graph/liveGraph.js';
import { overlayView } from '../../graph/overlayView.js';
import type { Position } from '../../graph/position.js';
import type { GraphView } from '../../graph/view.js';
import type { Journal } from '../../journal/journal.js';
import { pauser } from '../../journal/pause.js';
import { versionsAt, type Base } from '../../journal/walk.js';
import { PastView } from './pastView.js';
import type { RevisionCache } from './revisionCache.js';

/** A past this many changes away is shown as the live graph with them undone: it then uses the live graph's own indexes. */
const NEAR_CHANGES = 256;

/** A view being made, for everybody who asked for its position. */
interface Making {
  readonly view: Promise<PastView>;
  waiting: number;
  isCancelled: boolean;
}

/** Makes and keeps views of the past, each from the nearest thing that is known. */
export class Views {
  readonly #journal: Journal;
  readonly #graph: LiveGraph;
  readonly #revisions: RevisionCache;
  readonly #kept: LRUCache<number, PastView>;
  readonly #making = new Map<number, Making>();

  constructor(journal: Journal, graph: LiveGraph, revisions: RevisionCache, maxBytes: number) {
    this.#journal = journal;
    this.#graph = graph;
    this.#revisions = revisions;
    this.#kept = new LRUCache({ maxSize: maxBytes, sizeCalculation: (view) => Math.min(view.bytes, maxBytes) });
  }

  get bytes(): number {
    return this.#kept.calculatedSize;
  }

  /** The graph after the change; it must be one that is kept. A view that nobody waits for any more is given up. */
  async at(position: Position, at: number, signal?: AbortSignal): Promise<GraphView> {
    const { seq } = position;
    const kept = this.#kept.get(seq);
    if (kept !== undefined) return kept;
    if (this.#journal.lastSeq - seq <= NEAR_CHANGES) return this.#nearPresent(position, at);
    let making = this.#making.get(seq);
    if (making === undefined || making.isCancelled) {
      making = this.#start(position, at);
      this.#making.set(seq, making);
    }
    return shared(making, signal);
  }

  /** Forgets views of before the change. */
  prune(seq: number): void {
    for (const kept of this.#kept.keys()) if (kept < seq) this.#kept.delete(kept);
  }

  #start(position: Position, at: number): Making {
    const making: { -readonly [Key in keyof Making]: Making[Key] } = { view: undefined as never, waiting: 0, isCancelled: false };
    making.view = this.#make(position, at, () => making.isCancelled).finally(() => {
      if (this.#making.get(position.seq) === making) this.#making.delete(position.seq);
    });
    making.view.catch(() => undefined);
    return making;
  }

  async #make(position: Position, at: number, isCancelled: () => boolean): Promise<PastView> {
    const { seq } = position;
    const bases: Base[] = [];
    for (const [kept, view] of this.#kept.entries()) bases.push({ seq: kept, take: () => view.versions.copy() });
    const versions = await versionsAt(this.#journal, seq, bases, isCancelled);
    const view = new PastView(position, at, versions, this.#journal, this.#revisions);
    await view.prepare(pauser());
    this.#kept.set(seq, view);
    return view;
  }

  #nearPresent(position: Position, at: number): GraphView {
    const { lastSeq, timeline, ordinals } = this.#journal;
    const before = new Map<number, number>();
    for (const block of timeline.between(position.seq, lastSeq)) {
      for (let index = Math.max(0, position.seq + 1 - block.firstSeq); index < block.count; index++) {
        const ordinal = block.ordinal[index]!;
        if (ordinal !== 0 && !before.has(ordinal)) before.set(ordinal, block.previous[index]!);
      }
    }
    const replaced = new Map<ElementId, Revision | undefined>();
    for (const [ordinal, version] of before) {
      replaced.set(ordinals.idOf(ordinal), version > 0 ? this.#revisions.get(ordinal, version) : undefined);
    }
    return overlayView(this.#graph.view(), replaced, { position, at });
  }
}

async function shared(making: Making, signal: AbortSignal | undefined): Promise<GraphView> {
  signal?.throwIfAborted();
  making.waiting++;
  const leave = (): void => {
    if (--making.waiting === 0) making.isCancelled = true;
  };
  if (signal === undefined) return making.view;
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      leave();
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    making.view.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
