import { LINUX } from '../abi.js';
import { ATTRIBUTE_HEADER_SIZE, readHardwareAddress, readS32, readText, readU16, readU16BE, readU32, readU8 } from './message.js';

/**
 * Where the values of the attributes of a message lie, by their types: found in one pass, and then only those are read that are wanted. A link has
 * some fifty attributes, of which few are. Made once and filled anew for each message. Of two of one type, the last one counts.
 */
export class AttributeTable {
  private readonly places: Uint32Array;
  private readonly lengths: Uint32Array;

  /** `largest`: types beyond it are not kept. */
  constructor(largest: number) {
    this.places = new Uint32Array(largest + 1);
    this.lengths = new Uint32Array(largest + 1);
  }

  /** Finds the attributes between `start` and `end`. `false` when a length cannot be; what came before is found. */
  fill(bytes: Buffer, start: number, end: number): boolean {
    const { places, lengths } = this;
    // By hand: for so few of them the call would cost more.
    for (let type = 0; type < lengths.length; type++) lengths[type] = 0;
    let at = start;
    while (end - at >= ATTRIBUTE_HEADER_SIZE) {
      const length = bytes[at]! | (bytes[at + 1]! << 8);
      if (length < ATTRIBUTE_HEADER_SIZE || length > end - at) return false;
      const type = (bytes[at + 2]! | (bytes[at + 3]! << 8)) & LINUX.NLA_TYPE_MASK;
      if (type < lengths.length) {
        places[type] = at + ATTRIBUTE_HEADER_SIZE;
        lengths[type] = length - ATTRIBUTE_HEADER_SIZE;
      }
      at += (length + 3) & ~3;
    }
    return at >= end;
  }

  /** Where the value begins; means nothing while `lengthOf` is 0. */
  placeOf(type: number): number {
    return this.places[type]!;
  }

  /** Bytes of the value; 0 for one that is not there. */
  lengthOf(type: number): number {
    return this.lengths[type]!;
  }

  // Values, from the bytes that the table was filled with: `undefined` (an empty text) for one that is not there or too short.

  text(bytes: Buffer, type: number): string {
    return readText(bytes, this.places[type]!, this.lengths[type]!);
  }

  hardwareAddress(bytes: Buffer, type: number): string | undefined {
    return readHardwareAddress(bytes, this.places[type]!, this.lengths[type]!);
  }

  u8(bytes: Buffer, type: number): number | undefined {
    return readU8(bytes, this.places[type]!, this.lengths[type]!);
  }

  u16(bytes: Buffer, type: number): number | undefined {
    return readU16(bytes, this.places[type]!, this.lengths[type]!);
  }

  /** In the order of the network. */
  u16BE(bytes: Buffer, type: number): number | undefined {
    return readU16BE(bytes, this.places[type]!, this.lengths[type]!);
  }

  u32(bytes: Buffer, type: number): number | undefined {
    return readU32(bytes, this.places[type]!, this.lengths[type]!);
  }

  s32(bytes: Buffer, type: number): number | undefined {
    return readS32(bytes, this.places[type]!, this.lengths[type]!);
  }
}
