import type { PathTable } from '../decode/paths.js';
import { FINISH_TYPE } from '../flow.js';
import { COLD, coldAt, HOT, hotFloatAt } from './columns.js';
import type { ExternalFlow, ExternalTcp, Recount } from './external.js';
import { externalKeys, externalSlice } from './externalSlice.js';
import { newTcpCounters } from './extras.js';
import type { FlowRows } from './flowRows.js';
import type { Applications } from './rowMaker.js';

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
  const counters = (rows.extrasOf(row).tcp ??= newTcpCounters());
  counters.ABSynStart ||= forward ? tcp.abSyn : tcp.baSyn;
  counters.BASynStart ||= forward ? tcp.baSyn : tcp.abSyn;
  counters.ABFinStart = (forward ? tcp.abFin : tcp.baFin) || counters.ABFinStart;
  counters.BAFinStart = (forward ? tcp.baFin : tcp.abFin) || counters.BAFinStart;
  counters.ABRstStart = (forward ? tcp.abRst : tcp.baRst) || counters.ABRstStart;
  counters.BARstStart = (forward ? tcp.baRst : tcp.abRst) || counters.BARstStart;
  const floats = rows.columns.hotFloat(row);
  const at = hotFloatAt(row);
  counters.ABPackets = floats[at + HOT.abPackets_F]!;
  counters.ABBytes = floats[at + HOT.abBytes_F]!;
  counters.BAPackets = floats[at + HOT.baPackets_F]!;
  counters.BABytes = floats[at + HOT.baBytes_F]!;
  const ended = tcp.abRst || tcp.baRst ? FINISH_TYPE.tcpRst : tcp.abFin || tcp.baFin ? FINISH_TYPE.tcpFin : 0;
  if (ended !== 0) rows.finish(row, ended);
}
