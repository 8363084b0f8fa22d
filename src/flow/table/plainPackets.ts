import { LINK_TYPE } from '../decode/dissect.js';
import { ENDPOINT, TCP_FLAG } from '../decode/slice.js';
import { BATCH, MOST_PACKETS, type PacketBatch } from '../packetBatch.js';
import { KIND } from './columns.js';
import { conversationHash, endHash, foldAddress } from './endHash.js';
import type { FlowTableOptions } from './options.js';

/** What is known of each packet of a batch, in 32-bit words: numbers and no object, whose fields would be loaded at each use. */
export const SEEN = {
  words: 16,
  /** As in `HOT.kind`; `none` for packets that are not plain. */
  kind: 0,
  hash: 1,
  ports: 2,
  sourceMacHigh: 3,
  targetMacHigh: 4,
  macLows: 5,
  /** Of IPv4; of IPv6 where the two addresses begin in the packet. */
  source: 6,
  target: 7,
  tcpFlags: 8,
  /** The first row of its hash, -1 where there is none. */
  row: 9,
  none: 0,
} as const;

// Numbers of this module's own: what another one exports is loaded and checked anew at each use.
const { ethernet: ETHERNET } = LINK_TYPE;
const { ipv4: KIND_IPV4, ipv6: KIND_IPV6 } = ENDPOINT;
const KIND_MAC = KIND.mac;
const KIND_TCP = ENDPOINT.tcp << KIND.transportShift;
const KIND_UDP = ENDPOINT.udp << KIND.transportShift;
const { words: BATCH_WORDS, offset: OFFSET, captured: CAPTURED, linkType: LINK } = BATCH;
const {
  words: SEEN_WORDS,
  kind: SEEN_KIND,
  hash: SEEN_HASH,
  ports: SEEN_PORTS,
  sourceMacHigh: SEEN_SOURCE_MAC_HIGH,
  targetMacHigh: SEEN_TARGET_MAC_HIGH,
  macLows: SEEN_MAC_LOWS,
  source: SEEN_SOURCE,
  target: SEEN_TARGET,
  tcpFlags: SEEN_TCP_FLAGS,
  none: NONE,
} = SEEN;

const ETHERNET_LENGTH = 14;
const IPV4 = 0x0800;
const IPV6 = 0x86dd;
const VLAN = 0x8100;
const SERVICE_VLAN = 0x88a8;
/** Version 4, and a header of five words: no options. */
const IPV4_PLAIN = 0x45;
const IPV4_LENGTH = 20;
const IPV6_LENGTH = 40;
const MORE_FRAGMENTS_OR_OFFSET = 0x3fff;
const TCP = 6;
const UDP = 17;
const TCP_LENGTH = 20;
const UDP_LENGTH = 8;
/** A TCP header with the options that nearly every segment has: two fillers and a timestamp of ten bytes (RFC 7323, appendix A). */
const TCP_STAMPED_LENGTH = 32;
const STAMP_OPTIONS = 0x0101_080a;
const VLAN_TAG_LENGTH = 4;
/** Segments that say more than how many bytes there are. */
export const SAYS_SOMETHING = TCP_FLAG.syn | TCP_FLAG.fin | TCP_FLAG.rst;

/** Reads of plain packets what their flows are looked up by: TCP and UDP in IP in Ethernet, with or without tags. */
export class PlainPackets {
  /** All bits where MACs are part of the keys, none where they are not. */
  private readonly macMask: number;
  /** Flags of TCP of which more is kept than is counted. */
  private readonly tellingFlags: number;
  /** `SEEN.words` for each packet of a batch. */
  readonly seen = new Int32Array(MOST_PACKETS * SEEN_WORDS);

  constructor(
    private readonly seed: number,
    preferL2: boolean,
    private readonly layerByUdpPort: Uint8Array,
    { extraTcpMetric }: FlowTableOptions,
  ) {
    this.macMask = preferL2 ? -1 : 0;
    this.tellingFlags = extraTcpMetric ? SAYS_SOMETHING : 0;
  }

