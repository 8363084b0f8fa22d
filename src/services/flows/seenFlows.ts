import { EVERY_FLOW, type FlowCondition } from '../../flowstore/condition.js';
import type { Flow } from '../../flow/flow.js';
import type { FlowSpan } from '../../flowstore/store.js';
import type { ReadScope } from '../readScope.js';
import type { SeenHistory, SeenSpan } from '../sight/seenHistory.js';
import { seenTids } from '../sight/sightedView.js';

/**
 * Which flows are seen: those whose capture node is seen now or, of the past, was seen throughout the part of the span in which the flow was there. Flows of no
 * node, as of an imported file, are seen only by who sees everything.
 */
export async function flowsSeen(history: SeenHistory, scope: ReadScope, span: FlowSpan | undefined): Promise<FlowCondition> {
  const { sight } = scope;
  if (span === undefined || !sight?.isPartial) return flowsSeenNow(scope);
  const always: string[] = [];
  const parts: FlowCondition[] = [];
  for (const [tid, spans] of (await history.spans(sight, span)).ofTids()) {
    if (spans.some((one) => one.from === -Infinity && one.to === Infinity)) always.push(tid);
    else parts.push({ kind: 'all', of: [capturedOn([tid]), { kind: 'any', of: spans.map(lastingWithin) }] });
  }
  return { kind: 'any', of: [capturedOn(always), ...parts] };
}

/** Flows of the present that are seen. */
export const flowsSeenNow = (scope: ReadScope): FlowCondition =>
  scope.sight?.isPartial ? capturedOn([...seenTids(scope.present().graph)]) : EVERY_FLOW;

/** Of these flows those whose node was seen as long as they lasted: only then is what was kept of their packets. */
export async function whollySeen<F extends Flow>(history: SeenHistory, { sight }: ReadScope, flows: readonly F[]): Promise<readonly F[]> {
  if (!sight?.isPartial || flows.length === 0) return flows;
  const [from, to] = [Math.min(...flows.map(({ Start }) => Start)), Math.max(...flows.map(({ Last }) => Last))];
  const spans = (await history.spans(sight, { from, to })).ofTids();
  const within = ({ Start, Last }: Flow, one: SeenSpan): boolean => one.from <= Start && Last <= one.to;
  return flows.filter((flow) => spans.get(flow.NodeTID ?? '')?.some((one) => within(flow, one)) ?? false);
}

const capturedOn = (tids: readonly string[]): FlowCondition => ({ kind: 'text', field: 'nodeTid', filter: { in: tids } });

const lastingWithin = ({ from, to }: SeenSpan): FlowCondition => ({
  kind: 'all',
  of: [
    ...(from === -Infinity ? [] : [{ kind: 'number', fields: ['start'], filter: { gte: from } } as const]),
    ...(to === Infinity ? [] : [{ kind: 'number', fields: ['last'], filter: { lte: to } } as const]),
  ],
});
