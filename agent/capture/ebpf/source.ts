import { release } from 'node:os';
import { effectiveCapabilities } from '../../linux/capabilities.js';
import type { SourceDefinition } from '../source.js';

/** The first Linux whose programs can take an entry that nobody else takes at the same moment. */
const OLDEST: readonly [major: number, minor: number] = [5, 12];

/** Whether a version of Linux (`6.1.0-18-amd64`) is older than this one. */
export function isOlder(version: string, [major, minor]: readonly [major: number, minor: number]): boolean {
  const [ofMajor = 0, ofMinor = 0] = version.split('.').map((part) => Number.parseInt(part, 10));
  return ofMajor < major || (ofMajor === major && ofMinor < minor);
}

/** Flows that the kernel counts itself: for rates at which fetching packets costs too much. */
export const ebpf: SourceDefinition = {
  type: 'ebpf',
  impossible() {
    if (isOlder(release(), OLDEST)) return `flows are counted in the kernel from Linux ${OLDEST.join('.')}, and this is ${release()}`;
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
