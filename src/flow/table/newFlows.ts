import { LAYER } from '../decode/layers.js';
import type { PathTable } from '../decode/paths.js';
import { ENDPOINT } from '../decode/slice.js';
import { BATCH, MOST_PACKETS, type PacketBatch } from '../packetBatch.js';
import { COLD, FLAG, HOT, KIND } from './columns.js';
import type { FlowRows } from './flowRows.js';
import { SEEN } from './plainPackets.js';
import { writeIds, writeStart, type Applications } from './rowMaker.js';
import { SLAB } from './slab.js';

// Numbers of this module's own: what another one exports is loaded and checked anew at each use.
const { Ethernet: LAYER_ETHERNET, IPv4: LAYER_IPV4, IPv6: LAYER_IPV6, TCP: LAYER_TCP, UDP: LAYER_UDP } = LAYER;
const { words: BATCH_WORDS, offset: OFFSET, vlanTag: VLAN_TAG } = BATCH;
const {
  words: SEEN_WORDS,
  kind: SEEN_KIND,
  hash: SEEN_HASH,
  ports: SEEN_PORTS,
  source: SEEN_SOURCE,
  target: SEEN_TARGET,
  row: SEEN_ROW,
  none: NONE,
} = SEEN;
const {
  words: HOT_WORDS,
  hash: ROW_HASH,
  kind: ROW_KIND,
  ports: ROW_PORTS,
  tunnel: ROW_TUNNEL,
  macAHigh: ROW_MAC_A,
  macBHigh: ROW_MAC_B,
  macLows: ROW_MAC_LOWS,
  parent: ROW_PARENT,
  serial: ROW_SERIAL,
  flags: ROW_FLAGS,
  addressA: ROW_ADDRESS_A,
  addressB: ROW_ADDRESS_B,
} = HOT;
const { words: COLD_WORDS, parent: ROW_PARENT_ID, networkId: ROW_NETWORK_ID, application: ROW_APPLICATION, icmp: ROW_ICMP } = COLD;
const ROW_LINK_ID = COLD.linkId_F * 2;
const UDP_FLAGS = FLAG.used | FLAG.link | FLAG.ethernetFirst;
const TCP_FLAGS = UDP_FLAGS | FLAG.tcp;
const { bits: SLAB_BITS, mask: SLAB_MASK } = SLAB;
const KIND_TRANSPORT = KIND.transport;
const KIND_TCP = ENDPOINT.tcp << KIND.transportShift;

const IPV4 = 0x0800;
const IPV6 = 0x86dd;

/** Begins the flows of plain packets without tags; of others the decoders know more. */
export class NewFlows {
  /** Of IPv4 and IPv6, each with UDP and TCP; 0 for those that nobody had yet. */
  private readonly pathsOf = new Int32Array(4);
  /** Rows that wait for their ids. */
  private readonly made = new Int32Array(MOST_PACKETS);

  constructor(
    private readonly rows: FlowRows,
    private readonly paths: PathTable,
    private readonly applications: Applications,
    private readonly seen: Int32Array,
  ) {}

  /**
   * Begins, from a packet on, all flows that are not there yet, and notes their rows; up to the first packet that has to go to the decoders,
   * which may begin the flow of one behind it. Those that meet another flow under their hash are left out.
   */
  beginAll(batch: PacketBatch, from: number): void {
    const { seen, rows, made } = this;
    const { size } = batch;
    if (!rows.hasRoom(size - from)) return;
    const { index } = rows.finder;
    let count = 0;
    for (let packet = from; packet < size; packet++) {
      const at = packet * SEEN_WORDS;
      if (seen[at + SEEN_KIND] === NONE) break;
      if (seen[at + SEEN_ROW]! >= 0) continue;
      const hash = seen[at + SEEN_HASH]!;
      const { pairs, mask } = index;
      let place = hash & mask;
      while (pairs[place * 2 + 1] !== 0 && pairs[place * 2] !== hash) place = (place + 1) & mask;
      if (pairs[place * 2 + 1] !== 0 || (index.isGrowing && index.bring(hash))) continue;
      const row = this.make(batch, packet, count);
      if (row < 0) break;
      seen[at + SEEN_ROW] = row;
      made[count++] = row;
    }
    this.giveIds(count);
  }

  /** Makes the row of the flow that a packet begins; -1 where the decoders have to do it. */
  begin(batch: PacketBatch, packet: number): number {
    const row = this.make(batch, packet, 0);
    if (row < 0) return -1;
    this.made[0] = row;
    this.giveIds(1);
    return row;
  }

