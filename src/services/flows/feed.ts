import { flowPredicate } from '../../flowstore/condition.js';
import type { Flow } from '../../flow/flow.js';
import { badValue } from '../../graph/filter/badValue.js';
import type { Asker } from '../asker.js';
import { Alarm } from '../live/alarm.js';
import { closable } from '../live/closable.js';
import type { Feed } from '../live/feed.js';
import { requireRight } from '../viewer.js';
import { flowCondition, type FlowFilter } from './filter.js';
import type { FlowService } from './flowService.js';
import { FlowView } from './flowView.js';

/** Milliseconds between two events unless asked for otherwise, and at least: agents are asked for each. */
const EVERY_MS = 1_000;
const LEAST_EVERY_MS = 250;
/** Flows in one event unless asked for otherwise, and at most. */
const BATCH_MAX = 500;
const BATCH_MAX_LIMIT = 10_000;

export interface FlowStreamQuery {
  readonly filter?: FlowFilter | null;
  readonly batch?: { readonly every?: number | null; readonly max?: number | null } | null;
}

export type FlowEventView =
  | { readonly __typename: 'FlowChanges'; readonly flows: readonly FlowView[] }
  | { readonly __typename: 'FlowEventsLost'; readonly count: number };

/** Flows as they change: of each the latest state waits for the next event; when more wait than an event may hold, the rest is counted and skipped. */
export function flowFeed(asker: Asker, flows: FlowService, { filter, batch }: FlowStreamQuery): Feed<FlowEventView> {
  requireRight(asker.viewer, 'topology', 'read');
  const everyMs = batch?.every ?? EVERY_MS;
  const max = batch?.max ?? BATCH_MAX;
  if (!(everyMs >= LEAST_EVERY_MS)) throw badValue('batch.every', everyMs, `at least ${LEAST_EVERY_MS}ms`);
  if (!Number.isInteger(max) || max < 1 || max > BATCH_MAX_LIMIT) throw badValue('batch.max', max, `1 to ${BATCH_MAX_LIMIT}`);
  const matches = flowPredicate(flowCondition(filter, asker.scope.present().graph));
  return { kind: 'private', [Symbol.asyncIterator]: () => run(flows, matches, everyMs, max, asker) };
}

function run(
  flows: FlowService,
  matches: (flow: Flow) => boolean,
  everyMs: number,
  max: number,
  asker: Asker,
): AsyncGenerator<FlowEventView> {
  const alarm = new Alarm(flows.clock);
  const waiting = new Map<string, Flow>();
  let lost = 0;
  const stop = flows.live.listen(({ flows: news }) => {
    for (const flow of news) {
      if (!matches(flow)) continue;
      if (waiting.has(flow.UUID) || waiting.size < max) waiting.set(flow.UUID, flow);
      else lost += 1;
    }
  });
  const events = async function* (): AsyncGenerator<FlowEventView> {
    try {
      while (!alarm.isClosed) {
        await flows.live.refresh();
        if (alarm.isClosed) return;
        if (waiting.size > 0) {
          const changed = [...waiting.values()];
          waiting.clear();
          asker.scope.forward();
          yield { __typename: 'FlowChanges', flows: changed.map((flow) => new FlowView(flow, true, flows)) };
        }
        if (lost > 0) {
          const count = lost;
          lost = 0;
          yield { __typename: 'FlowEventsLost', count };
        }
        await alarm.sleep(everyMs);
      }
    } finally {
      stop();
    }
  };
  return closable(events(), () => alarm.close());
}
