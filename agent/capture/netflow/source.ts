import type { SourceDefinition } from '../source.js';

/** Flows that exporters count: NetFlow version 5 and 9, and IPFIX. */
export const netflow: SourceDefinition = {
  type: 'netflow',
  impossible: () => undefined,
  refuses: ({ bpf, rawPacketLimit }) =>
    bpf !== ''
      ? 'records of flows cannot be filtered like packets; leave the filter empty'
      : rawPacketLimit > 0
        ? 'records of flows come without packets; ask for no raw packets'
        : undefined,
};
