import { ENDPOINT, type Slice } from '../decode/slice.js';
import { HOT, KIND } from '../table/columns.js';
import { openXxh64, RECORD } from './xxh64.js';

const { mac: MAC, ipv4: IPV4, ipv6: IPV6 } = ENDPOINT;

/** Bytes of the longest text that is hashed as part of a key (a node's TID). */
const MAX_TEXT = 1024;

/** Places in the hash's memory: what is in all UUIDs of a node, a record for a flow whose ids are wanted at once, and those of a batch. */
const STAMP = 64;
const TIME_LENGTH = 8;
const SINGLE = 4096;
const BATCH = 16_384;

// Numbers of this module's own: what another one exports is loaded and checked anew at each use.
const {
  bytes: RECORD_BYTES,
  l3Length: L3_LENGTH,
  trackingLength: TRACKING_LENGTH,
  tableLength: TABLE_LENGTH,
  l3: L3_KEY,
  tracking: TRACKING_KEY,
  uuid: UUID,
  time: TIME,
  input: INPUT,
} = RECORD;

const { kind: ROW_KIND, ports: ROW_PORTS, macAHigh: ROW_MAC_A, macBHigh: ROW_MAC_B, macLows: ROW_MAC_LOWS } = HOT;
const { addressA: ROW_ADDRESS_A, addressB: ROW_ADDRESS_B } = HOT;
const { network: KIND_NETWORK, mac: KIND_MAC, transport: KIND_TRANSPORT, transportShift: KIND_TRANSPORT_SHIFT } = KIND;

/** One for all tables: a second instance would be compiled anew, and be no constant to the code that calls it. */
const { bytes, view, hashRecords } = openXxh64();

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
  private at = SINGLE + INPUT;

  constructor(nodeTid: string) {
    this.nodeTid = Buffer.from(nodeTid).subarray(0, MAX_TEXT);
  }

  /** Works out the ids of the flow that a part begins at `startMs`, in a tunnel's flow with the id `parent`; 0 for none. */
  ofSlice(slice: Slice, preferL2: boolean, parentHigh: number, parentLow: number, startMs: number): void {
    this.at = putSlice(SINGLE, slice, preferL2);
    if ((parentHigh | parentLow) !== 0) this.text(idText(parentHigh, parentLow));
    this.finish(startMs);
  }

  /** Works out the ids of a flow whose fields were fed by `text`, `word` and `number` since `begin`; both tracking ids are equal then. */
  ofFields(startMs: number): void {
    const length = this.at - SINGLE - INPUT;
    view.setInt32(SINGLE + L3_LENGTH, length, true);
    view.setInt32(SINGLE + TRACKING_LENGTH, length, true);
    this.finish(startMs);
  }

  /**
   * Puts down what the ids of a flow are worked out from by `hashBatch`: of one of TCP or UDP in no tunnel, from its row, whose words begin
   * `at`. It is the same as `ofSlice` has for it.
   */
  putRow(place: number, row: Int32Array, at: number, startMs: number): void {
    const record = BATCH + place * RECORD_BYTES;
    const start = record + INPUT;
    const kind = row[at + ROW_KIND]!;
    const network = kind & KIND_NETWORK;
    const ports = row[at + ROW_PORTS]!;
    const macAHigh = row[at + ROW_MAC_A]!;
    const macBHigh = row[at + ROW_MAC_B]!;
    const macLows = row[at + ROW_MAC_LOWS]!;
    const withMac = (kind & KIND_MAC) !== 0;
    let swap: boolean;
    if (withMac && macAHigh !== macBHigh) swap = macAHigh >>> 0 > macBHigh >>> 0;
    else if (withMac && macLows >>> 16 !== (macLows & 0xffff)) swap = macLows >>> 16 > (macLows & 0xffff);
    else swap = swapsRow(row, at, network === IPV6 ? 4 : 1, ports);
    const first = at + (swap ? ROW_ADDRESS_B : ROW_ADDRESS_A);
    const second = at + (swap ? ROW_ADDRESS_A : ROW_ADDRESS_B);
    let to = start;
    view.setInt32(to, row[first]!);
    if (network === IPV6) {
      view.setInt32(to + 4, row[first + 1]!);
      view.setInt32(to + 8, row[first + 2]!);
      view.setInt32(to + 12, row[first + 3]!);
      view.setInt32(to + 16, row[second]!);
      view.setInt32(to + 20, row[second + 1]!);
      view.setInt32(to + 24, row[second + 2]!);
      to += 24;
    }
    view.setInt32(to + 4, row[second + (network === IPV6 ? 3 : 0)]!);
    view.setInt32(to + 8, 0);
    view.setInt32(to + 12, network);
    view.setInt32(to + 16, swap ? (ports << 16) | (ports >>> 16) : ports);
    view.setInt32(to + 20, 0);
    view.setInt32(to + 24, (kind & KIND_TRANSPORT) >> KIND_TRANSPORT_SHIFT);
    to += 28;
    view.setInt32(record + L3_LENGTH, to - start, true);
    if (withMac) {
      const firstHigh = swap ? macBHigh : macAHigh;
      const secondHigh = swap ? macAHigh : macBHigh;
      const lows = swap ? (macLows << 16) | (macLows >>> 16) : macLows;
      view.setInt32(to, firstHigh);
      view.setInt32(to + 4, (lows & 0xffff_0000) | (secondHigh >>> 16));
      view.setInt32(to + 8, (secondHigh << 16) | (lows & 0xffff));
      view.setInt32(to + 12, 0);
      view.setInt32(to + 16, MAC);
      to += 20;
    }
    view.setInt32(record + TRACKING_LENGTH, to - start, true);
    close(record, to, startMs);
  }

  /** Works out the ids of the flows that were put in places 0 to `count` (not more than a batch has packets). */
  hashBatch(count: number): void {
    this.stamp();
    hashRecords(BATCH, count, STAMP, TIME_LENGTH + this.nodeTid.length);
  }

  /** Takes the ids of one of them. */
  take(place: number): void {
    this.read(BATCH + place * RECORD_BYTES);
  }

  begin(): void {
    this.at = SINGLE + INPUT;
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

  private finish(startMs: number): void {
    close(SINGLE, this.at, startMs);
    this.stamp();
    hashRecords(SINGLE, 1, STAMP, TIME_LENGTH + this.nodeTid.length);
    this.read(SINGLE);
  }

  private stamp(): void {
    if (tidInPlace === this.nodeTid) return;
    bytes.set(this.nodeTid, STAMP + TIME_LENGTH);
    tidInPlace = this.nodeTid;
  }

  private read(record: number): void {
    this.l3Low = view.getInt32(record + L3_KEY, true);
    this.l3High = view.getInt32(record + L3_KEY + 4, true);
    this.trackingLow = view.getInt32(record + TRACKING_KEY, true);
    this.trackingHigh = view.getInt32(record + TRACKING_KEY + 4, true);
    this.uuidLow = view.getInt32(record + UUID, true);
    this.uuidHigh = view.getInt32(record + UUID + 4, true);
  }
}

