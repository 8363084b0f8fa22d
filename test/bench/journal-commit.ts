import { EmbeddedHistory } from '../../src/history/embedded/historyStore.js';
import { percentile, type Figure } from './bench.js';
import { asDelivered } from './asDelivered.js';
import { benchFolder, interfaceDelta, openBenchRecorder } from './journal/fixture.js';

const NODES = 10_000;
const BATCH = 500;
const PER_SECOND = 20_000;
const SECONDS = 20;
/** The first seconds are not counted: every element is new then, and no code is compiled yet. */
const WARM_UP_SECONDS = 2;
/** Elements that the reader looks at in each graph of the past. */
const ELEMENTS_READ = 100;

/** Batches at a steady rate, each timed until it is durable, while a reader asks for the past all the time. */
export const bench = asDelivered(import.meta.url, {
  name: 'journal-commit',
  measures: `ms until ${BATCH} changes are durable, at ${PER_SECOND} changes/s with a reader running`,
  async run(): Promise<readonly Figure[]> {
    const recorder = await openBenchRecorder(benchFolder());
    const history = new EmbeddedHistory(recorder, { cacheBytes: 1 << 27 });
    const times: number[] = [];
    const started = performance.now();
    let isDone = false;
    const reader = (async () => {
      for (let reads = 0; !isDone; reads++) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        const seq = Math.floor(recorder.position().seq * ((reads * 0.37) % 1));
        const view = await history.at(recorder.journal.epochs.positionOf(seq));
        const ids = Array.from({ length: ELEMENTS_READ }, (_, index) => interfaceDelta((reads * 31 + index) % NODES, 0).id);
        for (const id of ids) view.node(id);
        view.release();
        await history.revisions(ids.slice(0, 1), { limit: 50 });
      }
    })();
    const batches = (SECONDS * PER_SECOND) / BATCH;
    const waiting: Promise<void>[] = [];
    for (let batch = 0; batch < batches; batch++) {
      const due = started + (batch * BATCH * 1_000) / PER_SECOND;
      if (due > performance.now()) await new Promise((resolve) => setTimeout(resolve, due - performance.now()));
      const deltas = Array.from({ length: BATCH }, (_, index) => {
        const change = batch * BATCH + index;
        return interfaceDelta((change * 7_919) % NODES, Math.floor(change / NODES));
      });
      const recorded = performance.now();
      const { durable } = recorder.record({ origin: 'agent.bench', deltas, immediate: true });
      const isCounted = batch * BATCH >= WARM_UP_SECONDS * PER_SECOND;
      waiting.push(durable.then(() => void (isCounted && times.push(performance.now() - recorded))));
    }
    await Promise.all(waiting);
    isDone = true;
    await reader;
    await recorder.close();
    return [
      { name: 'journal-commit/p50', value: percentile(times, 50), unit: 'ms' },
      { name: 'journal-commit/p99', value: percentile(times, 99), unit: 'ms' },
    ];
  },
});
