/** Writes batches until it is killed, and says on standard output which of them were acknowledged: a process for the crash tests. */
import { systemClock } from '../../src/common/clock.js';
import { silentLog } from '../../src/common/log.js';
import { openRecorder } from '../../src/journal/recorder.js';

const [dataDir, firstText] = process.argv.slice(2);
const recorder = await openRecorder({ dataDir: dataDir!, clock: systemClock, log: silentLog, limits: { maxTailBytes: 1 << 26 } });
const origin = 'agent.crash';

for (let number = Number(firstText); ; number++) {
  const deltas = Array.from({ length: 20 }, (_, index) => ({
    op: 'putNode' as const,
    id: `node-${(number * 20 + index) % 500}`,
    host: 'h',
    metadata: { Type: 'device', Name: `eth${index}`, Number: number },
  }));
  const { durable, position } = recorder.record({ origin, deltas, immediate: true }, { origin, incarnation: 'one', lastDelta: number });
  void durable.then(() => process.stdout.write(`${number} ${position.epoch} ${position.seq}\n`));
  if (number % 5 === 0) await new Promise((resolve) => setImmediate(resolve));
  if (recorder.isFull) await durable;
}
