import { LINK_TYPE } from '../decode/dissect.js';
import { LAYER } from '../decode/layers.js';
import type { PathTable } from '../decode/paths.js';
import { ENDPOINT, Slice, TCP_FLAG } from '../decode/slice.js';
import { BATCH, MOST_PACKETS, type PacketBatch, type PacketSink } from '../packetBatch.js';
import { COLD, coldAt, HOT, KIND } from './columns.js';
import { conversationHash, endHash, foldAddress } from './endHash.js';
import type { FlowRows } from './flowRows.js';
import type { FlowTableOptions } from './options.js';
import type { Applications } from './rowMaker.js';
import { SLAB } from './slab.js';
import { watchTcp } from './tcpWatch.js';

// Numbers of this module's own: what another one exports is loaded and checked anew at each use.
const { ethernet: ETHERNET } = LINK_TYPE;
const { ipv4: KIND_IPV4, ipv6: KIND_IPV6, tcp: END_TCP, udp: END_UDP } = ENDPOINT;
const { mac: KIND_MAC, network: KIND_NETWORK, transport: KIND_TRANSPORT } = KIND;
const { Ethernet: LAYER_ETHERNET, IPv4: LAYER_IPV4, IPv6: LAYER_IPV6, TCP: LAYER_TCP, UDP: LAYER_UDP } = LAYER;
const KIND_TCP = ENDPOINT.tcp << KIND.transportShift;
const KIND_UDP = ENDPOINT.udp << KIND.transportShift;
const {
  words: BATCH_WORDS,
  offset: OFFSET,
  captured: CAPTURED,
  wireLength: WIRE_LENGTH,
  nanos: NANOS,
  linkType: LINK,
  vlanTag: VLAN_TAG,
  segments: SEGMENTS,
} = BATCH;
const {
  words: ROW_WORDS,
  kind: ROW_KIND,
  ports: ROW_PORTS,
  macAHigh: ROW_MAC_A,
  macBHigh: ROW_MAC_B,
  macLows: ROW_MAC_LOWS,
  parent: ROW_PARENT,
  addressA: ROW_ADDRESS_A,
  addressB: ROW_ADDRESS_B,
  abPackets_F: ROW_AB_F,
  baPackets_F: ROW_BA_F,
  last_F: ROW_LAST_F,
} = HOT;
const LAST_WORD = ROW_WORDS - 1;
const { bits: SLAB_BITS, mask: SLAB_MASK } = SLAB;

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
const SAYS_SOMETHING = TCP_FLAG.syn | TCP_FLAG.fin | TCP_FLAG.rst;

/** What is known of each packet of a batch, in 32-bit words: numbers and no object, whose fields would be loaded at each use. */
const SEEN_WORDS = 16;
/** As in `HOT.kind`; `NONE` for packets that are not looked up here. */
const SEEN_KIND = 0;
const SEEN_HASH = 1;
const SEEN_PORTS = 2;
const SEEN_SOURCE_MAC_HIGH = 3;
const SEEN_TARGET_MAC_HIGH = 4;
const SEEN_MAC_LOWS = 5;
/** Of IPv4; of IPv6 where the two addresses begin in the packet. */
const SEEN_SOURCE = 6;
const SEEN_TARGET = 7;
const SEEN_TCP_FLAGS = 8;
/** The first row of its hash, -1 where there is none. */
const SEEN_ROW = 9;
const NONE = 0;

/**
 * Counts the commonest packets straight into their rows: plain TCP and UDP in IP in Ethernet, of flows that are there already or that they
 * begin. It reads the few fields that such a packet needs, and leaves all others, and whatever is not quite right, to the decoders, which
 * answer the same.
 */
