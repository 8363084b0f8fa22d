/** Writes batches and follows them into Neo4j until it is killed; says how many changes are in the database: a process for the crash tests. */
import { systemClock } from '../../../src/common/clock.js';
import { silentLog } from '../../../src/common/log.js';
import { openRecorder } from '../../../src/journal/recorder.js';
import { Random } from '../../simulator/random.js';
import { randomBatch } from '../randomDeltas.js';
import { addressOf } from './server/address.js';
import { project } from './site.js';

const [dataDir, url, seed] = process.argv.slice(2);
const recorder = await openRecorder({ dataDir: dataDir!, clock: systemClock, log: silentLog, limits: { maxTailBytes: 1 << 26 } });
const { projector } = project(recorder, addressOf(url!));
const random = new Random(Number(seed));

for (let told = -1; ;) {
  for (let batch = 0; batch < 10; batch++) recorder.record({ ...randomBatch(random), immediate: true });
  await new Promise((resolve) => setTimeout(resolve, 5));
  const { seq } = projector.status();
  if (seq === told) continue;
  told = seq;
  process.stdout.write(`${seq}\n`);
}
