import type { PathTable } from '../decode/paths.js';
import { ENDPOINT } from '../decode/slice.js';
import { BATCH, type PacketBatch, type PacketSink } from '../packetBatch.js';
import { COLD, coldAt, HOT, KIND } from './columns.js';
import type { FlowRows } from './flowRows.js';
import { NewFlows } from './newFlows.js';
import type { FlowTableOptions } from './options.js';
import { PlainPackets, SAYS_SOMETHING as TELLING, SEEN } from './plainPackets.js';
import type { Applications } from './rowMaker.js';
import { SLAB } from './slab.js';
import { watchTcp } from './tcpWatch.js';

// Numbers of this module's own: what another one exports is loaded and checked anew at each use.
const { ipv4: KIND_IPV4 } = ENDPOINT;
const { network: KIND_NETWORK } = KIND;
const SAYS_SOMETHING = TELLING;
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
  row: SEEN_ROW,
  none: NONE,
} = SEEN;
const { words: BATCH_WORDS, captured: CAPTURED, wireLength: WIRE_LENGTH, nanos: NANOS, vlanTag: VLAN_TAG, segments: SEGMENTS } = BATCH;
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

const VLAN_TAG_LENGTH = 4;

/**
 * Counts the commonest packets straight into their rows: plain TCP and UDP in IP in Ethernet, of flows that are there already or that they
 * begin. It reads the few fields that such a packet needs, and leaves all others, and whatever is not quite right, to the decoders, which
 * answer the same.
 */
export class KnownFlows {
  /** All bits where MACs are part of the keys, none where they are not. */
  private readonly macMask: number;
  private readonly rawPacketLimit: number;
  private readonly plain: PlainPackets;
  private readonly seen: Int32Array;
  /** Where nothing is kept of a plain packet but counters: otherwise the decoders begin all flows. */
  private readonly newFlows: NewFlows | undefined;
  /** Keeps the reading of rows ahead of their use from being left out as useless. */
  protected fetched = 0;
  /** Packets that were counted here. */
  packets = 0;

  constructor(
    private readonly rows: FlowRows,
    paths: PathTable,
    applications: Applications,
    layerByUdpPort: Uint8Array,
    options: FlowTableOptions,
  ) {
    const { preferL2, seed } = rows.finder;
    this.macMask = preferL2 ? -1 : 0;
    this.rawPacketLimit = options.rawPacketLimit;
    this.plain = new PlainPackets(seed, preferL2, layerByUdpPort, options);
    this.seen = this.plain.seen;
    const isCountedOnly = !options.extraTcpMetric && options.rawPacketLimit === 0;
    this.newFlows = isCountedOnly ? new NewFlows(rows, paths, applications, this.seen) : undefined;
  }

  /** Counts the packets that it knows, and hands the others over, in order. */
  count(batch: PacketBatch, others: PacketSink): void {
    this.plain.look(batch);
    const unknown = this.fetch(batch.size);
    const { moves } = this.rows.finder.index;
    const { size } = batch;
    for (let packet = 0; packet < size;) {
      if (unknown > 0) this.newFlows?.beginAll(batch, packet);
      const next = this.countFrom(batch, packet, moves);
      this.packets += next - packet;
      packet = next;
      if (packet < size) batch.packetTo(others, packet++);
    }
  }

  /** Reads from the rows that will probably be needed, so that they are on their way to the processor's cache, all at once. Answers how
   * many packets have none. */
  private fetch(packets: number): number {
    const { seen } = this;
    const { hotSlabs } = this.rows.columns;
    const { index } = this.rows.finder;
    const { pairs, mask } = index;
    const end = packets * SEEN_WORDS;
    let fetched = 0;
    let unknown = 0;
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
      const row = pairs[place * 2 + 1]! - 1;
      seen[at + SEEN_ROW] = row;
      if (row < 0) unknown++;
    }
    for (let at = 0; at < end; at += SEEN_WORDS) {
      const row = seen[at + SEEN_ROW]!;
      if (row < 0) continue;
      const hot = hotSlabs[row >> SLAB_BITS]!;
      const begin = (row & SLAB_MASK) * ROW_WORDS;
      fetched ^= hot[begin]! ^ hot[begin + LAST_WORD]!;
    }
    this.fetched = fetched;
    return unknown;
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
            row = this.newFlows?.begin(batch, packet) ?? -1;
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
