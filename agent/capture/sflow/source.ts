import type { SourceDefinition } from '../source.js';

/** Samples of packets and counters that switches send. */
export const sflow: SourceDefinition = {
  type: 'sflow',
  impossible: () => undefined,
};