export class KnownFlows {
  /** All bits where MACs are part of the keys, none where they are not. */
  private readonly macMask: number;
  /** Flags of TCP of which more is kept than is counted here. */
  private readonly tellingFlags: number;
  private readonly rawPacketLimit: number;
  private readonly seen = new Int32Array(MOST_PACKETS * SEEN_WORDS);
  /** Keeps the reading of rows ahead of their use from being left out as useless. */
  protected fetched = 0;
  /** What the decoders would say of a packet that begins a flow. */
  private readonly slice = new Slice();
  /** Whether nothing is kept of a plain packet but counters. */
  private readonly isCountedOnly: boolean;
  /** Packets that were counted here. */
  packets = 0;

  constructor(
    private readonly rows: FlowRows,
    private readonly paths: PathTable,
    private readonly applications: Applications,
    private readonly layerByUdpPort: Uint8Array,
    { extraTcpMetric, rawPacketLimit }: FlowTableOptions,
  ) {
    this.macMask = rows.finder.preferL2 ? -1 : 0;
    this.tellingFlags = extraTcpMetric ? SAYS_SOMETHING : 0;
    this.rawPacketLimit = rawPacketLimit;
    this.isCountedOnly = !extraTcpMetric && rawPacketLimit === 0;
    this.slice.begin(0);
    this.slice.startsWithEthernet = true;
    this.slice.hasMac = true;
  }

  /** Counts the packets that it knows, and hands the others over, in order. */
  count(batch: PacketBatch, others: PacketSink): void {
    this.look(batch);
    this.fetch(batch.size);
    const { moves } = this.rows.finder.index;
    const { size } = batch;
    for (let packet = 0; packet < size;) {
      const next = this.countFrom(batch, packet, moves);
      this.packets += next - packet;
      packet = next;
      if (packet < size) batch.packetTo(others, packet++);
    }
  }

  /** Makes the row of a flow that a plain packet without tags begins; -1 for others, of which the decoders know more. */
  private begin({ view, words, timeMs }: PacketBatch, packet: number): number {
    const { seen, slice, paths } = this;
    const at = packet * SEEN_WORDS;
    const kind = seen[at + SEEN_KIND]!;
    const offset = words[packet * BATCH_WORDS + OFFSET]!;
    if (kind === NONE || !this.isCountedOnly || words[packet * BATCH_WORDS + VLAN_TAG] !== 0) return -1;
    const etherType = view.getUint16(offset + 12);
    if (etherType !== IPV4 && etherType !== IPV6) return -1;
    slice.targetMacHigh = view.getInt32(offset);
    slice.targetMacLow = view.getUint16(offset + 4);
    slice.sourceMacHigh = view.getInt32(offset + 6);
    slice.sourceMacLow = view.getUint16(offset + 10);
    const source = seen[at + SEEN_SOURCE]!;
    const target = seen[at + SEEN_TARGET]!;
    let path = paths.extend(0, LAYER_ETHERNET);
    if (etherType === IPV4) {
      slice.network = KIND_IPV4;
      slice.source0 = source;
      slice.target0 = target;
      path = paths.extend(path, LAYER_IPV4);
    } else {
      slice.network = KIND_IPV6;
      slice.source0 = view.getInt32(source);
      slice.source1 = view.getInt32(source + 4);
      slice.source2 = view.getInt32(source + 8);
      slice.source3 = view.getInt32(source + 12);
      slice.target0 = view.getInt32(target);
      slice.target1 = view.getInt32(target + 4);
      slice.target2 = view.getInt32(target + 8);
      slice.target3 = view.getInt32(target + 12);
      path = paths.extend(path, LAYER_IPV6);
    }
    const isTcp = (kind & KIND_TRANSPORT) === KIND_TCP;
    slice.transport = isTcp ? END_TCP : END_UDP;
    slice.lastLayer = isTcp ? LAYER_TCP : LAYER_UDP;
    slice.path = paths.extend(path, slice.lastLayer);
    const ports = seen[at + SEEN_PORTS]!;
    slice.sourcePort = ports >>> 16;
    slice.targetPort = ports & 0xffff;
    const { finder, keys } = this.rows;
    finder.hash = seen[at + SEEN_HASH]!;
    finder.kind = kind;
    const startMs = timeMs[packet]!;
    keys.ofSlice(slice, finder.preferL2, 0, 0, startMs);
    return this.rows.add(slice, 0, 0, 0, startMs, this.applications.of(slice), false);
  }

