import type { Cancel, Clock } from '../common/clock.js';
import type { Config } from '../common/config/config.js';
import type { Log } from '../common/log.js';
import type { FlowStore } from '../flowstore/store.js';
import type { HistoryStore } from '../history/store.js';
import type { SampleStore } from '../samples/store.js';

/** How often what is too old is looked for, ms. */
const PRUNE_MS = 600_000;

/** When first, after a start that has other things to do, ms. */
const FIRST_PRUNE_MS = 60_000;

export interface Retention {
  readonly config: Pick<Config, 'history' | 'samples' | 'flows'>;
  readonly history: Pick<HistoryStore, 'resolve' | 'oldest' | 'prune'>;
  readonly samples: Pick<SampleStore, 'prune'>;
  readonly flows: Pick<FlowStore, 'prune'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Drops changes, measurements and flows that are older than they are kept, or too many; what fails of one store holds up none of the others. */
export function keepRetention({ config, history, samples, flows, clock, log }: Retention): Cancel {
  const attempt = async (what: string, drop: () => Promise<void>): Promise<void> => {
    try {
      await drop();
    } catch (error) {
      log.warn({ error: String(error) }, `old ${what} could not be dropped; tried again later`);
    }
  };
  const prune = async (): Promise<void> => {
    const now = clock.now();
    await attempt('changes', async () => {
      const horizon = now - config.history.retention;
      if (history.oldest().at < horizon) await history.prune((await history.resolve(horizon)).position);
    });
    await attempt('measurements', () => samples.prune(now - config.samples.retention));
    await attempt('flows', () => flows.prune(now - config.flows.retention, config.flows.maxBytes));
  };
  // Also where nobody lets it run for long.
  const cancelFirst = clock.after(FIRST_PRUNE_MS, () => void prune());
  const cancelOthers = clock.every(PRUNE_MS, () => void prune());
  return () => {
    cancelFirst();
    cancelOthers();
  };
}
