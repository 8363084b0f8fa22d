import { LINK_TYPE } from '../decode/dissect.js';
import { ENDPOINT, TCP_FLAG } from '../decode/slice.js';
import { BATCH, MOST_PACKETS, type PacketBatch, type PacketSink } from '../packetBatch.js';
import { COLD, coldAt, HOT, hotAt, hotFloatAt, KIND } from './columns.js';
import { conversationHash, endHash, foldAddress } from './endHash.js';
import type { FlowRows } from './flowRows.js';
import type { FlowTableOptions } from './options.js';
import { watchTcp } from './tcpWatch.js';

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

/** What is known of each packet of a batch, in 32-bit words. */
const SEEN = {
  words: 16,
  /** As in `HOT.kind`; `NONE` for packets that are not looked up here. */
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
  /** What stands in the index where the search begins. */
  entry: 9,
} as const;
const NONE = 0;

/**
 * Counts the commonest packets straight into their rows: plain TCP and UDP in IP in Ethernet, of flows that are there already. It reads the
 * few fields that such a packet needs, and leaves all others, and whatever is not quite right, to the decoders, which answer the same.
 */
export class KnownFlows {
  private readonly withMac: boolean;
  /** Flags of TCP of which more is kept than is counted here. */
  private readonly tellingFlags: number;
  private readonly rawPacketLimit: number;
  private readonly seen = new Int32Array(MOST_PACKETS * SEEN.words);
  /** Keeps the reading of rows ahead of their use from being left out as useless. */
  protected fetched = 0;
  /** Packets that were counted here. */
  packets = 0;

  constructor(
    private readonly rows: FlowRows,
    private readonly layerByUdpPort: Uint8Array,
    { extraTcpMetric, rawPacketLimit }: FlowTableOptions,
  ) {
    this.withMac = rows.finder.preferL2;
    this.tellingFlags = extraTcpMetric ? SAYS_SOMETHING : 0;
    this.rawPacketLimit = rawPacketLimit;
  }

  /** Counts the packets that it knows, and hands the others over, in order. */
  count(batch: PacketBatch, others: PacketSink): void {
    for (let packet = 0; packet < batch.size; packet++)
      this.seen[packet * SEEN.words] = this.look(batch, packet * BATCH.words, packet * SEEN.words);
    this.fetch(batch.size);
    for (let packet = 0; packet < batch.size; packet++) {
      if (this.countOne(batch, packet)) this.packets++;
      else batch.packetTo(others, packet);
    }
  }

