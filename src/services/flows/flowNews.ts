import type { FlowBatch } from '../../flow/batch/flowBatch.js';
import type { Flow } from '../../flow/flow.js';
import type { FlowBatchKind } from '../../protocol/flows.js';

/** Flows that were heard of together. They are made of their batch when somebody reads them, and once. */
export class FlowNews {
  private readonly made: Flow[] = [];

  constructor(
    readonly origin: string,
    readonly kind: FlowBatchKind,
    private readonly batch: FlowBatch,
    private readonly clockOffset: number,
    private readonly changedRows: readonly number[],
  ) {}

  get flows(): readonly Flow[] {
    for (let row = 0; row < this.batch.length; row += 1) this.flow(row);
    return this.made;
  }

  /** Those that do not stand as was heard before. */
  get changed(): readonly Flow[] {
    return this.changedRows.map((row) => this.flow(row));
  }

  private flow(row: number): Flow {
    return (this.made[row] ??= onOurClock(this.batch.flow(row), this.clockOffset));
  }
}

/** The flow with its times on our clock, of which the agent's is ahead by `clockOffset`, ms. */
export function onOurClock(flow: Flow, clockOffset: number): Flow {
  if (clockOffset === 0) return flow;
  const shifted = <M extends { readonly Start: number; readonly Last: number }>(metric: M): M => ({
    ...metric,
    Start: shift(metric.Start),
    Last: shift(metric.Last),
  });
  const shift = (at: number): number => (at === 0 ? 0 : at - clockOffset);
  return {
    ...flow,
    ...(flow.LastUpdateMetric && { LastUpdateMetric: shifted(flow.LastUpdateMetric) }),
    ...(flow.Metric && { Metric: shifted(flow.Metric) }),
    Start: shift(flow.Start),
    Last: shift(flow.Last),
  };
}
