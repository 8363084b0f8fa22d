import { CanopyError } from '../../src/common/errors.js';
import type { RingMemoryShare } from './source.js';

/** Takes memory for a ring out of the host's budget. Throws `LIMIT_EXCEEDED`, retriable, when it is not there. */
export function takeRingMemory(rings: RingMemoryShare, bytes: number): void {
  if (rings.take(bytes)) return;
  const { taken, most } = rings;
  throw new CanopyError(
    'LIMIT_EXCEEDED',
    `the host's memory for packet rings is used up: ${bytes} more bytes are needed, ${taken} of ${most} are taken (agent.capture.ringMemory)`,
    { retriable: true, details: { needed: bytes, taken, most } },
  );
}
