import type { ElementId } from '../../src/graph/element.js';
import type { ChangePage, HistoryQuery } from '../../src/services/changes.js';
import type { NodeView } from '../../src/services/elementView.js';
import type { TimeRange } from '../../src/services/instant.js';
import type { InterfaceCounters, InterfaceRate } from '../../src/services/measurements.js';
import type { ReadScope } from '../../src/services/readScope.js';
import type { Services } from '../../src/services/services.js';
import { Batches } from './batches.js';

/** What comes from stores that answer later: each store is asked once for all the nodes of an answer. */
export class Loaders {
  readonly #counters = new Batches<ElementId, InterfaceCounters | undefined>((id) => id);
  readonly #rates = new Batches<ElementId, readonly InterfaceRate[]>((id) => id);
  readonly #history = new Batches<NodeView, ChangePage>(({ id }) => id);

  constructor(
    private readonly services: Pick<Services, 'measurements' | 'changes'>,
    private readonly scope: ReadScope,
  ) {}

  /** Totals at the moment of the node, from the store of samples. */
  counters({ id, there: { at } }: NodeView): Promise<InterfaceCounters | undefined> {
    return this.#counters.load(String(at), id, (ids) => this.services.measurements.countersAt(this.scope, at, ids));
  }

  /** Rates of the latest interval at the moment of the node, from the store of samples. */
  latestRates({ id, there: { at } }: NodeView): Promise<readonly InterfaceRate[]> {
    return this.#rates.load(`at ${at}`, id, (ids) => this.services.measurements.ratesAt(this.scope, at, ids));
  }

  /** Rates in each step of a range. */
  rates({ id }: NodeView, between: TimeRange, stepMs: number): Promise<readonly InterfaceRate[]> {
    const question = JSON.stringify([between, stepMs]);
    return this.#rates.load(question, id, (ids) =>
      this.services.measurements.rates(this.scope, this.services.measurements.rateQuery(between, stepMs), ids),
    );
  }

  /** Earlier revisions, up to the moment of the node. */
  history(node: NodeView, query: HistoryQuery): Promise<ChangePage> {
    const { epoch, seq } = node.there.position;
    return this.#history.load(JSON.stringify([epoch, seq, query]), node, (nodes) =>
      this.services.changes.historyOf(this.scope, nodes, query),
    );
  }
}