  /** Reads of each packet what is needed to find its row: all in one loop, so that the work for one goes on while another's waits for memory. */
  look({ view, bytes, words, size }: PacketBatch): void {
    const { seen, layerByUdpPort, tellingFlags, macMask, seed } = this;
    const bytesEnd = bytes.length;
    for (let packet = 0; packet < size; packet++) {
      const at = packet * BATCH_WORDS;
      const to = packet * SEEN_WORDS;
      seen[to + SEEN_KIND] = NONE;
      if (words[at + LINK] !== ETHERNET) continue;
      const offset = words[at + OFFSET]!;
      let ip = (offset + ETHERNET_LENGTH) | 0;
      let end = (offset + words[at + CAPTURED]!) | 0;
      if (end < ip + IPV4_LENGTH + UDP_LENGTH || end > bytesEnd) continue;
      let etherType = view.getUint16(offset + 12);
      // Tags are part of no key: a flow has those of its first packet.
      while ((etherType === VLAN || etherType === SERVICE_VLAN) && end >= ip + VLAN_TAG_LENGTH + IPV4_LENGTH + UDP_LENGTH) {
        etherType = view.getUint16(ip + 2);
        ip = (ip + VLAN_TAG_LENGTH) | 0;
      }
      let kind: number;
      let upper: number;
      let protocol: number;
      let source: number;
      let target: number;
      if (etherType === IPV4) {
        if (view.getUint8(ip) !== IPV4_PLAIN || (view.getUint16(ip + 6) & MORE_FRAGMENTS_OR_OFFSET) !== 0) continue;
        const ipEnd = (ip + view.getUint16(ip + 2)) | 0;
        if (ipEnd < end) end = ipEnd;
        protocol = view.getUint8(ip + 9);
        source = view.getInt32(ip + 12);
        target = view.getInt32(ip + 16);
        seen[to + SEEN_SOURCE] = source;
        seen[to + SEEN_TARGET] = target;
        kind = KIND_IPV4;
        upper = (ip + IPV4_LENGTH) | 0;
      } else if (etherType === IPV6 && end >= ip + IPV6_LENGTH) {
        const ipEnd = (ip + IPV6_LENGTH + view.getUint16(ip + 4)) | 0;
        if (ipEnd < end) end = ipEnd;
        protocol = view.getUint8(ip + 6);
        source = foldAddress(seed, view.getInt32(ip + 8), view.getInt32(ip + 12), view.getInt32(ip + 16), view.getInt32(ip + 20));
        target = foldAddress(seed, view.getInt32(ip + 24), view.getInt32(ip + 28), view.getInt32(ip + 32), view.getInt32(ip + 36));
        seen[to + SEEN_SOURCE] = ip + 8;
        seen[to + SEEN_TARGET] = ip + 24;
        kind = KIND_IPV6;
        upper = (ip + IPV6_LENGTH) | 0;
      } else continue;

      // What is too short includes lengths of 0, which mean something else.
      if (end < upper + UDP_LENGTH) continue;
      const ports = view.getInt32(upper);
      let flags = 0;
      if (protocol === TCP) {
        if (end < upper + TCP_LENGTH) continue;
        const headerLength = (view.getUint8(upper + 12) >> 4) << 2;
        if (headerLength !== TCP_LENGTH) {
          if (headerLength !== TCP_STAMPED_LENGTH || end < upper + TCP_STAMPED_LENGTH) continue;
          if (view.getInt32(upper + TCP_LENGTH) !== STAMP_OPTIONS) continue;
        }
        flags = view.getUint8(upper + 13);
        if ((flags & tellingFlags) !== 0) continue;
        kind |= KIND_TCP;
      } else if (protocol === UDP) {
        if (view.getUint16(upper + 4) < UDP_LENGTH) continue;
        if ((layerByUdpPort[ports >>> 16]! | layerByUdpPort[ports & 0xffff]!) !== 0) continue;
        kind |= KIND_UDP;
      } else continue;

      kind |= KIND_MAC & macMask;
      const targetMacHigh = view.getInt32(offset) & macMask;
      const sourceMacHigh = view.getInt32(offset + 6) & macMask;
      const macLows = ((view.getUint16(offset + 10) << 16) | view.getUint16(offset + 4)) & macMask;
      seen[to + SEEN_KIND] = kind;
      seen[to + SEEN_PORTS] = ports;
      seen[to + SEEN_TCP_FLAGS] = flags;
      seen[to + SEEN_SOURCE_MAC_HIGH] = sourceMacHigh;
      seen[to + SEEN_TARGET_MAC_HIGH] = targetMacHigh;
      seen[to + SEEN_MAC_LOWS] = macLows;
      seen[to + SEEN_HASH] = conversationHash(
        endHash(seed, ports >>> 16, sourceMacHigh, macLows >>> 16, source),
        endHash(seed, ports & 0xffff, targetMacHigh, macLows & 0xffff, target),
        kind,
        0,
        0,
      );
    }
  }
}
