import { LRUCache } from 'lru-cache';
import type { Revision } from '../../graph/element.js';
import type { Position } from '../../graph/position.js';
import type { Database } from './database.js';
import { readElements } from './elements.js';
import { PastView } from './pastView.js';

/** Reads and keeps whole graphs of the past; each position is read once at a time. */
export class Views {
  readonly #kept: LRUCache<number, PastView>;
  readonly #making = new Map<number, Promise<PastView>>();

  constructor(
    private readonly database: Database,
    maxBytes: number,
  ) {
    this.#kept = new LRUCache({ maxSize: maxBytes, sizeCalculation: (view) => Math.max(1, Math.min(view.bytes, maxBytes)) });
  }

  get bytes(): number {
    return this.#kept.calculatedSize;
  }

  async at(position: Position, at: number): Promise<PastView> {
    const kept = this.#kept.get(position.seq);
    if (kept !== undefined) return kept;
    let making = this.#making.get(position.seq);
    if (making === undefined) {
      making = this.#make(position, at).finally(() => this.#making.delete(position.seq));
      this.#making.set(position.seq, making);
    }
    return making;
  }

  /** Forgets views of before the change. */
  prune(seq: number): void {
    for (const kept of this.#kept.keys()) if (kept < seq) this.#kept.delete(kept);
  }

  async #make(position: Position, at: number): Promise<PastView> {
    const elements: Revision[] = [];
    for (const kind of ['node', 'edge'] as const) {
      for await (const piece of readElements(this.database, kind, { seq: position.seq, at })) elements.push(...piece);
    }
    const view = new PastView(position, at, elements);
    this.#kept.set(position.seq, view);
    return view;
  }
}
