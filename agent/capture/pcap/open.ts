import { CanopyError } from '../../../src/common/errors.js';
import { PacketBatch } from '../../../src/flow/packetBatch.js';
import { openLive, type LiveHandle } from '../../linux/livePcap.js';
import type { OpenSource, SourceContext } from '../source.js';

/** Packets of one turn; more wait until the other captures had theirs. */
const PACKETS_AT_ONCE = 2_048;
/** Bytes of packets that go to their flows together: libpcap lends one at a time. A packet may be as long as libpcap's longest. */
const ROOM = 512 * 1024;

/** Opens libpcap's own capture of an interface, promiscuous as libpcap's users know it. Throws what libpcap says. */
export function openPcap(context: SourceContext): OpenSource {
  const { place, spec, filter, packets } = context;
  const handle: LiveHandle = context.inPlace(() => openLive(place.interfaceName, spec.headerSize, filter));
  const room = new Uint8Array(ROOM);
  const batch = new PacketBatch(packets);
  batch.begin(room);
  let received = 0;
  const read = (): string | undefined => {
    let used = 0;
    for (let turn = 0; turn < PACKETS_AT_ONCE; turn++) {
      const packet = handle.next();
      if (packet === undefined || typeof packet === 'string') return packet;
      const { bytes, wireLength, timeMs, nanos } = packet;
      if (batch.size === 0) used = 0;
      else if (used + bytes.length > ROOM) {
        batch.deliver();
        used = 0;
      }
      room.set(bytes, used);
      batch.add(used, bytes.length, wireLength, timeMs, nanos, handle.linkType, 0, 1);
      used += bytes.length;
      received++;
    }
    return undefined;
  };
  context.watch(handle.fd, () => {
    const failure = read();
    batch.deliver();
    if (failure !== undefined) context.failed(new CanopyError('UNAVAILABLE', failure, { retriable: true }));
  });
  return {
    counts: () => ({ ...handle.counts(), received, drops: {} }),
    facts: () => ({ facts: { promiscuous: true, linkType: handle.linkType } }),
    close() {
      context.unwatch(handle.fd);
      handle.close();
    },
  };
}
