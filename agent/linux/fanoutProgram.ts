import { PACKET, PACKET_SIZE } from './packetAbi.js';

/**
 * Classic BPF that shares out the packets of an interface among the members of a fanout group, so that their flow tables have no flow in common. The kernel's own
 * hash (`PACKET_FANOUT_HASH`) does not do: it looks into GRE and IP-in-IP, at the source port of VXLAN and at the ether type, none of which is in a flow's key
 * (flows.md §2.1), and it would have to put fragments together first, whose frames would then not be counted.
 *
 * What decides is a part of the key, the same in both directions: the outermost addresses, with the ports of TCP, UDP and SCTP unless the packet is a fragment or a
 * tunnel; MAC addresses where there is no IP.
 */

/** How the packets of an interface begin. */
export type FrameKind = 'ethernet' | 'ip';

const LD = 0x20;
const LD_HALF = 0x28;
const LD_AT_X = 0x40;
const LD_HALF_AT_X = 0x48;
const LD_BYTE_AT_X = 0x50;
const LD_LENGTH = 0x80;
const LD_VALUE = 0x00;
const LD_MEMORY = 0x60;
const LDX_MEMORY = 0x61;
const STORE = 0x02;
const ADD = 0x04;
const ADD_X = 0x0c;
const SUB_X = 0x1c;
const MULTIPLY = 0x24;
const AND = 0x54;
const SHIFT_LEFT = 0x64;
const SHIFT_RIGHT = 0x74;
const MODULO = 0x94;
const XOR_X = 0xac;
const JUMP = 0x05;
const IF_EQUAL = 0x15;
const IF_MORE_THAN_X = 0x2d;
const IF_AT_LEAST = 0x35;
const IF_ANY_BIT = 0x45;
const RETURN = 0x06;

/** Words of the program's memory. */
const TYPE = 0;
const AT = 1;
const HASH = 2;
const PROTOCOL = 3;
const KEPT = 4;

const MOST_TAGS = 4;
const MOST_EXTENSIONS = 6;
const VXLAN = 4789;
const OLD_VXLAN = 8472;
const GENEVE = 6081;
/** Of Knuth; odd, so that nothing is lost by multiplying. */
const GOLDEN = 0x9e37_79b1;

interface Line {
  readonly code: number;
  readonly value: number;
  /** Labels: where to go, and where otherwise; the next line where there is none. */
  readonly yes?: string;
  readonly no?: string;
}

/** Lines with labels, put together at the end: classic jumps lead forward only, and say how far. */
class Listing {
  private readonly lines: Line[] = [];
  private readonly labels = new Map<string, number>();

  add(code: number, value = 0): this {
    this.lines.push({ code, value: value >>> 0 });
    return this;
  }

  when(code: number, value: number, yes: string | undefined, no?: string): this {
    this.lines.push({ code, value: value >>> 0, yes, no });
    return this;
  }

  jump(label: string): this {
    this.lines.push({ code: JUMP, value: 0, yes: label });
    return this;
  }

  label(name: string): this {
    this.labels.set(name, this.lines.length);
    return this;
  }

  assemble(): Buffer {
    const size = PACKET_SIZE['struct sock_filter'];
    const program = Buffer.alloc(this.lines.length * size);
    this.lines.forEach(({ code, value, yes, no }, index) => {
      const distance = (label: string | undefined): number => (label === undefined ? 0 : this.labels.get(label)! - index - 1);
      const at = index * size;
      program.writeUInt16LE(code, at);
      if (code !== JUMP) {
        program.writeUInt8(distance(yes), at + 2);
        program.writeUInt8(distance(no), at + 3);
      }
      program.writeUInt32LE(code === JUMP ? distance(yes) : value, at + 4);
    });
    return program;
  }
}

/**
 * The program that names a place in the group for each packet: packets are shared out evenly among as many as there are in `places`. `mplsUdpPort` is the UDP port
 * that carries MPLS, 0 for none.
 */
export function fanoutProgram(places: readonly number[], kind: FrameKind, mplsUdpPort = 0): Buffer {
  const listing = new Listing();
  if (places.length > 1) {
    findType(listing, kind);
    hashOf(listing, kind, mplsUdpPort);
    listing.label('done').add(LD_MEMORY, HASH).add(MULTIPLY, GOLDEN).add(SHIFT_RIGHT, 16).add(MODULO, places.length);
    places.slice(1).forEach((place, index) => {
      const next = `place ${index}`;
      listing
        .when(IF_EQUAL, index + 1, undefined, next)
        .add(RETURN, place)
        .label(next);
    });
  }
  return listing.add(RETURN, places[0]!).assemble();
}

/** The ether type behind all tags, and in `AT` where what it announces begins: incoming packets are handed over from there on, outgoing ones with their link layer. */
function findType(listing: Listing, kind: FrameKind): void {
  listing.add(LD_VALUE, 0).add(STORE, HASH).add(STORE, AT);
  if (kind === 'ethernet') {
    listing.add(LD, PACKET.SKF_AD_OFF + PACKET.SKF_AD_PKTTYPE).when(IF_EQUAL, PACKET.PACKET_OUTGOING, 'outgoing', 'incoming');
    listing.label('outgoing').add(LD_VALUE, 14).add(STORE, AT).add(LD_HALF, 12).add(STORE, TYPE).jump('tags');
  }
  listing
    .label('incoming')
    .add(LD, PACKET.SKF_AD_OFF + PACKET.SKF_AD_PROTOCOL)
    .add(STORE, TYPE)
    .label('tags');
  for (let tag = 0; tag < MOST_TAGS; tag++) {
    listing.add(LD_MEMORY, TYPE).when(IF_EQUAL, 0x8100, `tag ${tag}`).when(IF_EQUAL, 0x88a8, `tag ${tag}`).jump('type');
    listing.label(`tag ${tag}`).add(LDX_MEMORY, AT).add(LD_HALF_AT_X, 2).add(STORE, TYPE).add(LD_MEMORY, AT).add(ADD, 4).add(STORE, AT);
  }
}

