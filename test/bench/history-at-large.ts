import { EmbeddedHistory } from '../../src/history/embedded/historyStore.js';
import { percentile, type Figure } from './bench.js';
import { asDelivered } from './asDelivered.js';
import { openBenchRecorder, writeHistory } from './journal/fixture.js';

const SHAPE = { nodes: 100_000, edges: 150_000, changes: 5_000_000 };
const PLACES = 10;
const CACHE_BYTES = 1 << 27;
/** Changes between a first and a second look: ten seconds of a busy cluster. */
const NEARBY_CHANGES = 20_000;

/** The graph in the middle of a long history of a large graph, with one node's neighbours read; then once more close by. */
export const bench = asDelivered(import.meta.url, {
  name: 'history-at-large',
  measures: 'ms for the graph at T with 100k nodes, 150k edges and 5e6 changes, neighbours of a node read: cold, and a second look nearby',
  async run(): Promise<readonly Figure[]> {
    const recorder = await openBenchRecorder(await writeHistory(SHAPE));
    const first = SHAPE.nodes + SHAPE.edges;
    const cold: number[] = [];
    const near: number[] = [];
    for (let place = 0; place < PLACES; place++) {
      const history = new EmbeddedHistory(recorder, { cacheBytes: CACHE_BYTES });
      const seq = first + Math.floor(((SHAPE.changes - first) * (place + 0.5)) / PLACES);
      cold.push(await look(history, recorder.journal.timeline.atOf(seq)!));
      near.push(await look(history, recorder.journal.timeline.atOf(seq + NEARBY_CHANGES)!));
    }
    await recorder.close();
    return [
      { name: 'history-at-large/cold', value: percentile(cold, 95), unit: 'ms' },
      { name: 'history-at-large/near', value: percentile(near, 95), unit: 'ms' },
    ];
  },
});

async function look(history: EmbeddedHistory, instant: number): Promise<number> {
  const started = performance.now();
  const { position } = await history.resolve(instant);
  const view = await history.at(position);
  if (view.nodeCount !== SHAPE.nodes || view.edgeCount !== SHAPE.edges) throw new Error('the graph is not whole');
  const [edge] = view.outEdges('6d2a4b8e-0000-4000-8000-000000000042');
  if (edge === undefined || view.node(edge.child) === undefined) throw new Error('a neighbour is missing');
  return performance.now() - started;
}
