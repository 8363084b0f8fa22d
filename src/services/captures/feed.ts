import type { Position } from '../../graph/position.js';
import type { Asker } from '../asker.js';
import type { NodeView } from '../elementView.js';
import { Alarm } from '../live/alarm.js';
import { closable } from '../live/closable.js';
import type { Feed } from '../live/feed.js';
import { nodeViewOf } from '../nodeViews.js';
import { requireRight } from '../viewer.js';
import { mayKnow, type CaptureOp, type CaptureService } from './captureService.js';
import type { CaptureNews } from './log.js';
import { activityView, captureView, type ActivityView, type CaptureView } from './views.js';

/** A capture's event as a subscriber sees it. */
export interface ShownCaptureEvent {
  /** `RESET`: what was known is to be forgotten, what there is follows. */
  readonly op: CaptureOp | 'RESET';
  readonly capture: CaptureView | undefined;
  readonly activity: ActivityView | undefined;
  readonly node: NodeView | undefined;
  readonly cursor: Position;
}

/**
 * What happens to captures: what there is first, or what happened since `after`, where that is still known. Of a capture on a node only the latest state waits for a
 * slow reader.
 */
export function captureEvents(asker: Asker, captures: CaptureService, after: Position | undefined): Feed<ShownCaptureEvent> {
  requireRight(asker.viewer, 'capture', 'read');
  return { kind: 'private', [Symbol.asyncIterator]: () => run(asker, captures, after) };
}

function run(asker: Asker, captures: CaptureService, after: Position | undefined): AsyncGenerator<ShownCaptureEvent> {
  const alarm = new Alarm(captures.clock);
  const stop = captures.listen(() => alarm.ring());
  const events = async function* (): AsyncGenerator<ShownCaptureEvent> {
    try {
      // Only then is all known that is kept.
      await captures.list(asker);
      const { log } = captures;
      let told = log.position;
      let waiting: readonly CaptureNews[];
      if (after !== undefined && log.leadsOn(after)) waiting = log.since(after);
      else {
        waiting = log.standing();
        if (after !== undefined)
          yield { op: 'RESET', capture: undefined, activity: undefined, node: undefined, cursor: log.positionOf({ place: 0 }) };
      }
      while (!alarm.isClosed) {
        for (const news of waiting)
          if (log.isNewest(news) && mayKnow(asker.viewer, news.event.capture)) yield shown(news, log.positionOf(news), asker);
        waiting = log.since(told);
        told = log.position;
        if (waiting.length === 0) await alarm.sleep();
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

function shown({ event: { op, capture, activity } }: CaptureNews, cursor: Position, { scope }: Asker): ShownCaptureEvent {
  const moment = activity && scope.onward();
  const node = activity && moment?.graph.node(activity.node);
  const nodeView = node && nodeViewOf(node, moment);
  return { op, capture: captureView(capture), activity: activity && activityView(activity, nodeView), node: nodeView, cursor };
}