/** Whether B's end of a row with addresses of so many words is written first where MACs do not tell. */
function swapsRow(row: Int32Array, at: number, words: number, ports: number): boolean {
  for (let word = 0; word < words; word++) {
    const a = row[at + ROW_ADDRESS_A + word]!;
    const b = row[at + ROW_ADDRESS_B + word]!;
    if (a !== b) return a >>> 0 > b >>> 0;
  }
  return ports >>> 16 > (ports & 0xffff);
}

/** Ends a record whose input goes up to `at`. */
function close(record: number, at: number, startMs: number): void {
  view.setInt32(record + TABLE_LENGTH, at - record - INPUT, true);
  // A time before 1970 cannot be told from one far ahead: its low half is what counts.
  const high = Math.floor(startMs / 0x1_0000_0000);
  view.setInt32(record + TIME, high);
  view.setInt32(record + TIME + 4, startMs - high * 0x1_0000_0000);
}

/** Begins a record with the fields of a part that are in its keys, and answers where they end. */
function putSlice(record: number, slice: Slice, preferL2: boolean): number {
  const withMac = slice.hasMac && (preferL2 || slice.network === 0);
  const swap = withMac ? swapsByMac(slice) : swapsByNetwork(slice);
  const start = record + INPUT;
  let at = start;
  if (slice.network !== 0) at = putAddresses(at, slice, swap);
  if (slice.transport !== 0) at = putPorts(at, slice, swap);
  if (slice.hasIcmp) at = putEndpoint(putWord(at, slice.icmp), 0);
  view.setInt32(record + L3_LENGTH, at - start, true);
  if (withMac) {
    at = putMac(at, swap ? slice.targetMacHigh : slice.sourceMacHigh, swap ? slice.targetMacLow : slice.sourceMacLow);
    at = putMac(at, swap ? slice.sourceMacHigh : slice.targetMacHigh, swap ? slice.sourceMacLow : slice.targetMacLow);
    at = putEndpoint(at, MAC);
  }
  view.setInt32(record + TRACKING_LENGTH, at - start, true);
  return at;
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
