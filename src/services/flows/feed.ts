import { flowPredicate } from '../../flowstore/condition.js';
import type { Flow } from '../../flow/flow.js';
import { badValue } from '../../graph/filter/badValue.js';
import type { Position } from '../../graph/position.js';
import type { Asker } from '../asker.js';
import { Alarm } from '../live/alarm.js';
import { closable } from '../live/closable.js';
import { BOOKMARK_MS } from '../live/defaults.js';
import type { Feed } from '../live/feed.js';
import { requireRight } from '../viewer.js';
import { asksForNodes, flowCondition, type FlowFilter } from './filter.js';
import { flowsSeenNow } from './seenFlows.js';
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
  readonly after?: Position | null;
  readonly batch?: { readonly every?: number | null; readonly max?: number | null } | null;
}

export type FlowEventView =
  | { readonly __typename: 'FlowChanges'; readonly flows: readonly FlowView[]; readonly cursor: Position }
  | { readonly __typename: 'FlowEventsLost'; readonly count: number; readonly after: Position }
  | { readonly __typename: 'ResyncRequired'; readonly reason: string; readonly oldest: Position };

interface Stream {
  readonly filter: FlowFilter | null | undefined;
  readonly after: Position | undefined;
  readonly everyMs: number;
  readonly max: number;
}

/**
 * Flows as they change: of each the latest state waits for the next event; when more wait than an event may hold, the rest is counted and skipped. Begins with
 * what changed since `after`, or with an empty event that says from where on it can be followed.
 */
export function flowFeed(asker: Asker, flows: FlowService, { filter, after, batch }: FlowStreamQuery): Feed<FlowEventView> {
  requireRight(asker.viewer, 'topology', 'read');
  const everyMs = batch?.every ?? EVERY_MS;
  const max = batch?.max ?? BATCH_MAX;
  if (!(everyMs >= LEAST_EVERY_MS)) throw badValue('batch.every', everyMs, `at least ${LEAST_EVERY_MS}ms`);
  if (!Number.isInteger(max) || max < 1 || max > BATCH_MAX_LIMIT) throw badValue('batch.max', max, `1 to ${BATCH_MAX_LIMIT}`);
  // What is wrong with it is said at once.
  matcher(asker, filter);
  const stream = { filter, after: after ?? undefined, everyMs, max };
  return { kind: 'private', [Symbol.asyncIterator]: () => run(asker, flows, stream) };
}

/** Nodes that the filter names are those of the present, and so are those whose flows are seen. */
const matcher = ({ scope }: Asker, filter: FlowFilter | null | undefined): ((flow: Flow) => boolean) =>
  flowPredicate({ kind: 'all', of: [flowsSeenNow(scope), flowCondition(filter, scope.present().graph)] });

function run(asker: Asker, flows: FlowService, { filter, after, everyMs, max }: Stream): AsyncGenerator<FlowEventView> {
  const { clock, live } = flows;
  const alarm = new Alarm(clock);
  let matches = matcher(asker, filter);
  const waiting = new Map<string, Flow>();
  let told = after !== undefined && live.leadsOn(after) ? after : live.position;
  let lost = 0;
  // At one moment with the listening: nothing falls between.
  const missed = live.since(told);
  const stop = live.listen(({ changed: news }) => {
    for (const flow of news) {
      if (!matches(flow)) continue;
      if (waiting.has(flow.UUID) || waiting.size < max) waiting.set(flow.UUID, flow);
      else lost += 1;
    }
  });
  const changes = (changed: readonly Flow[], cursor: Position): FlowEventView => {
    told = cursor;
    asker.scope.onward();
    return { __typename: 'FlowChanges', flows: changed.map((flow) => new FlowView(flow, true, flows)), cursor };
  };
  const events = async function* (): AsyncGenerator<FlowEventView> {
    try {
      if (after !== undefined && !live.leadsOn(after)) {
        const reason = 'what changed since this cursor is not all known any more; subscribe again without it';
        return yield { __typename: 'ResyncRequired', reason, oldest: live.oldest };
      }
      let page: Flow[] = [];
      for (const { flow: read, place } of missed) {
        const flow = read();
        if (!matches(flow)) continue;
        page.push(flow);
        if (page.length < max) continue;
        yield changes(page, { ...told, seq: place });
        page = [];
      }
      yield changes(page, { ...told, seq: missed.at(-1)?.place ?? told.seq });
      let saidAt = clock.monotonic();
      while (!alarm.isClosed) {
        // Nobody reads the event before any more, and nodes have come: what they bring is asked for next.
        asker.scope.onward();
        if (asksForNodes(filter) || asker.scope.sight?.isPartial) matches = matcher(asker, filter);
        await live.refresh();
        if (alarm.isClosed) return;
        // What waits was judged by the nodes of before.
        if (asker.scope.sight?.isPartial) {
          asker.scope.onward();
          matches = matcher(asker, filter);
          for (const [uuid, flow] of waiting) if (!matches(flow)) waiting.delete(uuid);
        }
        const before = told;
        if (waiting.size > 0 || clock.monotonic() - saidAt >= BOOKMARK_MS) {
          const changed = [...waiting.values()];
          waiting.clear();
          saidAt = clock.monotonic();
          yield changes(changed, live.position);
        }
        if (lost > 0) {
          const count = lost;
          lost = 0;
          yield { __typename: 'FlowEventsLost', count, after: before };
        }
        await alarm.sleep(everyMs);
      }
    } finally {
      stop();
    }
  };
  return closable(events(), () => {
    alarm.close();
    // One that was never read has no end of its own.
    stop();
  });
}