  private giveIds(count: number): void {
    if (count === 0) return;
    const { rows, made } = this;
    rows.keys.hashBatch(count);
    for (let place = 0; place < count; place++) {
      rows.keys.take(place);
      writeIds(rows.columns, made[place]!, rows.keys);
    }
  }

  /** Makes a row, all but its ids, and puts down at a place what those are worked out from. It is what `writeRow` makes of the same packet. */
  private make({ view, words, timeMs }: PacketBatch, packet: number, place: number): number {
    const { seen, rows } = this;
    const offset = words[packet * BATCH_WORDS + OFFSET]!;
    if (words[packet * BATCH_WORDS + VLAN_TAG] !== 0) return -1;
    const etherType = view.getUint16(offset + 12);
    if (etherType !== IPV4 && etherType !== IPV6) return -1;
    const of = packet * SEEN_WORDS;
    const kind = seen[of + SEEN_KIND]!;
    const hash = seen[of + SEEN_HASH]!;
    const ports = seen[of + SEEN_PORTS]!;
    const source = seen[of + SEEN_SOURCE]!;
    const target = seen[of + SEEN_TARGET]!;
    const isTcp = (kind & KIND_TRANSPORT) === KIND_TCP;
    const startMs = timeMs[packet]!;
    const row = rows.take(hash);
    const { columns } = rows;
    const hot = columns.hotSlabs[row >> SLAB_BITS]!;
    const at = (row & SLAB_MASK) * HOT_WORDS;
    hot[at + ROW_HASH] = hash;
    hot[at + ROW_KIND] = kind;
    hot[at + ROW_PORTS] = ports;
    hot[at + ROW_TUNNEL] = 0;
    hot[at + ROW_MAC_A] = view.getInt32(offset + 6);
    hot[at + ROW_MAC_B] = view.getInt32(offset);
    hot[at + ROW_MAC_LOWS] = (view.getUint16(offset + 10) << 16) | view.getUint16(offset + 4);
    hot[at + ROW_PARENT] = 0;
    hot[at + ROW_SERIAL] = rows.serial;
    hot[at + ROW_FLAGS] = this.pathOf(etherType === IPV6, isTcp) | (isTcp ? TCP_FLAGS : UDP_FLAGS);
    if (etherType === IPV4) {
      hot[at + ROW_ADDRESS_A] = source;
      hot[at + ROW_ADDRESS_B] = target;
    } else {
      hot[at + ROW_ADDRESS_A] = view.getInt32(source);
      hot[at + ROW_ADDRESS_A + 1] = view.getInt32(source + 4);
      hot[at + ROW_ADDRESS_A + 2] = view.getInt32(source + 8);
      hot[at + ROW_ADDRESS_A + 3] = view.getInt32(source + 12);
      hot[at + ROW_ADDRESS_B] = view.getInt32(target);
      hot[at + ROW_ADDRESS_B + 1] = view.getInt32(target + 4);
      hot[at + ROW_ADDRESS_B + 2] = view.getInt32(target + 8);
      hot[at + ROW_ADDRESS_B + 3] = view.getInt32(target + 12);
    }
    const cold = columns.cold(row);
    const coldWords = (row & SLAB_MASK) * COLD_WORDS;
    cold[coldWords + ROW_PARENT_ID] = 0;
    cold[coldWords + ROW_PARENT_ID + 1] = 0;
    cold[coldWords + ROW_NETWORK_ID] = 0;
    cold[coldWords + ROW_APPLICATION] = this.applications.ofPorts(isTcp, ports >>> 16, ports & 0xffff, isTcp ? LAYER_TCP : LAYER_UDP);
    cold[coldWords + ROW_ICMP] = 0;
    // 0 as a number of 64 bits is 0 in both words.
    cold[coldWords + ROW_LINK_ID] = 0;
    cold[coldWords + ROW_LINK_ID + 1] = 0;
    writeStart(columns, row, startMs);
    rows.keys.putRow(place, hot, at, startMs);
    return row;
  }

  /** The number of a plain packet's path. */
  private pathOf(isWide: boolean, isTcp: boolean): number {
    const place = (isWide ? 2 : 0) | (isTcp ? 1 : 0);
    const known = this.pathsOf[place]!;
    if (known !== 0) return known;
    const { paths } = this;
    const network = paths.extend(paths.extend(0, LAYER_ETHERNET), isWide ? LAYER_IPV6 : LAYER_IPV4);
    return (this.pathsOf[place] = paths.extend(network, isTcp ? LAYER_TCP : LAYER_UDP));
  }
}
