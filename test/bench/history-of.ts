import { EmbeddedHistory } from '../../src/history/embedded/historyStore.js';
import { percentile, type Figure } from './bench.js';
import { asDelivered } from './asDelivered.js';
import { openBenchRecorder, writeHistory } from './journal/fixture.js';

const SHAPE = { nodes: 10_000, edges: 0, changes: 1_000_000 };
const ELEMENTS = 50;
const ROUNDS = 20;

/** Every change of fifty elements, other ones each time, with everything in it decoded. */
export const bench = asDelivered(import.meta.url, {
  name: 'history-of',
  measures: 'ms for the whole history of 50 elements among 1e6 changes',
  async run(): Promise<readonly Figure[]> {
    const recorder = await openBenchRecorder(await writeHistory(SHAPE));
    const history = new EmbeddedHistory(recorder, { cacheBytes: 1 << 27 });
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const ids = Array.from(
        { length: ELEMENTS },
        (_, index) => `6d2a4b8e-0000-4000-8000-${String(round * ELEMENTS + index * 3).padStart(12, '0')}`,
      );
      const started = performance.now();
      const histories = await history.revisions(ids);
      times.push(performance.now() - started);
      for (const changes of histories)
        if (changes.length !== SHAPE.changes / SHAPE.nodes) throw new Error(`${changes.length} changes of an element`);
    }
    await recorder.close();
    return [{ name: 'history-of', value: percentile(times, 95), unit: 'ms' }];
  },
});
