import { ENDPOINT, TCP_FLAG, type Slice } from '../decode/slice.js';
import { LINK_TYPE } from '../decode/dissect.js';
import { readDhcpv4 } from '../layers/dhcpv4.js';
import { readDns } from '../layers/readDns.js';
import { readVrrpv2 } from '../layers/vrrpv2.js';
import type { FlowExtras } from './extras.js';
import type { RawPacket } from '../flow.js';
import type { TableBudgets } from './budget.js';
import { EXTRA_LAYERS } from './options.js';
import { TcpStream } from './reassembly.js';
import { TCP, tcpAt, type TcpColumns } from './tcpColumns.js';
import { copyBytes } from '../copyBytes.js';

/** Bytes that a message takes when it was read, for each of its own: names are written out, every field has a name. */
const READ_OUT = 16;

/** Reads the extra layers that the capture asks for: DNS of every packet, the others of the flow's first. What finds no room is left out. */
export function keepDetails(
  extras: FlowExtras,
  slice: Slice,
  wanted: number,
  bytes: Uint8Array,
  timeMs: number,
  nanos: number,
  { layers }: TableBudgets,
): void {
  if (slice.dnsAt !== 0 && (wanted & EXTRA_LAYERS.DNS) !== 0) {
    layers.give(extras.dnsBytes ?? 0);
    const size = (Math.min(slice.extraEnd, bytes.length) - slice.dnsAt) * READ_OUT;
    extras.dns = layers.take(size) ? readDns(bytes, slice.dnsAt, slice.extraEnd, timeMs, nanos) : undefined;
    extras.dnsBytes = extras.dns === undefined ? 0 : size;
  }
  if (slice.dhcpAt !== 0 && (wanted & EXTRA_LAYERS.DHCPv4) !== 0) extras.dhcpv4 ??= readDhcpv4(bytes, slice.dhcpAt);
  if (slice.vrrpAt !== 0 && (wanted & EXTRA_LAYERS.VRRP) !== 0) extras.vrrpv2 ??= readVrrpv2(bytes, slice.vrrpAt);
}

/** Hands a segment to its direction's stream. */
export function followStream(
  extras: FlowExtras,
  columns: TcpColumns,
  row: number,
  slice: Slice,
  forward: boolean,
  timeMs: number,
  nanos: number,
  { segments }: TableBudgets,
): void {
  const stream = forward ? (extras.abStream ??= new TcpStream(segments)) : (extras.baStream ??= new TcpStream(segments));
  const starts = (slice.tcpFlags & TCP_FLAG.syn) !== 0;
  const ends = (slice.tcpFlags & (TCP_FLAG.fin | TCP_FLAG.rst)) !== 0;
  stream.segment(slice.tcpSequence, slice.tcpDataLength, starts, ends, timeMs, nanos);
  copyStream(columns, row, stream, forward);
}

/** Gives back what a flow takes of the table's budgets, when it is gone. */
export function giveBack(extras: FlowExtras, { raw, layers }: TableBudgets): void {
  raw.give(rawSize(extras.raw));
  layers.give(extras.dnsBytes ?? 0);
  extras.abStream?.forget();
  extras.baStream?.forget();
}

/** Of one raw packet beside its bytes. */
const RAW_PACKET = 200;

/** Bytes that raw packets take. */
export const rawSize = (packets: readonly Pick<RawPacket, 'Data'>[] = []): number =>
  packets.reduce((sum, { Data }) => sum + RAW_PACKET + Data.length, 0);

/** Gives up the gaps of streams that were silent since `beforeMs`. */
export function endStreams(extras: FlowExtras, columns: TcpColumns, row: number, beforeMs: number): void {
  for (const forward of [true, false]) {
    const stream = forward ? extras.abStream : extras.baStream;
    if (stream === undefined || stream.touchedMs >= beforeMs) continue;
    stream.flush();
    copyStream(columns, row, stream, forward);
  }
}

function copyStream(columns: TcpColumns, row: number, { totals }: TcpStream, forward: boolean): void {
  const numbers = columns.of(row);
  const at = tcpAt(row, forward);
  numbers[at + TCP.packets] = totals.packets;
  numbers[at + TCP.bytes] = totals.bytes;
  numbers[at + TCP.outOfOrder] = totals.outOfOrder;
  numbers[at + TCP.skipped] = totals.skipped;
  numbers[at + TCP.skippedBytes] = totals.skippedBytes;
  numbers[at + TCP.sawStart] = totals.sawStart;
  numbers[at + TCP.sawEnd] = totals.sawEnd;
}

/** Length of two MAC addresses: a tag stands behind them. */
const TAG_AT = 12;

/** A copy of the captured bytes of a part, with the tag that the kernel took out back in its place. */
export function rawBytes(bytes: Uint8Array, slice: Slice, capturedEnd: number, vlanTag: number): Uint8Array {
  if (vlanTag === 0 || !slice.startsWithEthernet) return copyBytes(bytes, slice.start, capturedEnd);
  const whole = new Uint8Array(capturedEnd - slice.start + 4);
  whole.set(bytes.subarray(slice.start, slice.start + TAG_AT));
  new DataView(whole.buffer).setUint32(TAG_AT, vlanTag);
  whole.set(bytes.subarray(slice.start + TAG_AT, capturedEnd), TAG_AT + 4);
  return whole;
}

/** pcap's link type of a part by what it begins with; a packet's first part may be of another one that was captured. */
export function rawLinkType(slice: Slice, captured: number): number {
  if (slice.startsWithEthernet) return LINK_TYPE.ethernet;
  if (slice.network === ENDPOINT.ipv4) return LINK_TYPE.ipv4;
  return slice.network === ENDPOINT.ipv6 ? LINK_TYPE.ipv6 : captured;
}