  /** Reads what is needed of a packet to find its row. Answers its kind, or `NONE` when it is not as plain as most. */
  private look({ view, words }: PacketBatch, at: number, to: number): number {
    const offset = words[at + BATCH.offset]!;
    let ip = (offset + ETHERNET_LENGTH) | 0;
    let end = (offset + words[at + BATCH.captured]!) | 0;
    if (words[at + BATCH.linkType] !== LINK_TYPE.ethernet || end < ip + IPV4_LENGTH + UDP_LENGTH || end > view.byteLength) return NONE;
    let etherType = view.getUint16(offset + 12);
    // Tags are part of no key: a flow has those of its first packet.
    while (etherType === VLAN || etherType === SERVICE_VLAN) {
      etherType = view.getUint16(ip + 2);
      ip = (ip + VLAN_TAG_LENGTH) | 0;
      if (end < ip + IPV4_LENGTH + UDP_LENGTH) return NONE;
    }
    let kind: number;
    let upper: number;
    let protocol: number;
    if (etherType === IPV4) {
      if (view.getUint8(ip) !== IPV4_PLAIN || (view.getUint16(ip + 6) & MORE_FRAGMENTS_OR_OFFSET) !== 0) return NONE;
      const ipEnd = ip + view.getUint16(ip + 2);
      if (ipEnd < end) end = ipEnd;
      upper = ip + IPV4_LENGTH;
      protocol = view.getUint8(ip + 9);
      kind = ENDPOINT.ipv4;
    } else if (etherType === IPV6) {
      const ipEnd = ip + IPV6_LENGTH + view.getUint16(ip + 4);
      if (ipEnd < end) end = ipEnd;
      upper = ip + IPV6_LENGTH;
      protocol = view.getUint8(ip + 6);
      kind = ENDPOINT.ipv6;
    } else return NONE;

    const { seen } = this;
    // What is too short includes lengths of 0, which mean something else.
    if (end < upper + UDP_LENGTH) return NONE;
    const ports = view.getInt32(upper);
    if (protocol === TCP) {
      if (end < upper + TCP_LENGTH) return NONE;
      const headerLength = (view.getUint8(upper + 12) >> 4) << 2;
      if (headerLength !== TCP_LENGTH) {
        if (headerLength !== TCP_STAMPED_LENGTH || end < upper + TCP_STAMPED_LENGTH) return NONE;
        if (view.getInt32(upper + TCP_LENGTH) !== STAMP_OPTIONS) return NONE;
      }
      const flags = view.getUint8(upper + 13);
      if ((flags & this.tellingFlags) !== 0) return NONE;
      seen[to + SEEN.tcpFlags] = flags;
      kind |= ENDPOINT.tcp << KIND.transportShift;
    } else if (protocol === UDP) {
      if (view.getUint16(upper + 4) < UDP_LENGTH) return NONE;
      if ((this.layerByUdpPort[ports >>> 16]! | this.layerByUdpPort[ports & 0xffff]!) !== 0) return NONE;
      seen[to + SEEN.tcpFlags] = 0;
      kind |= ENDPOINT.udp << KIND.transportShift;
    } else return NONE;

    const { seed } = this.rows.finder;
    let source: number;
    let target: number;
    if (etherType === IPV4) {
      source = view.getInt32(ip + 12);
      target = view.getInt32(ip + 16);
      seen[to + SEEN.source] = source;
      seen[to + SEEN.target] = target;
    } else {
      source = foldAddress(seed, view.getInt32(ip + 8), view.getInt32(ip + 12), view.getInt32(ip + 16), view.getInt32(ip + 20));
      target = foldAddress(seed, view.getInt32(ip + 24), view.getInt32(ip + 28), view.getInt32(ip + 32), view.getInt32(ip + 36));
      seen[to + SEEN.source] = ip + 8;
      seen[to + SEEN.target] = ip + 24;
    }
    let sourceMacHigh = 0;
    let targetMacHigh = 0;
    let macLows = 0;
    if (this.withMac) {
      kind |= KIND.mac;
      targetMacHigh = view.getInt32(offset);
      sourceMacHigh = view.getInt32(offset + 6);
      macLows = (view.getUint16(offset + 10) << 16) | view.getUint16(offset + 4);
    }
    seen[to + SEEN.ports] = ports;
    seen[to + SEEN.sourceMacHigh] = sourceMacHigh;
    seen[to + SEEN.targetMacHigh] = targetMacHigh;
    seen[to + SEEN.macLows] = macLows;
    seen[to + SEEN.hash] = conversationHash(
      endHash(seed, ports >>> 16, sourceMacHigh, macLows >>> 16, source),
      endHash(seed, ports & 0xffff, targetMacHigh, macLows & 0xffff, target),
      kind,
      0,
      0,
    );
    return kind;
  }

  /** Reads from the rows that will probably be needed, so that they are on their way to the processor's cache, all at once. */
  private fetch(packets: number): void {
    const { seen } = this;
    const { columns } = this.rows;
    const { pairs, mask } = this.rows.finder.index;
    const end = packets * SEEN.words;
    // First all places in the index, then all rows: no question waits for the answer to another.
    for (let at = 0; at < end; at += SEEN.words)
      seen[at + SEEN.entry] = seen[at + SEEN.kind] === NONE ? 0 : pairs[(seen[at + SEEN.hash]! & mask) * 2 + 1]!;
    let fetched = 0;
    for (let at = 0; at < end; at += SEEN.words) {
      const entry = seen[at + SEEN.entry]!;
      if (entry === 0) continue;
      const row = hotAt(entry - 1);
      const hot = columns.hot(entry - 1);
      fetched ^= hot[row]! ^ hot[row + HOT.words - 1]!;
    }
    this.fetched = fetched;
  }

