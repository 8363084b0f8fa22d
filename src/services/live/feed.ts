import type { Position } from '../../graph/position.js';
import type { MetricsBatch, TopologyEvent } from './events.js';
import type { Sight } from '../sight/sight.js';
import type { LiveScope } from './scope.js';

/** What a subscription to the topology asks for. */
export interface TopologyStream {
  readonly scope: LiveScope;
  /** Through whose eyes; everything is seen without one. */
  readonly sight?: Sight;
  /** Continue after this position; left out: begin with a snapshot. */
  readonly after: Position | undefined;
  /** Least milliseconds between two batches; the first after a quiet moment does not wait. */
  readonly everyMs: number;
  /** Most changes in a batch; one delta batch is never split, so a single large one may exceed it. */
  readonly maxChanges: number;
}

/** What is looked at again and again, and sent when it is different. */
export interface WatchStream<Value> {
  /** Least milliseconds between two looks. */
  readonly everyMs: number;
  /**
   * Look only when the graph has changed since the last look, or when so many milliseconds have passed without: what is measured changes
   * without a change of the graph. Left out: look each time.
   */
  readonly quietMs?: number;
  read(): Promise<Value> | Value;
  /** Equal texts: not sent again. Leave out what changes by itself, such as the instant of the look. */
  fingerprint(value: Value): string;
  /** Called once for each value that was read, when nobody looks at it any more: lets go of the views that it reads from. */
  release?(value: Value): void;
}

/** What a subscription to measurements asks for. */
export interface MetricsStream {
  readonly scope: LiveScope;
  readonly sight?: Sight;
  readonly everyMs: number;
}

/**
 * What a subscription resolver returns. Iterating it is one private subscription, as any GraphQL server would run it; the server of the
 * analyzer instead shares one feed among all who ask for the same.
 */
export interface Feed<Event> extends AsyncIterable<Event> {
  /**
   * `log`: has positions, can be resumed. `state`: only the newest event matters; who is slow skips, who joins gets the newest.
   * `samples`: the first event says what is known, later ones what came since; who is slow skips.
   * `private`: each event goes on from the one before, without positions; everybody has a run of their own, and who is slow holds it up.
   */
  readonly kind: 'log' | 'state' | 'samples' | 'private';
}

/** Streams of the graph as it changes. The class `LiveService` keeps it. */
export interface LiveServiceContract {
  topologyChanges(stream: TopologyStream): Feed<TopologyEvent>;
  watch<Value>(stream: WatchStream<Value>): Feed<Value>;
  metrics(stream: MetricsStream): Feed<MetricsBatch>;
}
