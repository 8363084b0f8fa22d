import { ENDPOINT, type Slice } from '../decode/slice.js';
import { openXxh64 } from './xxh64.js';

// Numbers of this module's own: what another one exports is loaded and checked anew at each use.
const { mac: MAC, ipv4: IPV4, ipv6: IPV6 } = ENDPOINT;

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
    const withMac = slice.hasMac && (preferL2 || slice.network === 0);
    const swap = withMac ? swapsByMac(slice) : swapsByNetwork(slice);
    // A number of this function's own: a field would be written and read again for each word.
    let at = INPUT;
    if (slice.network !== 0) at = putAddresses(at, slice, swap);
    if (slice.transport !== 0) at = putPorts(at, slice, swap);
    if (slice.hasIcmp) at = putEndpoint(putWord(at, slice.icmp), 0);
    hash(INPUT, at - INPUT, ZERO_SEED, L3_KEY);
    // Without MACs both keys are of the same fields.
    if (!withMac) copyKey(L3_KEY, L2_KEY);
    else {
      at = putMac(at, swap ? slice.targetMacHigh : slice.sourceMacHigh, swap ? slice.targetMacLow : slice.sourceMacLow);
      at = putMac(at, swap ? slice.sourceMacHigh : slice.targetMacHigh, swap ? slice.sourceMacLow : slice.targetMacLow);
      at = putEndpoint(at, MAC);
      hash(INPUT, at - INPUT, ZERO_SEED, L2_KEY);
    }
    this.at = at;
    this.finish(parentHigh, parentLow, startMs);
  }

  /** Works out the ids of a flow whose fields were fed by `text`, `word` and `number` since `begin`; both tracking ids are equal then. */
  ofFields(startMs: number): void {
    hash(INPUT, this.at - INPUT, ZERO_SEED, L3_KEY);
    copyKey(L3_KEY, L2_KEY);
    this.finish(0, 0, startMs);
  }

  begin(): void {
    this.at = INPUT;
  }

  /** 32 bits, high byte first. */
  word(value: number): void {
    this.at = putWord(this.at, value);
  }

  /** A number below 2^53 as 64 bits, high byte first. */
  number(value: number): void {
    view.setInt32(this.at, Math.floor(value / 0x1_0000_0000));
    view.setInt32(this.at + 4, value | 0);
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
      hash(INPUT, this.at - INPUT, ZERO_SEED, TABLE_KEY);
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
}

/** 32 bits, high byte first. These write to a place in the hash's memory and answer the next one. */
function putWord(at: number, value: number): number {
  view.setInt32(at, value | 0);
  return at + 4;
}

function putHalf(at: number, value: number): number {
  view.setUint16(at, value);
  return at + 2;
}

/** A kind of endpoint: a small number as 64 bits. */
function putEndpoint(at: number, kind: number): number {
  view.setInt32(at, 0);
  view.setInt32(at + 4, kind);
  return at + 8;
}

const putMac = (at: number, high: number, low: number): number => putHalf(putWord(at, high), low);

function putAddresses(at: number, slice: Slice, swap: boolean): number {
  if (slice.network === IPV4) {
    at = putWord(at, swap ? slice.target0 : slice.source0);
    at = putWord(at, swap ? slice.source0 : slice.target0);
  } else if (swap) at = putSource(putTarget(at, slice), slice);
  else at = putTarget(putSource(at, slice), slice);
  return putEndpoint(at, slice.network);
}

function putSource(at: number, { source0, source1, source2, source3 }: Slice): number {
  return putWord(putWord(putWord(putWord(at, source0), source1), source2), source3);
}

function putTarget(at: number, { target0, target1, target2, target3 }: Slice): number {
  return putWord(putWord(putWord(putWord(at, target0), target1), target2), target3);
}

function putPorts(at: number, slice: Slice, swap: boolean): number {
  if (slice.keyedByTunnel) return putEndpoint(putHalf(putWord(at, slice.networkId), slice.targetPort), 0);
  at = putHalf(at, swap ? slice.targetPort : slice.sourcePort);
  at = putHalf(at, swap ? slice.sourcePort : slice.targetPort);
  return putEndpoint(at, slice.transport);
}

function copyKey(from: number, to: number): void {
  view.setInt32(to, view.getInt32(from));
  view.setInt32(to + 4, view.getInt32(from + 4));
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
  if (slice.network === IPV6) {
    if (slice.source1 !== slice.target1) return slice.source1 >>> 0 > slice.target1 >>> 0;
    if (slice.source2 !== slice.target2) return slice.source2 >>> 0 > slice.target2 >>> 0;
    if (slice.source3 !== slice.target3) return slice.source3 >>> 0 > slice.target3 >>> 0;
  }
  return slice.transport !== 0 && slice.sourcePort > slice.targetPort;
}
