import { ENDPOINT, type Slice } from '../decode/slice.js';
import { openXxh64 } from './xxh64.js';

/** Bytes of the longest text that is hashed as part of a key (a node's TID). */
const MAX_TEXT = 1024;

/** Places in the hash's memory. */
const ZERO_SEED = 0;
const L3_KEY = 8;
const L2_KEY = 16;
const TABLE_KEY = 24;
const UUID = 32;
const INPUT = 64;
const UUID_INPUT = 4096;

/** One for all tables: a second instance would be compiled anew, and be no constant to the code that calls it. */
const { bytes, view, hash } = openXxh64();

/** The node's TID that stands in the input of the UUID. */
let tidInPlace: Buffer | undefined;

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Hexadecimal text of a 64-bit number without leading zeros; "" for 0, which stands for none. */
export function idText(high: number, low: number): string {
  if (high === 0) return low === 0 ? '' : (low >>> 0).toString(16);
  const l = low >>> 0;
  return (high >>> 0).toString(16) + HEX[l >>> 24]! + HEX[(l >>> 16) & 0xff]! + HEX[(l >>> 8) & 0xff]! + HEX[l & 0xff]!;
}

/**
 * The ids of flows: XXH64 over the fields of a packet's part, in an order that both directions share. They are worked out once, when a
 * flow begins; packets find their flow by a hash of the table's own. Source: docs/flows.md, "Keys".
 */
export class FlowKeys {
  private readonly nodeTid: Buffer;
  /** Results of the last call, as halves of 64 bits, signed. */
  trackingHigh = 0;
  trackingLow = 0;
  l3High = 0;
  l3Low = 0;
  uuidHigh = 0;
  uuidLow = 0;
  private at = INPUT;

  constructor(nodeTid: string) {
    this.nodeTid = Buffer.from(nodeTid).subarray(0, MAX_TEXT);
  }

  /** Works out the ids of the flow that a part begins at `startMs`, in a tunnel's flow with the id `parent`. */
  ofSlice(slice: Slice, preferL2: boolean, parentHigh: number, parentLow: number, startMs: number): void {
    this.at = INPUT;
    const withMac = slice.hasMac && (preferL2 || slice.network === 0);
    const swap = withMac ? swapsByMac(slice) : swapsByNetwork(slice);
    if (slice.network !== 0) this.addresses(slice, swap);
    if (slice.transport !== 0) this.ports(slice, swap);
    if (slice.hasIcmp) {
      this.word(slice.icmp);
      this.endpoint(0);
    }
    this.sum(L3_KEY);
    if (withMac) {
      this.mac(swap ? slice.targetMacHigh : slice.sourceMacHigh, swap ? slice.targetMacLow : slice.sourceMacLow);
      this.mac(swap ? slice.sourceMacHigh : slice.targetMacHigh, swap ? slice.sourceMacLow : slice.targetMacLow);
      this.endpoint(ENDPOINT.mac);
    }
    this.sum(L2_KEY);
    this.finish(parentHigh, parentLow, startMs);
  }

  /** Works out the ids of a flow whose fields were fed by `text`, `word` and `number` since `begin`; both tracking ids are equal then. */
  ofFields(startMs: number): void {
    this.sum(L3_KEY);
    this.sum(L2_KEY);
    this.finish(0, 0, startMs);
  }

  begin(): void {
    this.at = INPUT;
  }

  /** 32 bits, high byte first. */
  word(value: number): void {
    view.setInt32(this.at, value | 0);
    this.at += 4;
  }

  /** A number below 2^53 as 64 bits, high byte first. */
  number(value: number): void {
    view.setInt32(this.at, Math.floor(value / 0x1_0000_0000));
    view.setInt32(this.at + 4, value | 0);
    this.at += 8;
  }

  /** A kind of endpoint: a small number as 64 bits. */
  private endpoint(kind: number): void {
    view.setInt32(this.at, 0);
    view.setInt32(this.at + 4, kind);
    this.at += 8;
  }

