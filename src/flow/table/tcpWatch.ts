import { ECHO, TCP_FLAG, type Slice } from '../decode/slice.js';
import { FINISH_TYPE } from '../flow.js';
import { COLD, coldFloatAt, FLAG, HOT, hotAt, hotFloatAt, NOT_ASKED, type FlowColumns } from './columns.js';
import { TCP, tcpAt } from './tcpColumns.js';

// Numbers of this module's own: what another one exports is loaded and checked anew at each use.
const { start_F: START_F, asked_F: ASKED_F, flags: FLAGS } = HOT;
const RTT_F = COLD.rtt_F;
const { askedByB: ASKED_BY_B, finish: FINISH, finishShift: FINISH_SHIFT } = FLAG;
const { syn: SYN, ack: ACK, fin: FIN, rst: RST } = TCP_FLAG;
const FIN_OR_RST = FIN | RST;
const { tcpFin: BY_FIN, tcpRst: BY_RST } = FINISH_TYPE;
const UNASKED = NOT_ASKED;

const NANOSECONDS = 1_000_000;

/** The first question of a round trip: a later one does not move it, so that a repeated SYN shows the whole wait. */
function ask(columns: FlowColumns, row: number, forward: boolean, timeMs: number, nanos: number): void {
  const floats = columns.hotFloat(row);
  const at = hotFloatAt(row);
  if (floats[at + ASKED_F]! !== UNASKED) return;
  floats[at + ASKED_F] = sinceStart(floats, at, timeMs, nanos);
  const hot = columns.hot(row);
  const flags = hotAt(row) + FLAGS;
  hot[flags] = forward ? hot[flags]! & ~ASKED_BY_B : hot[flags]! | ASKED_BY_B;
}

/** The answer of the other side ends the round trip. */
function answer(columns: FlowColumns, row: number, forward: boolean, timeMs: number, nanos: number): void {
  const floats = columns.hotFloat(row);
  const at = hotFloatAt(row);
  const asked = floats[at + ASKED_F]!;
  const askedByB = (columns.hot(row)[hotAt(row) + FLAGS]! & ASKED_BY_B) !== 0;
  if (asked === UNASKED || forward !== askedByB) return;
  columns.coldFloat(row)[coldFloatAt(row) + RTT_F] = Math.max(0, sinceStart(floats, at, timeMs, nanos) - asked);
  floats[at + ASKED_F] = UNASKED;
}

/** Nanoseconds from the start of the flow whose hot half begins `at`, exact for 104 days; negative where the clock went back. */
const sinceStart = (floats: Float64Array, at: number, timeMs: number, nanos: number): number =>
  (timeMs - floats[at + START_F]!) * NANOSECONDS + nanos;

/** Watches an ICMP echo. */
export function watchEcho(columns: FlowColumns, row: number, echo: number, forward: boolean, timeMs: number, nanos: number): void {
  if (echo === ECHO.request) ask(columns, row, forward, timeMs, nanos);
  else answer(columns, row, forward, timeMs, nanos);
}

/** Watches a segment with SYN, FIN or RST: round trip and how the connection ends. A reset outweighs a regular end. */
export function watchTcp(columns: FlowColumns, row: number, flags: number, forward: boolean, timeMs: number, nanos: number): void {
  const syn = (flags & SYN) !== 0;
  if (syn && (flags & ACK) === 0) ask(columns, row, forward, timeMs, nanos);
  else if (syn || (flags & RST) !== 0) answer(columns, row, forward, timeMs, nanos);
  if ((flags & FIN_OR_RST) === 0) return;
  const hot = columns.hot(row);
  const at = hotAt(row) + FLAGS;
  const finished = (hot[at]! & FINISH) >> FINISH_SHIFT;
  if (finished === BY_RST) return;
  hot[at] = (hot[at]! & ~FINISH) | (((flags & RST) !== 0 ? BY_RST : BY_FIN) << FINISH_SHIFT);
}

/** Times of the first SYN and the last FIN and RST of each end. */
export function countTcpFlags({ tcp }: FlowColumns, row: number, { tcpFlags, hopLimit }: Slice, forward: boolean, timeMs: number): void {
  const numbers = tcp.of(row);
  const at = tcpAt(row, forward);
  if ((tcpFlags & SYN) !== 0) {
    if (numbers[at + TCP.synStart] !== 0) return;
    numbers[at + TCP.synStart] = timeMs;
    numbers[at + TCP.synTtl] = hopLimit;
  } else if ((tcpFlags & FIN) !== 0) numbers[at + TCP.finStart] = timeMs;
  else if ((tcpFlags & RST) !== 0) numbers[at + TCP.rstStart] = timeMs;
}
