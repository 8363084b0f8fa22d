import { EmbeddedHistory } from '../../src/history/embedded/historyStore.js';
import { lessIsBetter, percentile, type Figure } from './bench.js';
import { asDelivered } from './asDelivered.js';
import { openBenchRecorder, writeHistory } from './journal/fixture.js';
import { INTERVAL_SCAN_ROWS, intervalScan } from './journal/intervalScan.js';

const SHAPE = { nodes: 10_000, edges: 0, changes: 1_000_000 };
const PLACES = 10;
const CACHE_BYTES = 1 << 27;

/** The graph at ten places in a million changes, each by a history that has seen nothing, and once more with every element read. */
export const bench = asDelivered(import.meta.url, {
  name: 'history-at',
  measures: 'ms for the graph at T, cold, 1e6 changes over 10k elements, against an interval scan of the same rows',
  async run(): Promise<readonly Figure[]> {
    const recorder = await openBenchRecorder(await writeHistory(SHAPE));
    const { oldest, newest } = await span(recorder);
    const times: number[] = [];
    const readTimes: number[] = [];
    const scanTimes: number[] = [];
    for (let place = 0; place < PLACES; place++) {
      const instant = oldest + ((newest - oldest) * (place + 0.5)) / PLACES;
      const history = new EmbeddedHistory(recorder, { cacheBytes: CACHE_BYTES });
      const started = performance.now();
      const { position } = await history.resolve(instant);
      const view = await history.at(position);
      if (view.nodeCount !== SHAPE.nodes) throw new Error(`${view.nodeCount} nodes at place ${place}`);
      times.push(performance.now() - started);
      let read = 0;
      for (const node of view.nodes()) read += node.metadata['MTU'] as number;
      if (read !== SHAPE.nodes * 1_500) throw new Error('an element was read wrongly');
      readTimes.push(performance.now() - started);
      scanTimes.push(intervalScan(recorder.journal, position.seq));
    }
    await recorder.close();
    process.stderr.write(
      `history-at by place: ${times.map((time) => time.toFixed(1)).join(' ')} ms; the scan looked at ${INTERVAL_SCAN_ROWS} rows a time\n`,
    );
    const baseline = percentile(scanTimes, 95);
    return [
      lessIsBetter('history-at', percentile(times, 95), 'ms', baseline),
      { name: 'history-at/read', value: percentile(readTimes, 95), unit: 'ms' },
    ];
  },
});

async function span(recorder: Awaited<ReturnType<typeof openBenchRecorder>>): Promise<{ oldest: number; newest: number }> {
  const { timeline } = recorder.journal;
  return { oldest: timeline.atOf(SHAPE.nodes)!, newest: timeline.atOf(SHAPE.changes)! };
}
