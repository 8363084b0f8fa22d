import type { MetricsBatch, TopologyEvent } from './events.js';
import type { Feed, LiveServiceContract, MetricsStream, TopologyStream, WatchStream } from './feed.js';
import { ChangeLog, type LogSources } from './log.js';
import { MetricsFeed } from './metricsFeed.js';
import { TopologyFeed } from './topologyFeed.js';
import { WatchFeed } from './watchFeed.js';

/** Streams of the graph as it changes. */
export class LiveService implements LiveServiceContract {
  readonly #log: ChangeLog;

  constructor(sources: LogSources) {
    this.#log = new ChangeLog(sources);
  }

  topologyChanges(stream: TopologyStream): Feed<TopologyEvent> {
    return new TopologyFeed(this.#log, stream);
  }

  watch<Value>(stream: WatchStream<Value>): Feed<Value> {
    return new WatchFeed(this.#log, stream);
  }

  metrics(stream: MetricsStream): Feed<MetricsBatch> {
    return new MetricsFeed(this.#log, stream);
  }

  /** Stops listening to the recorder. Streams that still run hear nothing any more. */
  close(): void {
    this.#log.close();
  }
}
