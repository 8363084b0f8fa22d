import type { Cancel, Clock } from '../common/clock.js';
import type { Config } from '../common/config/config.js';
import type { Log } from '../common/log.js';
import type { HistoryStore } from '../history/store.js';
import type { SampleStore } from '../samples/store.js';

/** How often what is too old is looked for, ms. */
const PRUNE_MS = 600_000;

export interface Retention {
  readonly config: Pick<Config, 'history' | 'samples'>;
  readonly history: Pick<HistoryStore, 'resolve' | 'oldest' | 'prune'>;
  readonly samples: Pick<SampleStore, 'prune'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Drops changes and measurements that are older than they are kept. */
export function keepRetention({ config, history, samples, clock, log }: Retention): Cancel {
  const prune = async (): Promise<void> => {
    const now = clock.now();
    try {
      const horizon = now - config.history.retention;
      if (history.oldest().at < horizon) await history.prune((await history.resolve(horizon)).position);
      await samples.prune(now - config.samples.retention);
    } catch (error) {
      log.warn({ error: String(error) }, 'old changes or measurements could not be dropped; tried again later');
    }
  };
  return clock.every(PRUNE_MS, () => void prune());
}
