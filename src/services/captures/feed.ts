import type { Asker } from '../asker.js';
import type { NodeView } from '../elementView.js';
import { Alarm } from '../live/alarm.js';
import { closable } from '../live/closable.js';
import type { Feed } from '../live/feed.js';
import { nodeViewOf } from '../nodeViews.js';
import { requireRight } from '../viewer.js';
import type { CaptureEvent, CaptureOp, CaptureService } from './captureService.js';
import { activityView, captureView, type ActivityView, type CaptureView } from './views.js';

/** A capture's event as a subscriber sees it. */
export interface ShownCaptureEvent {
  readonly op: CaptureOp;
  readonly capture: CaptureView;
  readonly activity: ActivityView | undefined;
  readonly node: NodeView | undefined;
}

/** Events of captures, the ones that there are first. Of a capture on a node only the latest state waits for a slow reader. */
export function captureEvents(asker: Asker, captures: CaptureService): Feed<ShownCaptureEvent> {
  requireRight(asker.viewer, 'capture', 'read');
  return { kind: 'private', [Symbol.asyncIterator]: () => run(asker, captures) };
}

function run(asker: Asker, captures: CaptureService): AsyncGenerator<ShownCaptureEvent> {
  const alarm = new Alarm(captures.clock);
  const waiting = new Map<string, CaptureEvent>();
  const take = (event: CaptureEvent): void => {
    const key = `${event.op} ${event.capture.id} ${event.activity?.node ?? ''}`;
    waiting.delete(key);
    waiting.set(key, event);
    alarm.ring();
  };
  const stop = captures.listen(take);
  const events = async function* (): AsyncGenerator<ShownCaptureEvent> {
    try {
      for (const capture of await captures.list(asker)) take({ op: 'CREATED', capture });
      while (!alarm.isClosed) {
        for (const [key, event] of waiting) {
          waiting.delete(key);
          yield shown(event, asker);
        }
        if (waiting.size === 0) await alarm.sleep();
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

function shown({ op, capture, activity }: CaptureEvent, { scope }: Asker): ShownCaptureEvent {
  const moment = activity && scope.onward();
  const node = activity && moment?.graph.node(activity.node);
  const nodeView = node && nodeViewOf(node, moment);
  return { op, capture: captureView(capture), activity: activity && activityView(activity, nodeView), node: nodeView };
}