  /** `false` when nothing was done, because the flow is new or the packet is not plain. */
  private countOne(batch: PacketBatch, packet: number): boolean {
    const { seen } = this;
    const at = packet * SEEN.words;
    const kind = seen[at + SEEN.kind]!;
    if (kind === NONE) return false;
    const hash = seen[at + SEEN.hash]!;
    const { columns } = this.rows;
    const { pairs, mask } = this.rows.finder.index;
    for (let place = hash & mask; ; place = (place + 1) & mask) {
      const entry = pairs[place * 2 + 1]!;
      if (entry === 0) return false;
      if (pairs[place * 2] !== hash) continue;
      const row = entry - 1;
      const hot = columns.hot(row);
      const begin = hotAt(row);
      if (hot[begin + HOT.kind] !== kind || hot[begin + HOT.parent] !== 0) continue;
      // Both ends stand in one word here and there: turning it by a half exchanges them.
      const ports = seen[at + SEEN.ports]!;
      const macLows = seen[at + SEEN.macLows]!;
      let isForward = hot[begin + HOT.ports] === ports && (!this.withMac || hot[begin + HOT.macLows] === macLows);
      if (isForward) isForward = this.hasEnds(batch.view, kind, at, hot, begin, HOT.macAHigh, HOT.macBHigh, HOT.addressA, HOT.addressB);
      if (!isForward) {
        if (hot[begin + HOT.ports] !== ((ports >>> 16) | (ports << 16))) continue;
        if (this.withMac && hot[begin + HOT.macLows] !== ((macLows >>> 16) | (macLows << 16))) continue;
        if (!this.hasEnds(batch.view, kind, at, hot, begin, HOT.macBHigh, HOT.macAHigh, HOT.addressB, HOT.addressA)) continue;
      }

      // Those that are kept themselves are for the decoders.
      if (this.rawPacketLimit !== 0 && columns.cold(row)[coldAt(row) + COLD.rawCaptured]! < this.rawPacketLimit) return false;

      const { words } = batch;
      const from = packet * BATCH.words;
      const floats = columns.hotFloat(row);
      const floatAt = hotFloatAt(row);
      const counter = floatAt + (isForward ? HOT.abPackets_F : HOT.baPackets_F);
      const length = (words[from + BATCH.wireLength]! || words[from + BATCH.captured]!) >>> 0;
      floats[counter] = floats[counter]! + 1;
      floats[counter + 1] = floats[counter + 1]! + (words[from + BATCH.vlanTag] === 0 ? length : length + VLAN_TAG_LENGTH);
      const timeMs = batch.timeMs[packet]!;
      if (timeMs > floats[floatAt + HOT.last_F]!) floats[floatAt + HOT.last_F] = timeMs;
      const segments = words[from + BATCH.segments]!;
      if (segments !== 1) this.rows.addSurplus(row, isForward, Math.max(0, segments - 1));
      const flags = seen[at + SEEN.tcpFlags]!;
      if ((flags & SAYS_SOMETHING) !== 0) watchTcp(columns, row, flags, isForward, timeMs, words[from + BATCH.nanos]!);
      return true;
    }
  }

  /** Whether source and target are what stands in these columns of a row. */
  private hasEnds(
    view: DataView,
    kind: number,
    at: number,
    hot: Int32Array,
    begin: number,
    sourceMac: number,
    targetMac: number,
    source: number,
    target: number,
  ): boolean {
    const { seen } = this;
    if (
      this.withMac &&
      (hot[begin + sourceMac] !== seen[at + SEEN.sourceMacHigh] || hot[begin + targetMac] !== seen[at + SEEN.targetMacHigh])
    )
      return false;
    const sourceAt = seen[at + SEEN.source]!;
    const targetAt = seen[at + SEEN.target]!;
    if ((kind & KIND.network) === ENDPOINT.ipv4) return hot[begin + source] === sourceAt && hot[begin + target] === targetAt;
    return isWide(view, sourceAt, hot, begin + source) && isWide(view, targetAt, hot, begin + target);
  }
}

/** Whether the four words of a row are the address in the packet. */
const isWide = (view: DataView, at: number, hot: Int32Array, column: number): boolean =>
  hot[column] === view.getInt32(at) &&
  hot[column + 1] === view.getInt32(at + 4) &&
  hot[column + 2] === view.getInt32(at + 8) &&
  hot[column + 3] === view.getInt32(at + 12);
