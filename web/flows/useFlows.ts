import { useEffect, useState } from 'react';
import { ask } from '../data/ask.js';
import { note } from '../data/connection.js';
import { type Failure, failureFrom } from '../data/failure.js';
import { listen } from '../data/listen.js';
import { FlowChanges, type FlowRow, Flows } from './documents.js';
import type { FlowFilter } from './filter.js';

/** Flows that are kept on the screen: the latest. */
const MOST_FLOWS = 2_000;

export interface ShownFlows {
  readonly flows: readonly FlowRow[] | undefined;
  /** How many there were when they were read, listed or not. */
  readonly total: number;
  readonly failure: Failure | undefined;
}

/** The flows at an instant, or those of the present as they come and change, unless that is paused. */
export function useFlows(filter: FlowFilter | undefined, at: string | undefined, isPaused: boolean): ShownFlows {
  const [shown, setShown] = useState<ShownFlows>({ flows: undefined, total: 0, failure: undefined });
  const key = JSON.stringify(filter ?? null);
  useEffect(() => {
    const given = JSON.parse(key) as FlowFilter | null;
    const cancellation = new AbortController();
    const byId = new Map<string, FlowRow>();
    const show = (): void => {
      const flows = [...byId.values()].sort((a, b) => (a.last < b.last ? 1 : -1));
      for (const { id } of flows.slice(MOST_FLOWS)) byId.delete(id);
      setShown((before) => ({ ...before, flows: flows.slice(0, MOST_FLOWS), failure: undefined }));
    };
    const fail = (failure: Failure): void => setShown((before) => ({ ...before, failure }));
    const read = (): void => {
      ask(Flows, { filter: given, at: at ?? null }, cancellation.signal)
        .then(({ data, missing }) => {
          // What came live meanwhile may be newer than what was read.
          for (const flow of data.flows?.nodes ?? []) if ((byId.get(flow.id)?.last ?? '') <= flow.last) byId.set(flow.id, flow);
          show();
          setShown((before) => ({ ...before, total: data.flows?.totalCount ?? 0 }));
          if (missing) fail(missing);
        })
        .catch((error: unknown) => cancellation.signal.aborted || fail(failureFrom(error)));
    };
    if (isPaused) return;
    read();
    if (at !== undefined) return () => cancellation.abort();
    let cursor: string | null = null;
    const stop = listen(FlowChanges, () => ({ filter: given, after: cursor }), {
      refused: fail,
      next({ flowChanges: event }) {
        switch (event.__typename) {
          case 'FlowChanges':
            cursor = event.cursor;
            for (const flow of event.flows) byId.set(flow.id, flow);
            return event.flows.length > 0 ? show() : undefined;
          case 'FlowEventsLost':
            note(`${event.count} changes of flows were skipped; they were read again`);
            return read();
          case 'ResyncRequired':
            // The stream ends with it, and is opened anew from now on.
            note(`the flows were read again: ${event.reason}`);
            cursor = null;
            return read();
        }
      },
    });
    return () => {
      cancellation.abort();
      stop();
    };
  }, [key, at, isPaused]);
  return shown;
}
