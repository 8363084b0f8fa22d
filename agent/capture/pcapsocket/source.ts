import type { SourceDefinition } from '../source.js';

/** Packets that somebody sends as a stream in the form of a pcap file: `tcpdump -w - | nc HOST PORT`. */
export const pcapsocket: SourceDefinition = {
  type: 'pcapsocket',
  impossible: () => undefined,
};
