import { effectiveCapabilities } from '../../linux/capabilities.js';
import { whyNoFilters } from '../../linux/classicBpf.js';
import type { SourceDefinition } from '../source.js';

/** Packets through libpcap: for interfaces whose frames only libpcap knows. */
export const pcap: SourceDefinition = {
  type: 'pcap',
  impossible: () => (effectiveCapabilities().has('NET_RAW') ? whyNoFilters() : 'the agent lacks the capability NET_RAW'),
};
