/** Who gets packets: a flow table, for one. */
export interface PacketSink {
  /**
   * `bytes` may be the kernel's: nothing of it may be kept beyond the call but by copying.
   *
   * @param bytes what holds the packet, from `offset` on
   * @param capturedLength bytes of it that are there
   * @param wireLength bytes that it had, without the tag
   * @param timeMs milliseconds since the epoch, and the nanoseconds (below 1,000,000) beside them
   * @param linkType pcap's number for what the packet begins with
   * @param vlanTag the tag that the kernel took out, as `TPID << 16 | TCI`; 0 for none
   * @param segments frames on the wire that became this one by offloads, 1 without
   */
  packet(
    bytes: Uint8Array,
    offset: number,
    capturedLength: number,
    wireLength: number,
    timeMs: number,
    nanos: number,
    linkType: number,
    vlanTag: number,
    segments: number,
  ): void;
  /** The same for all packets of a batch, in order; who leaves it out gets them one by one. */
  packets?(batch: PacketBatch): void;
}

/** Packets of a batch: their headers and what they are looked up in lie in the processor's first cache together. */
export const MOST_PACKETS = 64;

/** Words of a packet in `PacketBatch.words`, and what they are. */
export const BATCH = { words: 8, offset: 0, captured: 1, wireLength: 2, nanos: 3, linkType: 4, vlanTag: 5, segments: 6 } as const;

// As numbers of their own: fields of an object are loaded at each use.
const {
  words: WORDS,
  offset: OFFSET,
  captured: CAPTURED,
  wireLength: WIRE_LENGTH,
  nanos: NANOS,
  linkType: LINK_TYPE,
  vlanTag: VLAN_TAG,
  segments: SEGMENTS,
} = BATCH;

const NOTHING = new Uint8Array(0);

/**
 * Some packets of one piece of memory on their way to a sink. Memory answers many questions at once as fast as one: who gets packets
 * together can ask for all of their flows before it needs the first.
 */
export class PacketBatch {
  /** Less than 2 GiB. */
  bytes: Uint8Array = NOTHING;
  /** The same memory. */
  view: DataView = new DataView(NOTHING.buffer);
  size = 0;
  /** `BATCH.words` for each packet: one array, because each one that is touched costs more than its words. */
  readonly words = new Int32Array(MOST_PACKETS * WORDS);
  readonly timeMs = new Float64Array(MOST_PACKETS);

  constructor(readonly sink: PacketSink) {}

  /** The packets that follow lie in this memory, until `deliver`. */
  begin(bytes: Uint8Array): void {
    if (bytes === this.bytes) return;
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Takes one packet, and hands all over when there is no room for another. */
  add(
    offset: number,
    captured: number,
    wireLength: number,
    timeMs: number,
    nanos: number,
    linkType: number,
    vlanTag: number,
    segments: number,
  ): void {
    const { words, size } = this;
    const at = size * WORDS;
    words[at + OFFSET] = offset;
    words[at + CAPTURED] = captured;
    words[at + WIRE_LENGTH] = wireLength;
    words[at + NANOS] = nanos;
    words[at + LINK_TYPE] = linkType;
    words[at + VLAN_TAG] = vlanTag;
    words[at + SEGMENTS] = segments;
    this.timeMs[size] = timeMs;
    this.size = size + 1;
    if (size + 1 === MOST_PACKETS) this.deliver();
  }

  /** Hands over what is there: before the memory is used again. */
  deliver(): void {
    const { sink, size } = this;
    if (size === 0) return;
    try {
      if (sink.packets !== undefined) sink.packets(this);
      else for (let at = 0; at < size; at++) this.packetTo(sink, at);
    } finally {
      this.size = 0;
    }
  }

  /** Hands over one of the packets. */
  packetTo(sink: PacketSink, packet: number): void {
    const { words } = this;
    const at = packet * WORDS;
    sink.packet(
      this.bytes,
      words[at + OFFSET]!,
      words[at + CAPTURED]!,
      words[at + WIRE_LENGTH]! >>> 0,
      this.timeMs[packet]!,
      words[at + NANOS]!,
      words[at + LINK_TYPE]!,
      words[at + VLAN_TAG]! >>> 0,
      words[at + SEGMENTS]!,
    );
  }

  /** Forgets all packets but those that are accepted. */
  keep(accepts: (packet: Uint8Array, wireLength: number, linkType: number) => boolean): void {
    const { words, timeMs, bytes } = this;
    let kept = 0;
    for (let packet = 0; packet < this.size; packet++) {
      const at = packet * WORDS;
      const offset = words[at + OFFSET]!;
      const content = bytes.subarray(offset, offset + words[at + CAPTURED]!);
      if (!accepts(content, words[at + WIRE_LENGTH]! >>> 0, words[at + LINK_TYPE]!)) continue;
      words.copyWithin(kept * WORDS, at, at + WORDS);
      timeMs[kept] = timeMs[packet]!;
      kept++;
    }
    this.size = kept;
  }
}