function hashOf(listing: Listing, kind: FrameKind, mplsUdpPort: number): void {
  listing.label('type').add(LDX_MEMORY, AT).add(LD_MEMORY, TYPE);
  listing.when(IF_EQUAL, 0x0800, 'ipv4').when(IF_EQUAL, 0x86dd, 'ipv6').when(IF_EQUAL, 0x8864, undefined, 'link');
  // A session of PPP: the table looks through it.
  listing.add(LD_HALF_AT_X, 6).add(STORE, TYPE).add(LD_MEMORY, AT).add(ADD, 8).add(STORE, AT).add(LDX_MEMORY, AT).add(LD_MEMORY, TYPE);
  listing.when(IF_EQUAL, 0x0021, 'ipv4').when(IF_EQUAL, 0x0057, 'ipv6', 'link');

  listing.label('ipv4');
  mix(listing, [12], [16]);
  listing.add(LD_BYTE_AT_X, 9).add(STORE, PROTOCOL).add(LD_HALF_AT_X, 6).when(IF_ANY_BIT, 0x3fff, 'addresses');
  listing.add(LD_BYTE_AT_X, 0).add(AND, 15).add(SHIFT_LEFT, 2).add(ADD_X).add(STORE, AT).jump('upper');

  listing.label('ipv6');
  mix(listing, [8, 12, 16, 20], [24, 28, 32, 36]);
  listing.add(LD_BYTE_AT_X, 6).add(STORE, PROTOCOL).add(LD_MEMORY, AT).add(ADD, 40).add(STORE, AT).jump('upper');

  listing.label('link');
  if (kind === 'ethernet') {
    const at = PACKET.SKF_LL_OFF;
    listing
      .add(LD, at + 2)
      .add(STORE, KEPT)
      .add(LDX_MEMORY, KEPT)
      .add(LD, at + 8)
      .add(XOR_X)
      .add(STORE, HASH);
    listing
      .add(LD_HALF, at)
      .add(STORE, KEPT)
      .add(LDX_MEMORY, KEPT)
      .add(LD_HALF, at + 6)
      .add(XOR_X);
    listing.add(LDX_MEMORY, HASH).add(ADD_X).add(STORE, HASH);
  }
  listing.label('addresses').jump('done');

  listing.label('upper');
  for (let extension = 0; extension < MOST_EXTENSIONS; extension++) {
    const [byEights, byFours] = [`eights ${extension}`, `fours ${extension}`];
    listing.add(LDX_MEMORY, AT).add(LD_MEMORY, PROTOCOL);
    for (const protocol of [0, 43, 60]) listing.when(IF_EQUAL, protocol, byEights);
    listing.when(IF_EQUAL, 51, byFours).jump('transport');
    listing.label(byFours).add(LD_BYTE_AT_X, 1).add(ADD, 2).add(SHIFT_LEFT, 2).jump(`step ${extension}`);
    listing.label(byEights).add(LD_BYTE_AT_X, 1).add(ADD, 1).add(SHIFT_LEFT, 3);
    listing.label(`step ${extension}`).add(ADD_X).add(STORE, AT).add(LD_BYTE_AT_X, 0).add(STORE, PROTOCOL);
  }

  listing.label('transport').add(LDX_MEMORY, AT).add(LD_LENGTH).when(IF_MORE_THAN_X, 0, undefined, 'plain').add(SUB_X).add(STORE, KEPT);
  listing.add(LD_MEMORY, PROTOCOL).when(IF_EQUAL, 6, 'tcp').when(IF_EQUAL, 17, 'udp').when(IF_EQUAL, 132, 'sctp', 'plain');
  // A header that is cut has no ports.
  listing.label('tcp').add(LD_MEMORY, KEPT).when(IF_AT_LEAST, 20, 'ports', 'plain');
  listing.label('sctp').add(LD_MEMORY, KEPT).when(IF_AT_LEAST, 12, 'ports', 'plain');
  listing.label('udp').add(LD_MEMORY, KEPT).when(IF_AT_LEAST, 8, undefined, 'plain');
  const tunnels = [VXLAN, OLD_VXLAN, GENEVE, ...(mplsUdpPort === 0 ? [] : [mplsUdpPort])];
  for (const side of [0, 2]) {
    listing.add(LD_HALF_AT_X, side);
    for (const port of tunnels) listing.when(IF_EQUAL, port, 'plain');
  }
  listing.label('ports').add(LD_HALF_AT_X, 0).add(STORE, KEPT).add(LD_HALF_AT_X, 2).add(LDX_MEMORY, KEPT).add(ADD_X);
  listing.add(MULTIPLY, GOLDEN).add(LDX_MEMORY, HASH).add(XOR_X).add(STORE, HASH).label('plain');
}

/** Adds the words of both addresses to the hash, the one like the other; leaves X as it is. */
function mix(listing: Listing, ...words: readonly (readonly number[])[]): void {
  for (const word of words.flat())
    listing.add(LD_AT_X, word).add(MULTIPLY, GOLDEN).add(LDX_MEMORY, HASH).add(ADD_X).add(STORE, HASH).add(LDX_MEMORY, AT);
}