  /** Reads of each packet what is needed to find its row: all in one loop, so that the work for one goes on while another's waits for memory. */
  private look({ view, bytes, words, size }: PacketBatch): void {
    const { seen, layerByUdpPort, tellingFlags, macMask } = this;
    const { seed } = this.rows.finder;
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

  /** Reads from the rows that will probably be needed, so that they are on their way to the processor's cache, all at once. */
  private fetch(packets: number): void {
    const { seen } = this;
    const { hotSlabs } = this.rows.columns;
    const { index } = this.rows.finder;
    const { pairs, mask } = index;
    const end = packets * SEEN_WORDS;
    let fetched = 0;
    // First all places in the index, then all rows: no question waits for the answer to another. Between them what has to be worked out,
    // because only as many are on their way as the processor sees at once: a loop that asks does nothing else.
    for (let at = 0; at < end; at += SEEN_WORDS) fetched ^= pairs[(seen[at + SEEN_HASH]! & mask) * 2]!;
    for (let at = 0; at < end; at += SEEN_WORDS) {
      if (seen[at + SEEN_KIND] === NONE) {
        seen[at + SEEN_ROW] = -1;
        continue;
      }
      const hash = seen[at + SEEN_HASH]!;
      let place = hash & mask;
      while (pairs[place * 2] !== hash && pairs[place * 2 + 1] !== 0) place = (place + 1) & mask;
      if (pairs[place * 2 + 1] === 0 && index.isGrowing) index.bring(hash);
      seen[at + SEEN_ROW] = pairs[place * 2 + 1]! - 1;
    }
    for (let at = 0; at < end; at += SEEN_WORDS) {
      const row = seen[at + SEEN_ROW]!;
      if (row < 0) continue;
      const hot = hotSlabs[row >> SLAB_BITS]!;
      const begin = (row & SLAB_MASK) * ROW_WORDS;
      fetched ^= hot[begin]! ^ hot[begin + LAST_WORD]!;
    }
    this.fetched = fetched;
  }

  /**
   * Counts packets from one on, makes the rows of flows that begin, and answers which is the first that is not plain. All in one loop, so that what is the same
   * for all is loaded once. Rows that were seen stand as long as the index has `moves`.
   */
  private countFrom(batch: PacketBatch, from: number, moves: number): number {
    const { seen, macMask, rawPacketLimit } = this;
    const { columns } = this.rows;
    const { hotSlabs, hotFloatSlabs } = columns;
    const { index } = this.rows.finder;
    const { words, timeMs, view, size } = batch;
    let { pairs, mask } = index;
    let hasRows = index.moves === moves;
    for (let packet = from; packet < size; packet++) {
      const at = packet * SEEN_WORDS;
      const kind = seen[at + SEEN_KIND]!;
      if (kind === NONE) return packet;
      const ports = seen[at + SEEN_PORTS]!;
      const macLows = seen[at + SEEN_MAC_LOWS]!;
      const sourceMac = seen[at + SEEN_SOURCE_MAC_HIGH]!;
      const targetMac = seen[at + SEEN_TARGET_MAC_HIGH]!;
      const source = seen[at + SEEN_SOURCE]!;
      const target = seen[at + SEEN_TARGET]!;
      let row = hasRows ? seen[at + SEEN_ROW]! : -1;
      let place = -1;
      let hot: Int32Array;
      let begin: number;
      let isBackward: number;
      for (;;) {
        if (row < 0) {
          // One by one what stands under the hash.
          const hash = seen[at + SEEN_HASH]!;
          place = place < 0 ? hash & mask : (place + 1) & mask;
          while (pairs[place * 2 + 1] !== 0 && pairs[place * 2] !== hash) place = (place + 1) & mask;
          if (pairs[place * 2 + 1] === 0) {
            if (index.isGrowing && index.bring(hash)) {
              // It may have come to this very place.
              place = (place - 1) & mask;
              continue;
            }
            row = this.begin(batch, packet);
            if (row < 0) return packet;
            // The index may have grown, or given the place of another row away.
            ({ pairs, mask } = index);
            hasRows = index.moves === moves;
          } else row = pairs[place * 2 + 1]! - 1;
        }
        hot = hotSlabs[row >> SLAB_BITS]!;
        begin = (row & SLAB_MASK) * ROW_WORDS;
        if (hot[begin + ROW_KIND] !== kind || hot[begin + ROW_PARENT] !== 0) {
          row = -1;
          continue;
        }
        // How the row differs from the packet in either direction, without a branch: nobody can foretell which end sent it.
        const portsOfRow = hot[begin + ROW_PORTS]!;
        const macLowsOfRow = hot[begin + ROW_MAC_LOWS]! & macMask;
        const macA = hot[begin + ROW_MAC_A]! & macMask;
        const macB = hot[begin + ROW_MAC_B]! & macMask;
        let forward = (portsOfRow ^ ports) | (macLowsOfRow ^ macLows) | (macA ^ sourceMac) | (macB ^ targetMac);
        let backward = (portsOfRow ^ turned(ports)) | (macLowsOfRow ^ turned(macLows)) | (macA ^ targetMac) | (macB ^ sourceMac);
        if ((kind & KIND_NETWORK) === KIND_IPV4) {
          const a = hot[begin + ROW_ADDRESS_A]!;
          const b = hot[begin + ROW_ADDRESS_B]!;
          forward |= (a ^ source) | (b ^ target);
          backward |= (a ^ target) | (b ^ source);
        } else {
          for (let word = 0; word < 4; word++) {
            const a = hot[begin + ROW_ADDRESS_A + word]!;
            const b = hot[begin + ROW_ADDRESS_B + word]!;
            const sourceWord = view.getInt32(source + word * 4);
            const targetWord = view.getInt32(target + word * 4);
            forward |= (a ^ sourceWord) | (b ^ targetWord);
            backward |= (a ^ targetWord) | (b ^ sourceWord);
          }
        }
        isBackward = isSet(forward);
        if ((isBackward & isSet(backward)) === 0) break;
        row = -1;
      }

      // Those that are kept themselves are for the decoders.
      if (rawPacketLimit !== 0 && columns.cold(row)[coldAt(row) + COLD.rawCaptured]! < rawPacketLimit) return packet;

      const of = packet * BATCH_WORDS;
      const floats = hotFloatSlabs[row >> SLAB_BITS]!;
      const floatAt = begin >> 1;
      const counter = floatAt + ROW_AB_F + (ROW_BA_F - ROW_AB_F) * isBackward;
      const length = (words[of + WIRE_LENGTH]! || words[of + CAPTURED]!) >>> 0;
      floats[counter] = floats[counter]! + 1;
      floats[counter + 1] = floats[counter + 1]! + (words[of + VLAN_TAG] === 0 ? length : length + VLAN_TAG_LENGTH);
      const time = timeMs[packet]!;
      if (time > floats[floatAt + ROW_LAST_F]!) floats[floatAt + ROW_LAST_F] = time;
      const segments = words[of + SEGMENTS]!;
      if (segments !== 1) this.rows.addSurplus(row, isBackward === 0, Math.max(0, segments - 1));
      const flags = seen[at + SEEN_TCP_FLAGS]!;
      if ((flags & SAYS_SOMETHING) !== 0) watchTcp(columns, row, flags, isBackward === 0, time, words[of + NANOS]!);
    }
    return size;
  }
}

/** Both ends stand in one word here and there: with the halves exchanged. */
const turned = (ends: number): number => (ends >>> 16) | (ends << 16);

/** 1 for a word that is not 0, which stays 0: no branch. */
const isSet = (word: number): number => (word | -word) >>> 31;
