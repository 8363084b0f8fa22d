/** Files of packets, draft-ietf-opsawg-pcapng: a section, an interface for each link type, a block for each packet. */

export interface CapturedPacket {
  /** Epoch milliseconds. */
  readonly time: number;
  /** libpcap's number: 1 is Ethernet. */
  readonly linkType: number;
  readonly bytes: Uint8Array;
}

const SECTION_HEADER = 0x0a0d0d0a;
const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const INTERFACE_DESCRIPTION = 1;
const ENHANCED_PACKET = 6;
const NO_LENGTH = [0xffffffff, 0xffffffff];
const MICROSECONDS = 1_000;

/** The packets as a file that Wireshark and tcpdump read; times in microseconds, the format's default. */
export function toPcapng(packets: readonly CapturedPacket[]): Blob {
  const linkTypes = [...new Set(packets.map(({ linkType }) => linkType))];
  const blocks: Uint8Array<ArrayBuffer>[] = [
    block(SECTION_HEADER, [BYTE_ORDER_MAGIC, 0x0000_0001, ...NO_LENGTH]),
    ...linkTypes.map((linkType) => block(INTERFACE_DESCRIPTION, [linkType, 0])),
    ...packets.map(({ time, linkType, bytes }) => {
      const micros = BigInt(Math.round(time * MICROSECONDS));
      const words = [linkTypes.indexOf(linkType), Number(micros >> 32n), Number(micros & 0xffffffffn), bytes.length, bytes.length];
      return block(ENHANCED_PACKET, words, bytes);
    }),
  ];
  return new Blob(blocks, { type: 'application/x-pcapng' });
}

/** A block of 32-bit words and bytes, filled up to a multiple of four, with its length before and after. */
function block(type: number, words: readonly number[], bytes: Uint8Array = new Uint8Array()): Uint8Array<ArrayBuffer> {
  const filled = Math.ceil(bytes.length / 4) * 4;
  const length = 12 + words.length * 4 + filled;
  const made = new Uint8Array(length);
  const view = new DataView(made.buffer);
  [type, length, ...words].forEach((word, index) => view.setUint32(index * 4, word, true));
  made.set(bytes, 8 + words.length * 4);
  view.setUint32(length - 4, length, true);
  return made;
}

/** Bytes of a Base64 text. */
export const fromBase64 = (text: string): Uint8Array => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
