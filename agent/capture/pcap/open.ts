import { CanopyError } from '../../../src/common/errors.js';
import { openLive, type LiveHandle } from '../../linux/livePcap.js';
import type { OpenSource, SourceContext } from '../source.js';

/** Packets of one turn; more wait until the other captures had theirs. */
const PACKETS_AT_ONCE = 2_048;

/** Opens libpcap's own capture of an interface, promiscuous as libpcap's users know it. Throws what libpcap says. */
export function openPcap(context: SourceContext): OpenSource {
  const { place, spec, filter, packets } = context;
  const handle: LiveHandle = context.inPlace(() => openLive(place.interfaceName, spec.headerSize, filter));
  context.watch(handle.fd, () => {
    for (let turn = 0; turn < PACKETS_AT_ONCE; turn++) {
      const packet = handle.next();
      if (packet === undefined) return;
      if (typeof packet === 'string') return context.failed(new CanopyError('UNAVAILABLE', packet, { retriable: true }));
      packets.packet(packet.bytes, 0, packet.bytes.length, packet.wireLength, packet.timeMs, packet.nanos, handle.linkType, 0, 1);
    }
  });
  return {
    counts: () => ({ ...handle.counts(), drops: {} }),
    facts: () => ({ facts: { promiscuous: true, linkType: handle.linkType } }),
    close() {
      context.unwatch(handle.fd);
      handle.close();
    },
  };
}
