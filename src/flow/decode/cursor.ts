import { LAYER_NAMES, STOP } from './layers.js';
import { PathTable } from './paths.js';
import { Slice } from './slice.js';

/** Parts of one packet; deeper tunnels end there. */
const MAX_SLICES = 16;

/** Layers of one packet; what comes deeper is not decoded. */
const MAX_LAYERS = 64;

/**
 * The place in a packet at which decoding stands. Decoders read ahead of it, name their layer, write what they learn into the current
 * part and move on; each answers the number of the next layer. One cursor serves all packets, so that a packet costs no object.
 */
export class Cursor {
  bytes: Uint8Array = new Uint8Array(0);
  position = 0;
  /** Where the packet begins. */
  start = 0;
  /** End of the bytes that the layers so far leave to the next. */
  end = 0;
  /** The same if the capture had kept every byte: a capture may keep only the first bytes of a packet. */
  wholeEnd = 0;
  slice = new Slice();
  /** Parts of the packet so far, the current one included. */
  slices = 1;
  readonly parts: Slice[] = [this.slice];
  readonly paths = new PathTable();
  /** Damaged or cut headers by layer. */
  readonly malformed = new Float64Array(LAYER_NAMES.length);
  /** Whether the packet's first datagram was put together from fragments, so that what is in it can be told. */
  reassembled = false;
  private layers = 0;

  /** Begins a packet of which `captured` bytes were kept and that had `length` bytes. */
  open(bytes: Uint8Array, position: number, captured: number, length: number): void {
    this.bytes = bytes;
    this.start = position;
    this.position = position;
    this.end = position + captured;
    this.wholeEnd = position + length;
    this.layers = 0;
    this.reassembled = false;
    this.slices = 1;
    this.slice = this.parts[0]!;
    this.slice.begin(position);
  }

  /** Bytes that are left. */
  get remaining(): number {
    return this.end - this.position;
  }

  u8(ahead: number): number {
    return this.bytes[this.position + ahead]!;
  }

  u16(ahead: number): number {
    const at = this.position + ahead;
    return (this.bytes[at]! << 8) | this.bytes[at + 1]!;
  }

  /** 32 bits, signed. */
  i32(ahead: number): number {
    const at = this.position + ahead;
    const bytes = this.bytes;
    return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
  }

  u24(ahead: number): number {
    const at = this.position + ahead;
    return (this.bytes[at]! << 16) | (this.bytes[at + 1]! << 8) | this.bytes[at + 2]!;
  }

  /** Names the layer in the path and moves behind its header. `false` when the packet has too many. */
  layer(layer: number, headerLength: number): boolean {
    if (++this.layers > MAX_LAYERS) return false;
    const slice = this.slice;
    slice.path = this.paths.extend(slice.path, layer);
    slice.lastLayer = layer;
    this.position += headerLength;
    return true;
  }

  /** Counts a header that is damaged or cut; what was decoded before it stays. */
  broken(layer: number): number {
    this.malformed[layer]!++;
    return STOP;
  }

  /** Leaves the rest of the packet to a part of its own. `false` when there are too many. */
  cut(): boolean {
    if (this.slices === MAX_SLICES) return false;
    let next = this.parts[this.slices];
    if (next === undefined) this.parts.push((next = new Slice()));
    this.slices++;
    next.begin(this.position);
    this.slice = next;
    return true;
  }

  /** Keeps at most `length` bytes from here for the layers that follow. */
  limit(length: number): void {
    const end = this.position + length;
    if (end < this.end) this.end = end;
    if (end < this.wholeEnd) this.wholeEnd = end;
  }
}
