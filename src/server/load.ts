import { monitorEventLoopDelay } from 'node:perf_hooks';
import { OperationTypeNode } from 'graphql';
import type { Cancel, Clock } from '../common/clock.js';
import { CanopyError } from '../common/errors.js';

/** How often the lateness of the event loop is looked at, ms. */
const LOOK_MS = 1_000;

/** Resolution of the measurement, ms. */
const RESOLUTION_MS = 10;

/** Mean lateness over one look from which new queries are refused, ms: a screen feels it, and what is running already takes all there is. */
export const SHED_QUERIES_MS = 250;

/** From here new subscriptions are refused too, ms. */
export const SHED_SUBSCRIPTIONS_MS = 1_000;

/** Looks in a row that must be over a bound: a start, a garbage collection or a busy neighbour is not yet overload. */
export const LOOKS_IN_A_ROW = 3;

/** Share of a bound below which work is let in again, so that the gate does not flutter. */
export const RELIEF = 0.5;

/** What is given up under load, in this order: new queries, then new subscriptions. Topology (mutations and agents) never. */
export class LoadGate {
  #latenessMs = 0;
  /** The last looks, the newest first. */
  #looks: readonly number[] = [];
  #shedsQueries = false;
  #shedsSubscriptions = false;
  refused = 0;

  get latenessMs(): number {
    return this.#latenessMs;
  }

  /** Takes the mean lateness of the event loop since the last look. */
  take(latenessMs: number): void {
    this.#latenessMs = latenessMs;
    this.#looks = [latenessMs, ...this.#looks].slice(0, LOOKS_IN_A_ROW);
    this.#shedsQueries = this.#sheds(this.#shedsQueries, SHED_QUERIES_MS);
    this.#shedsSubscriptions = this.#sheds(this.#shedsSubscriptions, SHED_SUBSCRIPTIONS_MS);
  }

  #sheds(already: boolean, boundMs: number): boolean {
    if (already) return this.#latenessMs > boundMs * RELIEF;
    return this.#looks.length === LOOKS_IN_A_ROW && this.#looks.every((look) => look > boundMs);
  }

  /** Why new work of the kind is refused; `undefined` when it is let in. */
  refusal(operation: OperationTypeNode): CanopyError | undefined {
    const isShed =
      (operation === OperationTypeNode.QUERY && this.#shedsQueries) ||
      (operation === OperationTypeNode.SUBSCRIPTION && this.#shedsSubscriptions);
    if (!isShed) return undefined;
    this.refused += 1;
    return new CanopyError(
      'UNAVAILABLE',
      `the analyzer is overloaded and takes no new ${operation} at the moment; try again in some seconds`,
      {
        retriable: true,
        details: { latenessMs: Math.round(this.#latenessMs) },
      },
    );
  }
}

/** Feeds the gate with what the process measures. */
export function watchLoad(gate: LoadGate, clock: Clock): Cancel {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  const stop = clock.every(LOOK_MS, () => {
    const meanMs = Number.isNaN(delay.mean) ? 0 : delay.mean / 1e6;
    delay.reset();
    gate.take(Math.max(0, meanMs - RESOLUTION_MS));
  });
  return () => {
    stop();
    delay.disable();
  };
}
