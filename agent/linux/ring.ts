import { PacketBatch, type PacketSink } from '../../src/flow/packetBatch.js';
import { mapMemory, unmapMemory, type MappedMemory } from './mappedMemory.js';
import { PACKET, PACKET_OFFSET, PACKET_SIZE } from './packetAbi.js';
import { setSlowly, type Steps } from './slowCalls.js';
import { setSocketOption } from './syscall.js';
import { wireSegments } from './wireSegments.js';

export type { PacketSink };

/** The size of a ring. */
export interface RingSize {
  /** A multiple of the page size. */
  readonly blockBytes: number;
  readonly blocks: number;
  /** Milliseconds after which a block with packets is handed over although it is not full. */
  readonly retireMs: number;
}

const BLOCK = PACKET_OFFSET['struct tpacket_block_desc'];
const HEADER = PACKET_OFFSET['struct tpacket3_hdr'];
const OFFLOAD = PACKET_OFFSET['struct virtio_net_hdr'];
const OFFLOAD_BYTES = PACKET_SIZE['struct virtio_net_hdr'];
/** `sll_pkttype` of the address that follows a packet's header. */
const PACKET_TYPE = PACKET_SIZE['struct tpacket3_hdr'] + PACKET_OFFSET['struct sockaddr_ll'].sll_pkttype;
const STATUS_WORD = BLOCK['hdr.bh1.block_status'] / 4;
// As numbers of their own: fields of an object are loaded anew for each packet. Words of 32 bits, to which the kernel aligns headers.
const NEXT_WORD = HEADER.tp_next_offset / 4;
const SECONDS_WORD = HEADER.tp_sec / 4;
const NANOSECONDS_WORD = HEADER.tp_nsec / 4;
const CAPTURED_WORD = HEADER.tp_snaplen / 4;
const LENGTH_WORD = HEADER.tp_len / 4;
const PACKET_STATUS_WORD = HEADER.tp_status / 4;
const FRAME_OFFSET = HEADER.tp_mac;
const { TP_STATUS_VLAN_VALID: HAS_TAG, VIRTIO_NET_HDR_GSO_ECN: ECN, VIRTIO_NET_HDR_GSO_NONE: ONE_SEGMENT } = PACKET;
/** From the frame back to the type in the offload header before it. */
const OFFLOAD_TYPE = OFFLOAD.gso_type - OFFLOAD_BYTES;
const NANOSECONDS_IN_MS = 1_000_000;
/** Bytes of a frame slot; the kernel checks it and does not use it in version 3. */
const FRAME_BYTES = 2048;

/**
 * Gives a socket that is not bound yet its ring: after some 10 ms, and 3 more for each MiB.
 * @param skipsOutgoing leaves out here what the kernel could not leave out (loopback before 4.20)
 */
export function* openRing(fd: number, size: RingSize, linkType: number, hasOffloadHeader: boolean, skipsOutgoing: boolean): Steps<Ring> {
  setSocketOption(fd, PACKET.SOL_PACKET, PACKET.PACKET_VERSION, PACKET.TPACKET_V3);
  const request = Buffer.alloc(PACKET_SIZE['struct tpacket_req3']);
  const at = PACKET_OFFSET['struct tpacket_req3'];
  request.writeUInt32LE(size.blockBytes, at.tp_block_size);
  request.writeUInt32LE(size.blocks, at.tp_block_nr);
  request.writeUInt32LE(FRAME_BYTES, at.tp_frame_size);
  request.writeUInt32LE((size.blockBytes / FRAME_BYTES) * size.blocks, at.tp_frame_nr);
  request.writeUInt32LE(size.retireMs, at.tp_retire_blk_tov);
  yield* setSlowly(fd, PACKET.PACKET_RX_RING, request);
  return new Ring(fd, size, linkType, hasOffloadHeader, skipsOutgoing);
}

/** A TPACKET_V3 ring of a packet socket (the kernel's Documentation/networking/packet_mmap.rst). The socket is the owner's; the ring is closed before it. */
export class Ring {
  private readonly memory: MappedMemory;
  /** The block that the kernel fills next. */
  private next = 0;
  private isClosed = false;
  private batch: PacketBatch | undefined;

  /** Of a socket that has one already: `openRing`. */
  constructor(
    fd: number,
    readonly size: RingSize,
    private readonly linkType: number,
    private readonly hasOffloadHeader: boolean,
    private readonly skipsOutgoing: boolean,
  ) {
    this.memory = mapMemory(fd, this.bytes);
  }

