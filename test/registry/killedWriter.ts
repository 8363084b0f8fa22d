import { systemClock } from '../../src/common/clock.js';
import { EmbeddedRegistry } from '../../src/registry/embedded/registry.js';

/** Writes until it is killed, a line for each write that was answered. */
const registry = new EmbeddedRegistry({ folder: process.argv[2]!, clock: systemClock });
for (let number = 0; ; number += 1) {
  await registry.put('capture', `c${number}`, { number });
  process.stdout.write(`${number}\n`);
}
