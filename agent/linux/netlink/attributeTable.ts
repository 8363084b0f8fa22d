import { LINUX } from '../abi.js';
import { ATTRIBUTE_HEADER_SIZE, readHardwareAddress, readText } from './message.js';

/**
 * Where the values of the attributes of a message lie, by their types: found in one pass, and then only those are read that are wanted. A link has
 * some fifty attributes, of which few are. Made once and filled anew for each message. Of two of one type, the last one counts.
 */
export class AttributeTable {
  private readonly places: Uint32Array;
  private readonly lengths: Uint32Array;
  /** In which filling a place was found: what is left of an earlier one does not count. Cheaper than clearing. */
  private readonly filled: Uint32Array;
  private filling = 0;

  /** `largest`: types beyond it are not kept. */
  constructor(largest: number) {
    this.places = new Uint32Array(largest + 1);
    this.lengths = new Uint32Array(largest + 1);
    this.filled = new Uint32Array(largest + 1);
  }

  /** Finds the attributes between `start` and `end`. `false` when a length cannot be; what came before is found. `view`: of the same memory. */
  fill(view: DataView, start: number, end: number): boolean {
    const { places, lengths, filled } = this;
    const filling = (this.filling = (this.filling + 1) >>> 0);
    let at = start;
    while (end - at >= ATTRIBUTE_HEADER_SIZE) {
      const header = view.getUint32(at, true);
      const length = header & 0xffff;
      if (length < ATTRIBUTE_HEADER_SIZE || length > end - at) return false;
      const type = (header >>> 16) & LINUX.NLA_TYPE_MASK;
      if (type < places.length) {
        places[type] = at + ATTRIBUTE_HEADER_SIZE;
        lengths[type] = length - ATTRIBUTE_HEADER_SIZE;
        filled[type] = filling;
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
    return this.filled[type] === this.filling ? this.lengths[type]! : 0;
  }

  // Values, from the memory that the table was filled with: `undefined` (an empty text) for one that is not there or too short.

  text(bytes: Buffer, type: number): string {
    return readText(bytes, this.places[type]!, this.lengthOf(type));
  }

  hardwareAddress(bytes: Buffer, type: number): string | undefined {
    return readHardwareAddress(bytes, this.places[type]!, this.lengthOf(type));
  }

  u8(view: DataView, type: number): number | undefined {
    return this.lengthOf(type) < 1 ? undefined : view.getUint8(this.places[type]!);
  }

  u16(view: DataView, type: number): number | undefined {
    return this.lengthOf(type) < 2 ? undefined : view.getUint16(this.places[type]!, true);
  }

  /** In the order of the network. */
  u16BE(view: DataView, type: number): number | undefined {
    return this.lengthOf(type) < 2 ? undefined : view.getUint16(this.places[type]!);
  }

  u32(view: DataView, type: number): number | undefined {
    return this.lengthOf(type) < 4 ? undefined : view.getUint32(this.places[type]!, true);
  }

  s32(view: DataView, type: number): number | undefined {
    return this.lengthOf(type) < 4 ? undefined : view.getInt32(this.places[type]!, true);
  }
}
