import { systemClock } from '../../../src/common/clock.js';
import { configWith } from '../../../src/common/config/load.js';
import { silentLog } from '../../../src/common/log.js';
import { startAnalyzer } from '../../../src/server/analyzer.js';

/** An analyzer in a process of its own, over the folder that is its argument; tells its URL when it serves. */
const config = configWith({
  listen: '127.0.0.1:0',
  dataDir: process.argv[2],
  'quota.elements': 1_000_000,
  'quota.metadataBytes': 1024 ** 3,
  'quota.changesPerSecond': 1_000_000,
  'limits.connections': 10_000,
});
const analyzer = await startAnalyzer(config, { clock: systemClock, log: silentLog });
process.send?.(analyzer.url);
process.on('disconnect', () => void analyzer.stop().finally(() => process.exit(0)));
