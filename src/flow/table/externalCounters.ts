import type { PathTable } from '../decode/paths.js';
import { FINISH_TYPE } from '../flow.js';
import { COLD, coldAt, HOT, hotFloatAt } from './columns.js';
import type { ExternalFlow, ExternalTcp, Recount } from './external.js';
import { externalKeys, externalSlice } from './externalSlice.js';
import type { FlowRows } from './flowRows.js';
import type { Applications } from './rowMaker.js';
import { TCP, tcpAt } from './tcpColumns.js';

/** Puts what something else has counted of a flow into its row, which it makes for a new one; `false` for a flow that has no ends to be told apart by. */
export function countExternal(rows: FlowRows, paths: PathTable, applications: Applications, flow: ExternalFlow, nowMs: number): boolean {
  const slice = externalSlice(flow, paths);
  if (!slice.hasMac && slice.network === 0) return false;
  let row = rows.finder.find(slice, 0, true);
  if (row < 0) {
    externalKeys(flow, rows.keys);
    row = rows.add(slice, 0, 0, 0, flow.start, applications.number(flow.application), true);
    rows.columns.cold(row)[coldAt(row) + COLD.transportId] = flow.transport?.id ?? 0;
  }
  const { abPackets, abBytes, baPackets, baBytes } = flow;
  const floats = rows.columns.hotFloat(row);
  const at = hotFloatAt(row);
  const { forward } = rows.finder;
  const before = (column: number): number => (flow.counters === 'add' ? floats[at + column]! : 0);
  putCounters(
    rows,
    row,
    abPackets + before(forward ? HOT.abPackets_F : HOT.baPackets_F),
    abBytes + before(forward ? HOT.abBytes_F : HOT.baBytes_F),
    baPackets + before(forward ? HOT.baPackets_F : HOT.abPackets_F),
    baBytes + before(forward ? HOT.baBytes_F : HOT.abBytes_F),
    Math.min(flow.last, nowMs),
  );
  if (flow.tcp !== undefined) putTcp(rows, row, flow.tcp);
  return true;
}

/** Puts how a flow stands into the row that `countExternal` made; `false` when there is none, or none any more. */
export function recountExternal(rows: FlowRows, counted: Recount, nowMs: number): boolean {
  const row = rows.finder.find(counted.slice, 0, true);
  if (row < 0) return false;
  const { abPackets, abBytes, baPackets, baBytes, last } = counted;
  putCounters(rows, row, abPackets, abBytes, baPackets, baBytes, last < nowMs ? last : nowMs);
  if (counted.hasTcp) putTcp(rows, row, counted.tcp);
  return true;
}

/** Counters of the whole flow, as seen from the end that the finder looked from. */
function putCounters(
  { columns, finder: { forward } }: FlowRows,
  row: number,
  abPackets: number,
  abBytes: number,
  baPackets: number,
  baBytes: number,
  last: number,
): void {
  const floats = columns.hotFloat(row);
  const at = hotFloatAt(row);
  floats[at + HOT.abPackets_F] = forward ? abPackets : baPackets;
  floats[at + HOT.abBytes_F] = forward ? abBytes : baBytes;
  floats[at + HOT.baPackets_F] = forward ? baPackets : abPackets;
  floats[at + HOT.baBytes_F] = forward ? baBytes : abBytes;
  if (last > floats[at + HOT.last_F]!) floats[at + HOT.last_F] = last;
}

function putTcp(rows: FlowRows, row: number, tcp: Readonly<ExternalTcp>): void {
  const { forward } = rows.finder;
  rows.beginTcp(row);
  const numbers = rows.columns.tcp.of(row);
  const ab = tcpAt(row, forward);
  const ba = tcpAt(row, !forward);
  numbers[ab + TCP.synStart] ||= tcp.abSyn;
  numbers[ba + TCP.synStart] ||= tcp.baSyn;
  numbers[ab + TCP.finStart] = tcp.abFin || numbers[ab + TCP.finStart]!;
  numbers[ba + TCP.finStart] = tcp.baFin || numbers[ba + TCP.finStart]!;
  numbers[ab + TCP.rstStart] = tcp.abRst || numbers[ab + TCP.rstStart]!;
  numbers[ba + TCP.rstStart] = tcp.baRst || numbers[ba + TCP.rstStart]!;
  const floats = rows.columns.hotFloat(row);
  const at = hotFloatAt(row);
  const a = tcpAt(row, true);
  const b = tcpAt(row, false);
  numbers[a + TCP.packets] = floats[at + HOT.abPackets_F]!;
  numbers[a + TCP.bytes] = floats[at + HOT.abBytes_F]!;
  numbers[b + TCP.packets] = floats[at + HOT.baPackets_F]!;
  numbers[b + TCP.bytes] = floats[at + HOT.baBytes_F]!;
  const ended = tcp.abRst || tcp.baRst ? FINISH_TYPE.tcpRst : tcp.abFin || tcp.baFin ? FINISH_TYPE.tcpFin : 0;
  if (ended !== 0) rows.finish(row, ended);
}
