import type { Cancel, Clock } from '../../common/clock.js';
import type { QuotaConfig } from '../../common/config/config.js';
import { CanopyError } from '../../common/errors.js';
import { isElementChange, type Change } from '../../graph/change.js';
import type { Delta } from '../../graph/delta.js';
import type { Revision } from '../../graph/element.js';
import { jsonSize } from '../../graph/jsonCompare.js';
import type { GraphView } from '../../graph/view.js';
import type { RecorderContract } from '../../journal/contracts.js';

/** Seconds over which changes are averaged: a publisher may send a burst of ten seconds' worth at once. */
const RATE_WINDOW_SECONDS = 10;

interface Holding {
  elements: number;
  bytes: number;
  /** Changes that may still be sent at once. */
  tokens: number;
  refilledAt: number;
}

/** What each publishing origin holds and sends, held to its quota. Counted once from the graph, then kept from its changes. */
export class Quotas {
  readonly #holdings = new Map<string, Holding>();
  readonly #stop: Cancel;

  constructor(
    recorder: Pick<RecorderContract, 'onChanges'>,
    private readonly quota: QuotaConfig,
    private readonly clock: Clock,
  ) {
    this.#stop = recorder.onChanges((changes) => this.#follow(changes));
  }

  /** Throws `QUOTA_EXCEEDED` with the numbers when the origin may not hold, or not send, as much. Spends what it allows. */
  spend(origin: string, graph: GraphView, deltas: readonly Delta[]): void {
    const holding = this.#holdings.get(origin) ?? this.#count(origin, graph);
    let elements = 0;
    let bytes = 0;
    for (const delta of deltas) {
      if (delta.op !== 'putNode' && delta.op !== 'putEdge') continue;
      const present = delta.op === 'putNode' ? graph.node(delta.id) : graph.edge(delta.id);
      if (present === undefined) elements += 1;
      bytes += jsonSize(delta.metadata) - (present === undefined ? 0 : jsonSize(present.base));
    }
    this.#allow(origin, 'elements', holding.elements, elements, this.quota.elements);
    this.#allow(origin, 'bytes of metadata', holding.bytes, bytes, this.quota.metadataBytes);
    this.#take(origin, holding, deltas.length);
  }

  close(): void {
    this.#stop();
  }

  #allow(origin: string, what: string, held: number, added: number, most: number): void {
    if (added <= 0 || held + added <= most) return;
    throw new CanopyError(
      'QUOTA_EXCEEDED',
      `the origin '${origin}' may hold ${most} ${what}; it has ${held}, and this call adds ${added}`,
      {
        details: { origin, what, held, added, most },
      },
    );
  }

  #take(origin: string, holding: Holding, changes: number): void {
    const most = this.quota.changesPerSecond * RATE_WINDOW_SECONDS;
    const now = this.clock.monotonic();
    holding.tokens = Math.min(most, holding.tokens + ((now - holding.refilledAt) / 1_000) * this.quota.changesPerSecond);
    holding.refilledAt = now;
    if (changes > holding.tokens) {
      throw new CanopyError(
        'QUOTA_EXCEEDED',
        `the origin '${origin}' may send ${this.quota.changesPerSecond} changes a second, averaged over ${RATE_WINDOW_SECONDS} s; this call has ${changes}, and ${Math.floor(holding.tokens)} are left`,
        {
          retriable: changes <= most,
          details: { origin, changes, left: Math.floor(holding.tokens), perSecond: this.quota.changesPerSecond },
        },
      );
    }
    holding.tokens -= changes;
  }

  #count(origin: string, graph: GraphView): Holding {
    const tokens = this.quota.changesPerSecond * RATE_WINDOW_SECONDS;
    const holding = { elements: 0, bytes: 0, tokens, refilledAt: this.clock.monotonic() };
    const add = (element: Revision): void => {
      holding.elements += 1;
      holding.bytes += jsonSize(element.base);
    };
    for (const node of graph.nodesBy('origin', origin)) add(node);
    for (const edge of graph.edges()) if (edge.origin === origin) add(edge);
    this.#holdings.set(origin, holding);
    return holding;
  }

  #follow(changes: readonly Change[]): void {
    if (this.#holdings.size === 0) return;
    for (const change of changes) {
      if (!isElementChange(change)) continue;
      const holding = this.#holdings.get(change.element.origin);
      if (holding === undefined) continue;
      const { op, element, before } = change;
      if (op === 'added') holding.elements += 1;
      if (op === 'removed') holding.elements -= 1;
      if (op === 'added' || op === 'updated') holding.bytes += jsonSize(element.base);
      if (before !== undefined && (op === 'removed' || op === 'updated')) holding.bytes -= jsonSize(before.base);
    }
  }
}
