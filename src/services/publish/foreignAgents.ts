import type { Cancel, Clock } from '../../common/clock.js';
import type { Delta } from '../../graph/delta.js';
import type { ElementId } from '../../graph/element.js';
import type { RecorderContract } from '../../journal/contracts.js';

export interface ForeignAgentParts {
  readonly recorder: RecorderContract;
  readonly clock: Clock;
  /** Milliseconds that elements of an agent that went stay. */
  readonly graceMs: number;
}

/** Origins of agents, ours and others. */
const AGENT = /^agent\./;

/**
 * Agents of other makes, which have no session with the hub: what they published stays for a while when they go, and what happens
 * meanwhile is not watched.
 */
export class ForeignAgents {
  readonly #away = new Map<string, Cancel>();
  readonly #connected = new Set<string>();

  constructor(private readonly parts: ForeignAgentParts) {
    const view = parts.recorder.present();
    try {
      const origins = new Set<string>();
      for (const { origin } of view.nodes()) if (AGENT.test(origin)) origins.add(origin);
      // Our own agents have progress in the journal; the hub waits for them.
      for (const origin of origins) if (parts.recorder.progressOf(origin) === undefined) this.#lose(origin);
    } finally {
      view.release();
    }
  }

  /** Whether one is connected under the origin. */
  has(origin: string): boolean {
    return this.#connected.has(origin);
  }

  arrive(origin: string): void {
    this.#connected.add(origin);
    const cancel = this.#away.get(origin);
    if (cancel === undefined) return;
    cancel();
    this.#away.delete(origin);
    this.parts.recorder.closeGap({ reason: 'AGENT_LOST', origin });
  }

  leave(origin: string): void {
    if (this.#connected.delete(origin)) this.#lose(origin);
  }

  close(): void {
    for (const cancel of this.#away.values()) cancel();
    this.#away.clear();
  }

  #lose(origin: string): void {
    const { recorder, clock, graceMs } = this.parts;
    recorder.openGap({ reason: 'AGENT_LOST', since: clock.now(), origin, host: origin.slice(origin.indexOf('.') + 1) });
    this.#away.set(
      origin,
      clock.after(graceMs, () => this.#giveUp(origin)),
    );
  }

  /** Its elements are closed; the gap stays open, because nobody watches. */
  #giveUp(origin: string): void {
    const { recorder } = this.parts;
    const view = recorder.present();
    try {
      const gone = (id: ElementId): Delta => ({ op: 'remove', id, reason: 'AGENT_LOST' });
      const edges = [...view.edges()].filter((edge) => edge.origin === origin).map(({ id }) => gone(id));
      const nodes = Array.from(view.nodesBy('origin', origin), ({ id }) => gone(id));
      if (edges.length + nodes.length === 0) return;
      recorder.record({ origin, deltas: [...edges, ...nodes], immediate: true }).durable.catch(() => undefined);
    } finally {
      view.release();
    }
  }
}