  get bytes(): number {
    return this.size.blockBytes * this.size.blocks;
  }

  /** Whether so many blocks wait to be handed over. */
  holds(blocks: number): boolean {
    const last = ((this.next + blocks - 1) % this.size.blocks) * this.size.blockBytes;
    return (Atomics.load(this.memory.words, last / 4 + STATUS_WORD) & PACKET.TP_STATUS_USER) !== 0;
  }

  /** Hands over the packets of at most so many blocks, in order, and gives the blocks back. Answers how many blocks there were. */
  visit(most: number, sink: PacketSink): number {
    const { words, bytes } = this.memory;
    const { blockBytes, blocks } = this.size;
    if (this.batch?.sink !== sink) this.batch = new PacketBatch(sink);
    const { batch } = this;
    batch.begin(bytes);
    let visited = 0;
    while (visited < most && !this.isClosed) {
      const block = this.next * blockBytes;
      const status = block / 4 + STATUS_WORD;
      // Atomic, because other processors may see the kernel's writes in another order.
      if ((Atomics.load(words, status) & PACKET.TP_STATUS_USER) === 0) break;
      this.readBlock(block, batch);
      Atomics.store(words, status, PACKET.TP_STATUS_KERNEL);
      this.next = this.next + 1 === blocks ? 0 : this.next + 1;
      visited++;
    }
    return visited;
  }

  private readBlock(block: number, batch: PacketBatch): void {
    const { view, bytes, words } = this.memory;
    const { linkType, hasOffloadHeader, skipsOutgoing } = this;
    let packets = view.getUint32(block + BLOCK['hdr.bh1.num_pkts'], true);
    let header = block + view.getUint32(block + BLOCK['hdr.bh1.offset_to_first_pkt'], true);
    for (; packets > 0; packets--) {
      const word = header >> 2;
      if (!(skipsOutgoing && bytes[header + PACKET_TYPE] === PACKET.PACKET_OUTGOING)) {
        const offset = header + view.getUint16(header + FRAME_OFFSET, true);
        const captured = words[word + CAPTURED_WORD]!;
        const length = words[word + LENGTH_WORD]!;
        const nanoseconds = words[word + NANOSECONDS_WORD]!;
        const milliseconds = (nanoseconds / NANOSECONDS_IN_MS) | 0;
        batch.add(
          offset,
          captured,
          length,
          (words[word + SECONDS_WORD]! >>> 0) * 1_000 + milliseconds,
          nanoseconds - milliseconds * NANOSECONDS_IN_MS,
          linkType,
          (words[word + PACKET_STATUS_WORD]! & HAS_TAG) === 0 ? 0 : this.tagOf(header),
          !hasOffloadHeader || (bytes[offset + OFFLOAD_TYPE]! & ~ECN) === ONE_SEGMENT ? 1 : this.segmentsOf(offset, captured, length),
        );
      }
      header += words[word + NEXT_WORD]!;
    }
    // The block is the kernel's again.
    batch.deliver();
  }

  /** The tag that the kernel took out of the frame. */
  private tagOf(header: number): number {
    const { view } = this.memory;
    const status = view.getUint32(header + HEADER.tp_status, true);
    const hasProtocol = (status & PACKET.TP_STATUS_VLAN_TPID_VALID) !== 0;
    const protocol = hasProtocol ? view.getUint16(header + HEADER['hv1.tp_vlan_tpid'], true) : PACKET.ETH_P_8021Q;
    return ((protocol << 16) | (view.getUint32(header + HEADER['hv1.tp_vlan_tci'], true) & 0xffff)) >>> 0;
  }

  /** How many frames the network card made, or will make, of one that is more than one. */
  private segmentsOf(offset: number, captured: number, length: number): number {
    const { view, bytes } = this.memory;
    const at = offset - OFFLOAD_BYTES;
    const type = bytes[at + OFFLOAD.gso_type]! & ~ECN;
    const size = view.getUint16(at + OFFLOAD.gso_size, true);
    const inOnePiece = view.getUint16(at + OFFLOAD.hdr_len, true);
    return wireSegments(bytes, offset, captured, length, this.linkType, { type, size, inOnePiece });
  }

  /** Lets go of the kernel's memory. The views that a sink had are of empty memory from then on. */
  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    unmapMemory(this.memory);
  }
}
