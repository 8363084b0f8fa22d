import type { Cancel, Clock } from '../src/common/clock.js';
import type { Log } from '../src/common/log.js';
import type { ElementChange } from '../src/graph/change.js';
import type { Delta, PutEdge, PutNode } from '../src/graph/delta.js';
import type { Revision } from '../src/graph/element.js';
import { LiveGraph, type GraphStats } from '../src/graph/liveGraph.js';
import type { GraphView } from '../src/graph/view.js';

/** Milliseconds between looks at what the governor held long enough. */
const TICK = 100;

/** The agent's own graph: what the probes say goes in, what became of it goes to the analyzer. */
export class PublishedGraph {
  private readonly graph: LiveGraph;
  private readonly cancelTick: Cancel;
  private cancelRest: Cancel | undefined;
  private rejected = 0;

  constructor(
    private readonly options: {
      readonly origin: string;
      readonly clock: Clock;
      readonly log: Log;
      /** Takes deltas that belong together. */
      readonly publish: (deltas: readonly Delta[]) => void;
    },
  ) {
    const { clock } = options;
    this.graph = new LiveGraph({ now: () => clock.now() });
    this.cancelTick = clock.every(TICK, () => this.tick());
  }

  apply(deltas: readonly Delta[]): void {
    const { changes, measured, rejected } = this.graph.apply({ origin: this.options.origin, deltas });
    for (const { index, code, message } of rejected) {
      this.rejected++;
      this.options.log.warn({ delta: deltas[index], code }, `a probe wrote what cannot be: ${message}`);
    }
    this.publish(
      changes,
      measured.map(({ id, values }) => ({ op: 'measure', id, values })),
    );
  }

  /** All of it as it was published last: nodes first. */
  *picture(): Generator<PutNode | PutEdge> {
    for (const { revision, isSuspended } of this.graph.elementsOf(this.options.origin)) if (!isSuspended) yield asPut(revision, true);
  }

  /** The agent's graph as it is now. Release it. */
  view(): GraphView {
    return this.graph.view();
  }

  stats(): GraphStats & { readonly rejected: number } {
    return { ...this.graph.stats(), rejected: this.rejected };
  }

  close(): void {
    this.cancelTick();
    this.cancelRest?.();
  }

  private tick(): void {
    this.cancelRest?.();
    this.publish(this.graph.tick());
    // Others have their turn in between.
    this.cancelRest = this.graph.hasDue() ? this.options.clock.after(0, () => this.tick()) : undefined;
  }

  private publish(changes: readonly ElementChange[], measured: readonly Delta[] = []): void {
    const deltas = [...changes.flatMap(asDeltas), ...measured];
    if (deltas.length > 0) this.options.publish(deltas);
  }
}

/** A change as the analyzer is told of it. Rows go as rows: a table may be large. */
function asDeltas({ op, element, before, rows }: ElementChange): readonly Delta[] {
  if (op === 'removed') return [{ op: 'remove', id: element.id }];
  if (op === 'suspended') return [];
  if (op === 'added') return [asPut(element, true)];
  const deltas: Delta[] = before?.base === element.base ? [] : [asPut(element, false)];
  for (const [table, changed] of Object.entries(rows ?? {})) {
    const entries = Object.entries(changed);
    const put = entries.flatMap(([key, row]) => (row === null ? [] : [[key, row] as const]));
    const remove = entries.flatMap(([key, row]) => (row === null ? [key] : []));
    deltas.push({ op: 'rows', id: element.id, table, put, remove });
  }
  return deltas;
}

function asPut(revision: Revision, withTables: boolean): PutNode | PutEdge {
  const { id, host, base: metadata } = revision;
  if (revision.kind === 'edge') return { op: 'putEdge', id, host, parent: revision.parent, child: revision.child, metadata };
  if (!withTables || revision.tables === undefined) return { op: 'putNode', id, host, metadata };
  const tables = Object.fromEntries(Object.entries(revision.tables).map(([name, table]) => [name, Object.fromEntries(table.entries())]));
  return { op: 'putNode', id, host, metadata, tables };
}
