import { effectiveCapabilities } from '../../linux/capabilities.js';
import type { SourceDefinition } from '../source.js';

/** Packets of an interface by a ring that the kernel fills: the default. */
export const afpacket: SourceDefinition = {
  type: 'afpacket',
  impossible: () => (effectiveCapabilities().has('NET_RAW') ? undefined : 'the agent lacks the capability NET_RAW'),
};
