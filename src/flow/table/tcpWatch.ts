import { ECHO, TCP_FLAG, type Slice } from '../decode/slice.js';
import { FINISH_TYPE } from '../flow.js';
import { COLD, coldFloatAt, FLAG, HOT, hotAt, hotFloatAt, NOT_ASKED, type FlowColumns } from './columns.js';
import { TCP, tcpAt } from './tcpColumns.js';

const NANOSECONDS = 1_000_000;

/** Nanoseconds from the flow's start, exact for 104 days; negative where the clock went back. */
const sinceStart = (columns: FlowColumns, row: number, timeMs: number, nanos: number): number =>
  (timeMs - columns.hotFloat(row)[hotFloatAt(row) + HOT.start_F]!) * NANOSECONDS + nanos;

/** The first question of a round trip: a later one does not move it, so that a repeated SYN shows the whole wait. */
function ask(columns: FlowColumns, row: number, forward: boolean, timeMs: number, nanos: number): void {
  const floats = columns.hotFloat(row);
  const at = hotFloatAt(row) + HOT.asked_F;
  if (floats[at]! !== NOT_ASKED) return;
  floats[at] = sinceStart(columns, row, timeMs, nanos);
  const hot = columns.hot(row);
  const flags = hotAt(row) + HOT.flags;
  hot[flags] = forward ? hot[flags]! & ~FLAG.askedByB : hot[flags]! | FLAG.askedByB;
}

/** The answer of the other side ends the round trip. */
function answer(columns: FlowColumns, row: number, forward: boolean, timeMs: number, nanos: number): void {
  const floats = columns.hotFloat(row);
  const at = hotFloatAt(row) + HOT.asked_F;
  const asked = floats[at]!;
  const askedByB = (columns.hot(row)[hotAt(row) + HOT.flags]! & FLAG.askedByB) !== 0;
  if (asked === NOT_ASKED || forward !== askedByB) return;
  columns.coldFloat(row)[coldFloatAt(row) + COLD.rtt_F] = Math.max(0, sinceStart(columns, row, timeMs, nanos) - asked);
  floats[at] = NOT_ASKED;
}

/** Watches an ICMP echo. */
export function watchEcho(columns: FlowColumns, row: number, echo: number, forward: boolean, timeMs: number, nanos: number): void {
  if (echo === ECHO.request) ask(columns, row, forward, timeMs, nanos);
  else answer(columns, row, forward, timeMs, nanos);
}

/** Watches a segment with SYN, FIN or RST: round trip and how the connection ends. A reset outweighs a regular end. */
export function watchTcp(columns: FlowColumns, row: number, flags: number, forward: boolean, timeMs: number, nanos: number): void {
  const syn = (flags & TCP_FLAG.syn) !== 0;
  if (syn && (flags & TCP_FLAG.ack) === 0) ask(columns, row, forward, timeMs, nanos);
  else if (syn || (flags & TCP_FLAG.rst) !== 0) answer(columns, row, forward, timeMs, nanos);
  if ((flags & (TCP_FLAG.fin | TCP_FLAG.rst)) === 0) return;
  const hot = columns.hot(row);
  const at = hotAt(row) + HOT.flags;
  const finished = (hot[at]! & FLAG.finish) >> FLAG.finishShift;
  if (finished === FINISH_TYPE.tcpRst) return;
  const finish = (flags & TCP_FLAG.rst) !== 0 ? FINISH_TYPE.tcpRst : FINISH_TYPE.tcpFin;
  hot[at] = (hot[at]! & ~FLAG.finish) | (finish << FLAG.finishShift);
}

/** Times of the first SYN and the last FIN and RST of each end. */
export function countTcpFlags({ tcp }: FlowColumns, row: number, { tcpFlags, hopLimit }: Slice, forward: boolean, timeMs: number): void {
  const numbers = tcp.of(row);
  const at = tcpAt(row, forward);
  if ((tcpFlags & TCP_FLAG.syn) !== 0) {
    if (numbers[at + TCP.synStart] !== 0) return;
    numbers[at + TCP.synStart] = timeMs;
    numbers[at + TCP.synTtl] = hopLimit;
  } else if ((tcpFlags & TCP_FLAG.fin) !== 0) numbers[at + TCP.finStart] = timeMs;
  else if ((tcpFlags & TCP_FLAG.rst) !== 0) numbers[at + TCP.rstStart] = timeMs;
}
