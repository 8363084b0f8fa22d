import type { Cancel, Clock } from '../common/clock.js';
import type { Log } from '../common/log.js';
import type { HistoryStore } from './store.js';

/** How often what is too old is taken away, ms: in small steps rather than in a large one each night. */
const PRUNE_EVERY_MS = 60_000;

/** Keeps the history no longer than `retentionMs`. */
export function startRetention(history: HistoryStore, clock: Clock, log: Log, retentionMs: number): Cancel {
  let isRunning = false;
  const prune = async (): Promise<void> => {
    const limit = clock.now() - retentionMs;
    if (isRunning || limit <= history.oldest().at) return;
    isRunning = true;
    try {
      const { position } = await history.resolve(limit);
      await history.prune(position);
    } catch (error) {
      log.warn({ error: (error as Error).message }, 'old history could not be taken away; it is tried again');
    } finally {
      isRunning = false;
    }
  };
  return clock.every(PRUNE_EVERY_MS, () => void prune());
}
