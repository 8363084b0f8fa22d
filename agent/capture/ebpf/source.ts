import { effectiveCapabilities } from '../../linux/capabilities.js';
import type { SourceDefinition } from '../source.js';

/** Flows that the kernel counts itself: for rates at which fetching packets costs too much. */
export const ebpf: SourceDefinition = {
  type: 'ebpf',
  impossible() {
    const effective = effectiveCapabilities();
    if (!effective.has('NET_RAW')) return 'the agent lacks the capability NET_RAW';
    return effective.has('BPF') || effective.has('SYS_ADMIN') ? undefined : 'the agent lacks the capability BPF (or SYS_ADMIN)';
  },
  refuses({ rawPacketLimit, ipDefrag, reassembleTcp, targetType }) {
    if (rawPacketLimit > 0 || ipDefrag || reassembleTcp)
      return 'a capture of the type ebpf counts in the kernel and keeps no packets: raw packets, defragmentation and reassembly need afpacket';
    return targetType === 'erspanv1' ? 'packets that are counted in the kernel cannot be mirrored' : undefined;
  },
};