  text(value: string): void {
    for (let index = 0; index < value.length && index < MAX_TEXT; index++) bytes[this.at++] = value.charCodeAt(index);
  }

  private finish(parentHigh: number, parentLow: number, startMs: number): void {
    // Without a parent the key is the one that was summed last.
    const isInside = (parentHigh | parentLow) !== 0;
    if (isInside) {
      this.text(idText(parentHigh, parentLow));
      this.sum(TABLE_KEY);
    }
    if (tidInPlace !== this.nodeTid) {
      bytes.set(this.nodeTid, UUID_INPUT + 8);
      tidInPlace = this.nodeTid;
    }
    // A time before 1970 cannot be told from one far ahead: its low half is what counts.
    view.setInt32(UUID_INPUT, Math.floor(startMs / 0x1_0000_0000));
    view.setInt32(UUID_INPUT + 4, (startMs % 0x1_0000_0000) | 0);
    hash(UUID_INPUT, 8 + this.nodeTid.length, isInside ? TABLE_KEY : L2_KEY, UUID);
    this.l3Low = view.getInt32(L3_KEY, true);
    this.l3High = view.getInt32(L3_KEY + 4, true);
    this.trackingLow = view.getInt32(L2_KEY, true);
    this.trackingHigh = view.getInt32(L2_KEY + 4, true);
    this.uuidLow = view.getInt32(UUID, true);
    this.uuidHigh = view.getInt32(UUID + 4, true);
  }

  private sum(out: number): void {
    hash(INPUT, this.at - INPUT, ZERO_SEED, out);
  }

  private addresses(slice: Slice, swap: boolean): void {
    if (slice.network === ENDPOINT.ipv4) {
      this.word(swap ? slice.target0 : slice.source0);
      this.word(swap ? slice.source0 : slice.target0);
    } else if (swap) {
      this.target(slice);
      this.source(slice);
    } else {
      this.source(slice);
      this.target(slice);
    }
    this.endpoint(slice.network);
  }

  private source(slice: Slice): void {
    this.word(slice.source0);
    this.word(slice.source1);
    this.word(slice.source2);
    this.word(slice.source3);
  }

  private target(slice: Slice): void {
    this.word(slice.target0);
    this.word(slice.target1);
    this.word(slice.target2);
    this.word(slice.target3);
  }

  private ports(slice: Slice, swap: boolean): void {
    if (slice.keyedByTunnel) {
      this.word(slice.networkId);
      this.half(slice.targetPort);
      this.endpoint(0);
      return;
    }
    this.half(swap ? slice.targetPort : slice.sourcePort);
    this.half(swap ? slice.sourcePort : slice.targetPort);
    this.endpoint(slice.transport);
  }

  private mac(high: number, low: number): void {
    this.word(high);
    this.half(low);
  }

  private half(value: number): void {
    bytes[this.at++] = value >> 8;
    bytes[this.at++] = value;
  }
}

/** Whether the target's address is written first: its MAC is the smaller one. */
function swapsByMac(slice: Slice): boolean {
  if (slice.sourceMacHigh !== slice.targetMacHigh) return slice.sourceMacHigh >>> 0 > slice.targetMacHigh >>> 0;
  if (slice.sourceMacLow !== slice.targetMacLow) return slice.sourceMacLow > slice.targetMacLow;
  return swapsByNetwork(slice);
}

function swapsByNetwork(slice: Slice): boolean {
  if (slice.network === 0) return false;
  if (slice.source0 !== slice.target0) return slice.source0 >>> 0 > slice.target0 >>> 0;
  if (slice.network === ENDPOINT.ipv6) {
    if (slice.source1 !== slice.target1) return slice.source1 >>> 0 > slice.target1 >>> 0;
    if (slice.source2 !== slice.target2) return slice.source2 >>> 0 > slice.target2 >>> 0;
    if (slice.source3 !== slice.target3) return slice.source3 >>> 0 > slice.target3 >>> 0;
  }
  return slice.transport !== 0 && slice.sourcePort > slice.targetPort;
}
