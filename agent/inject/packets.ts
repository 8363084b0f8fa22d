import { CanopyError } from '../../src/common/errors.js';
import { readPcap } from '../../src/flow/pcap/readPcap.js';
import type { Inject } from '../../src/protocol/injection.js';
import { LINK_TYPE } from '../linux/interface.js';
import { openForge } from './forge.js';

/** What one injection sends. */
export interface Packets {
  /** How many in all. */
  readonly count: number;
  /** The packet of this number, from 0 on; asked for in order. */
  at(number: number): Buffer;
}

/** Throws `BAD_INPUT` for what cannot be made, or a file that is none. */
export function packetsOf(inject: Inject, linkType: number): Packets {
  const hasLinkLayer = linkType === LINK_TYPE.ethernet;
  if (inject.pcap === undefined) {
    const forge = openForge(inject, hasLinkLayer);
    return { count: Math.max(1, inject.count), at: () => forge.next() };
  }
  const packets: Buffer[] = [];
  const { problem } = readPcap(inject.pcap, {
    packet: (bytes, offset, captured, _wire, _timeMs, _nanos, packetLinkType) => {
      if ((packetLinkType === LINK_TYPE.ethernet) !== hasLinkLayer)
        throw new CanopyError('BAD_INPUT', `the file has packets of link type ${packetLinkType}, the interface needs ${linkType}`);
      packets.push(Buffer.from(bytes.slice(offset, offset + captured)));
    },
  });
  if (problem !== undefined) throw new CanopyError('BAD_INPUT', `the file cannot be replayed: ${problem}`);
  if (packets.length === 0) throw new CanopyError('BAD_INPUT', 'the file has no packets');
  return { count: inject.count === 0 ? packets.length : inject.count, at: (number) => packets[number % packets.length]! };
}
