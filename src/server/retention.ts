import type { Cancel, Clock } from '../common/clock.js';
import type { Config } from '../common/config/config.js';
import type { Log } from '../common/log.js';
import type { FlowStore } from '../flowstore/store.js';
import type { HistoryStore } from '../history/store.js';
import type { SampleStore } from '../samples/store.js';

/** How often what is too old is looked for, ms. */
const PRUNE_MS = 600_000;

export interface Retention {
  readonly config: Pick<Config, 'history' | 'samples' | 'flows'>;
  readonly history: Pick<HistoryStore, 'resolve' | 'oldest' | 'prune'>;
  readonly samples: Pick<SampleStore, 'prune'>;
  readonly flows: Pick<FlowStore, 'prune'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Drops changes, measurements and flows that are older than they are kept. */
export function keepRetention({ config, history, samples, flows, clock, log }: Retention): Cancel {
  const prune = async (): Promise<void> => {
    const now = clock.now();
    try {
      const horizon = now - config.history.retention;
      if (history.oldest().at < horizon) await history.prune((await history.resolve(horizon)).position);
      await samples.prune(now - config.samples.retention);
      await flows.prune(now - config.flows.retention, config.flows.maxBytes);
    } catch (error) {
      log.warn({ error: String(error) }, 'old changes, measurements or flows could not be dropped; tried again later');
    }
  };
  return clock.every(PRUNE_MS, () => void prune());
}
