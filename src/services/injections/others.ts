import { CanopyError } from '../../common/errors.js';
import type { Registry, RegistryEvent } from '../../registry/registry.js';
import { knownFrom, type Known } from './known.js';

/** Attempts to write what another analyzer writes too. */
const ATTEMPTS = 5;

export interface OtherInjectionsParts {
  readonly registry: Registry;
  /** Which analyzer this is. */
  readonly analyzer: string;
  /** One of another analyzer began, is further, or is not shown any more. */
  readonly told: (op: 'CREATED' | 'CHANGED' | 'DELETED', known: Known) => void;
}

/** Injections that other analyzers with the same registry carry out by their agents: seen here as they were kept last, and ended by asking for it. */
export class OtherInjections {
  private readonly known = new Map<string, Known>();
  private isBegun = false;

  constructor(private readonly parts: OtherInjectionsParts) {}

  get(id: string): Known | undefined {
    return this.known.get(id);
  }

  all(): Iterable<Known> {
    return this.known.values();
  }

  follow(event: RegistryEvent): void {
    if (event.event === 'removed') return this.drop(event.id);
    if (event.event === 'put') return this.take(event.entry.value);
    const there = new Set(event.entries.map(({ id }) => id));
    for (const id of [...this.known.keys()]) if (!there.has(id)) this.drop(id);
    for (const { value } of event.entries) this.take(value);
    this.isBegun = true;
  }

  /** Asks its analyzer to end it. Throws `NOT_FOUND` when it went meanwhile. */
  async cancel(id: string): Promise<void> {
    const { registry } = this.parts;
    for (let attempt = 1; ; attempt++) {
      const entry = await registry.get('injection', id);
      if (entry === undefined) throw new CanopyError('NOT_FOUND', `there is no injection ${id}`, { details: { id } });
      const { known } = knownFrom(entry.value);
      // What is over goes by itself, and writing it anew would keep it.
      if (known.isCancelled || known.sendings.every(({ state }) => state !== 'ACTIVE')) return;
      try {
        await registry.put('injection', id, { ...entry.value, isCancelled: true }, { expects: entry.version });
        return this.take({ ...entry.value, isCancelled: true });
      } catch (error) {
        if (!(error instanceof CanopyError && error.code === 'CONFLICT') || attempt === ATTEMPTS) throw error;
      }
    }
  }

  private take(value: Parameters<typeof knownFrom>[0]): void {
    const { known, analyzer = this.parts.analyzer } = knownFrom(value);
    if (analyzer === this.parts.analyzer) return;
    const before = this.known.get(known.id);
    this.known.set(known.id, known);
    // What was there before the start is no news.
    if (!this.isBegun) return;
    if (before === undefined) this.parts.told('CREATED', known);
    else if (!known.isCancelled) this.parts.told('CHANGED', known);
    else if (!before.isCancelled) this.parts.told('DELETED', known);
  }

  private drop(id: string): void {
    const known = this.known.get(id);
    if (known === undefined) return;
    this.known.delete(id);
    if (!known.isCancelled) this.parts.told('DELETED', known);
  }
}
