import type { DuckDBConnection } from '@duckdb/node-api';
import type { Flow, FlowMetric, RawPacket } from '../../flow/flow.js';
import type { FlowCondition } from '../condition.js';
import type { FlowsAnswer, FlowsQuery, FlowSpan, KeptPacket, PacketsQuery, SummaryGroup, SummaryKey, SummaryQuery } from '../store.js';
import type { FlowFiles } from './files.js';
import { DETAILS_COLUMN, EXPIRE_MS, ID_COLUMNS, NUMBER_COLUMNS, TEXT_COLUMNS } from './layout.js';
import { flowFrom, hexOf, idOf, windowFrom, type Row } from './rows.js';
import type { Texts } from './texts.js';
import { whereClause } from './where.js';

/** What questions are asked of. */
export interface Asked {
  readonly connection: DuckDBConnection;
  readonly files: FlowFiles;
  readonly texts: Texts;
}

/** What conditions and orders look at: as little as possible goes through the choice of the latest update of each flow. */
const NARROW = [
  ...ID_COLUMNS,
  ...['layers', 'application', 'protocol', 'link_a', 'link_b', 'network_a', 'network_b', 'transport', 'node_tid', 'capture'],
  ...['start', 'last', 'w_last', 'transport_a', 'transport_b', 'finish', 'ab_bytes', 'ba_bytes', 'ab_packets', 'ba_packets'],
].join(', ');

const ORDERS = { START: 'start', LAST: 'last', BYTES: 'ab_bytes + ba_bytes', PACKETS: 'ab_packets + ba_packets' } as const;

/** Flows as they stood at the end of the span: of each its latest update by then; of one whose first update came later, that. */
export async function flows({ connection, files, texts }: Asked, query: FlowsQuery): Promise<FlowsAnswer> {
  const { from, to } = query.span;
  const names = await files.covering(from - EXPIRE_MS, to);
  if (names.length === 0) return { flows: [], total: 0 };
  const where = whereClause(query.condition, texts);
  // What never changes in a flow is asked before the latest update is chosen, the rest after.
  const [before, after] = changes(query.condition) ? ['TRUE', where] : [where, 'TRUE'];
  const parts = names.map(
    (name, file) => `SELECT ${file} AS file, rowid AS place, ${NARROW} FROM ${name}.updates
      WHERE start <= ${to} AND last >= ${from - EXPIRE_MS} AND w_start <= ${to} AND ${before}`,
  );
  const direction = query.order.isDescending ? 'DESC' : 'ASC';
  const answer = await connection.runAndReadAll(`
    WITH latest AS (
      SELECT * FROM (${parts.join(' UNION ALL ')}) QUALIFY row_number() OVER (
        PARTITION BY uuid ORDER BY w_last > ${to}, CASE WHEN w_last > ${to} THEN w_last ELSE -w_last END, last DESC) = 1
    ), wanted AS (SELECT * FROM latest WHERE ${after})
    SELECT file, place, (SELECT count(*) FROM wanted) FROM wanted
    ORDER BY ${ORDERS[query.order.field]} ${direction}, uuid ${direction} LIMIT ${query.limit} OFFSET ${query.offset}`);
  const places = answer.getRowsJS() as [number, bigint, bigint][];
  if (places.length === 0) return { flows: [], total: query.offset === 0 ? 0 : await total({ connection, files, texts }, query) };
  const byPlace = new Map<string, Flow>();
  for (const [file, name] of names.entries()) {
    const mine = places.flatMap(([of, place]) => (Number(of) === file ? [place] : []));
    if (mine.length === 0) continue;
    const rows = await wideRows(
      connection,
      `SELECT rowid AS place, ${WIDE} FROM ${name}.updates WHERE rowid IN (${mine.join(', ')})`,
      texts,
    );
    for (const row of rows) byPlace.set(`${file} ${String(row.place)}`, flowFrom(row));
  }
  return { flows: places.map(([file, place]) => byPlace.get(`${file} ${place}`)!), total: Number(places[0]![2]) };
}

/** How many there are, for a page behind the last. */
const total = async (asked: Asked, query: FlowsQuery): Promise<number> => (await flows(asked, { ...query, offset: 0, limit: 1 })).total;

const WIDE = [...ID_COLUMNS, ...TEXT_COLUMNS, ...NUMBER_COLUMNS, DETAILS_COLUMN].join(', ');

/** Rows with texts in place of their numbers. */
async function wideRows(connection: DuckDBConnection, sql: string, texts: Texts): Promise<Row[]> {
  const answer = await connection.runAndReadAll(sql);
  const rows = answer.getRowObjectsJS() as Record<string, unknown>[];
  for (const row of rows) for (const column of TEXT_COLUMNS) row[column] = texts.textOf(row[column] as number) ?? '';
  return rows;
}

/** Whether what is asked changes during a flow. */
function changes(condition: FlowCondition): boolean {
  switch (condition.kind) {
    case 'all':
    case 'any':
      return condition.of.some(changes);
    case 'not':
      return changes(condition.of);
    case 'number':
      return condition.fields.includes('bytes') || condition.fields.includes('last');
    case 'finished':
      return true;
    default:
      return false;
  }
}

/** What each update counted, those that lie within the span, in order of their end. */
export async function samples(
  { connection, files, texts }: Asked,
  uuids: readonly string[],
  { from, to }: FlowSpan,
): Promise<ReadonlyMap<string, readonly FlowMetric[]>> {
  const found = new Map<string, FlowMetric[]>();
  const names = uuids.length === 0 ? [] : await files.covering(from, to);
  if (names.length === 0) return found;
  const parts = names.map(
    (name) => `SELECT ${WIDE} FROM ${name}.updates WHERE ${isOneOf(uuids)} AND w_start >= ${from} AND w_last <= ${to}`,
  );
  for (const row of await wideRows(connection, `${parts.join(' UNION ALL ')} ORDER BY w_last`, texts)) {
    push(found, hexOf(row.uuid as bigint), windowFrom(row));
  }
  return found;
}

/** Packets captured within the span, in order. */
export async function rawPackets(
  { connection, files }: Asked,
  uuids: readonly string[],
  { from, to }: FlowSpan,
): Promise<ReadonlyMap<string, readonly RawPacket[]>> {
  const found = new Map<string, RawPacket[]>();
  // A packet goes with the update that follows it.
  const names = uuids.length === 0 ? [] : await files.covering(from, to);
  if (names.length === 0) return found;
  const parts = names.map(
    (name) =>
      `SELECT uuid, instant, place, link_type, data, nanos, wire_length FROM ${name}.packets WHERE ${isOneOf(uuids)} AND instant BETWEEN ${from} AND ${to}`,
  );
  const answer = await connection.runAndReadAll(`${parts.join(' UNION ALL ')} ORDER BY uuid, place`);
  for (const row of answer.getRows() as PacketRow[]) push(found, hexOf(row[0]), packetFrom(row));
  return found;
}

type PacketRow = [bigint, number, number, number, { bytes: Uint8Array }, number | null, number | null];

/** Files that were begun before nanoseconds and lengths were kept have null. */
function packetFrom([, Timestamp, Index, LinkType, data, nanos, length]: PacketRow): RawPacket {
  const Data = new Uint8Array(data.bytes);
  return { Timestamp, Nanos: nanos ?? 0, Index, LinkType, Data, WireLength: length ?? Data.length };
}

/** Packets of flows that match, in the order of their times, those behind `after`. */
export async function packets({ connection, files, texts }: Asked, { condition, span, after, limit }: PacketsQuery): Promise<KeptPacket[]> {
  const { from, to } = span;
  const names = await files.covering(after?.packet.Timestamp ?? from, to);
  if (names.length === 0) return [];
  const where = whereClause(condition, texts);
  const place = '(instant, nanos, uuid, place)';
  // As texts: a number with a point would be read as a decimal one.
  const exact = (value: number): string => `'${value}'::DOUBLE`;
  const behind =
    after === undefined
      ? 'TRUE'
      : `${place} > (${exact(after.packet.Timestamp)}, ${exact(after.packet.Nanos)}, ${idOf(after.uuid)}::UBIGINT, ${exact(after.packet.Index)})`;
  // A packet lies in the file of the update that follows it, so its flow is known there.
  const parts = names.map(
    (name) => `SELECT uuid, instant, place, link_type, data, coalesce(nanos, 0) AS nanos, wire_length, node_tid
      FROM ${name}.packets JOIN (SELECT uuid, any_value(node_tid) AS node_tid FROM ${name}.updates WHERE ${where} GROUP BY uuid) USING (uuid)
      WHERE instant BETWEEN ${from} AND ${to}`,
  );
  const answer = await connection.runAndReadAll(
    `SELECT * FROM (${parts.join(' UNION ALL ')}) WHERE ${behind} ORDER BY instant, nanos, uuid, place LIMIT ${limit}`,
  );
  return (answer.getRows() as [...PacketRow, number][]).map((row) => {
    const [uuid, , , , , , , tid] = row;
    return { uuid: hexOf(uuid), nodeTid: texts.textOf(tid) ?? '', packet: packetFrom(row.slice(0, 7) as unknown as PacketRow) };
  });
}

const isOneOf = (uuids: readonly string[]): string => `uuid IN (${uuids.map(idOf).join(', ')})`;

function push<V>(lists: Map<string, V[]>, key: string, value: V): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}

const KEYS: Readonly<Record<Exclude<SummaryKey, 'TIME'>, string>> = {
  A_ADDRESS: 'network_a',
  B_ADDRESS: 'network_b',
  A_MAC: 'link_a',
  B_MAC: 'link_b',
  A_END: 'CASE WHEN network_a <> 0 THEN network_a ELSE link_a END',
  B_END: 'CASE WHEN network_b <> 0 THEN network_b ELSE link_b END',
  A_PORT: 'CASE WHEN transport <> 0 THEN transport_a END',
  B_PORT: 'CASE WHEN transport <> 0 THEN transport_b END',
  APPLICATION: 'application',
  PROTOCOL: 'protocol',
  CAPTURE_NODE: 'node_tid',
};
const IS_NUMBER: ReadonlySet<SummaryKey> = new Set(['A_PORT', 'B_PORT', 'TIME']);

const MEASURES = { BYTES: 'ab_bytes + ba_bytes', PACKETS: 'ab_packets + ba_packets', FLOWS: 'flows' } as const;

/** Sums of what was counted within the span. A window that reaches over an end of the span counts by the share of its time that lies inside. */
export async function summary({ connection, files, texts }: Asked, query: SummaryQuery): Promise<SummaryGroup[]> {
  const names = await files.covering(query.span.from, query.span.to);
  if (names.length === 0) return [];
  const answer = await connection.runAndReadAll(summarySql(query, names, whereClause(query.condition, texts)));
  return (answer.getRowsJS() as (number | bigint | null)[][]).map((row) => {
    const [abBytes, baBytes, abPackets, baPackets, flows] = row.slice(query.keys.length).map(Number) as [
      number,
      number,
      number,
      number,
      number,
    ];
    const keys = query.keys.map((key, place) => {
      const value = row[place];
      if (value === null || value === undefined) return undefined;
      return IS_NUMBER.has(key) ? Number(value) : texts.textOf(Number(value));
    });
    return { keys, abBytes, baBytes, abPackets, baPackets, flows };
  });
}

/** The statement: also what the bench gives to DuckDB's own command line. */
export function summarySql(
  { keys, span: { from, to }, stepMs, orderBy, limit }: SummaryQuery,
  names: readonly string[],
  where: string,
): string {
  const time = keys.indexOf('TIME');
  const expressions = keys.map((key) => (key === 'TIME' ? 'step' : KEYS[key]));
  const named = expressions.map((expression, place) => `${expression} AS k${place}`);
  const [begin, end] = time === -1 ? [`${from}`, `${to}`] : ['step', `least(step + ${stepMs}, ${to})`];
  const share = `CASE WHEN w_start >= ${begin} AND w_last <= ${end} OR w_last <= w_start THEN 1
    ELSE (least(w_last, ${end}) - greatest(w_start, ${begin})) / (w_last - w_start) END`;
  const sums = ['ab_bytes', 'ba_bytes', 'ab_packets', 'ba_packets'];
  const rows = (name: string): string => `SELECT * FROM ${name}.updates WHERE w_start <= ${to} AND w_last >= ${from} AND ${where}`;
  const parts = names.map(
    (name) => `SELECT ${[...named, 'uuid', ...sums.map((sum) => `w_${sum} * ${share} AS ${sum}`)].join(', ')}
      FROM (${time === -1 ? rows(name) : inSteps(rows(name), { from, to }, stepMs)})`,
  );
  const columns = keys.map((_, place) => `k${place}`);
  const groups = `SELECT ${[...columns, ...sums.map((sum) => `sum(${sum}) AS ${sum}`), 'count(DISTINCT uuid) AS flows'].join(', ')}
    FROM (${parts.join(' UNION ALL ')}) ${columns.length === 0 ? '' : `GROUP BY ${columns.join(', ')}`}`;
  if (time === -1) {
    const rounded = [...columns, ...sums.map((sum) => `round(${sum}) AS ${sum}`), 'flows'].join(', ');
    return `SELECT ${rounded} FROM (${groups}) ORDER BY ${[`${MEASURES[orderBy]} DESC`, ...columns].join(', ')} LIMIT ${limit}`;
  }
  // Whoever is ranked has all steps, in their order.
  const others = columns.filter((_, place) => place !== time);
  const ranks = `SELECT ${[...others, `sum(${MEASURES[orderBy]}) AS measure`].join(', ')} FROM groups
    ${others.length === 0 ? '' : `GROUP BY ${others.join(', ')}`} ORDER BY ${['measure DESC', ...others].join(', ')} LIMIT ${limit}`;
  const isSame = others.map((column) => `groups.${column} IS NOT DISTINCT FROM ranks.${column}`).join(' AND ') || 'TRUE';
  // Rounded so that steps add up to the whole: what each is more than those before it.
  const ofOne = others.length === 0 ? '' : `PARTITION BY ${others.map((column) => `groups.${column}`).join(', ')}`;
  const thisFar = `OVER (${ofOne} ORDER BY groups.${columns[time]!})`;
  const before = `OVER (${ofOne} ORDER BY groups.${columns[time]!} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)`;
  const steps = sums.map((sum) => `round(sum(${sum}) ${thisFar}) - round(coalesce(sum(${sum}) ${before}, 0)) AS ${sum}`);
  return `WITH groups AS (${groups}), ranks AS (${ranks})
    SELECT ${[...columns.map((column) => `groups.${column}`), ...steps, 'flows'].join(', ')} FROM groups JOIN ranks ON ${isSame}
    ORDER BY ${['measure DESC', ...others.map((column) => `groups.${column}`), `groups.${columns[time]!}`].join(', ')}`;
}

/** Each row once for every step that its window has a share in, with the beginning of that as `step`. */
function inSteps(rows: string, { from, to }: FlowSpan, stepMs: number): string {
  const last = Math.max(0, Math.ceil((to - from) / stepMs) - 1);
  const stepOf = (time: string): string => `(${time} - ${from}) / ${stepMs}`;
  // Of a flow that ended by its age the last word is over all its life, and counts nothing: it is of its end.
  const first = 'CASE WHEN w_ab_packets + w_ba_packets = 0 THEN w_last ELSE w_start END';
  // A window that ends where a step begins has no share in it, unless it is that instant.
  const lastOf = `CASE WHEN w_last > w_start THEN ceil(${stepOf('w_last')}) - 1 ELSE floor(${stepOf('w_last')}) END`;
  const steps = `range(least(${last}, greatest(0, floor(${stepOf(first)})))::BIGINT, least(${last}, ${lastOf})::BIGINT + 1)`;
  return `SELECT *, ${from} + unnest(${steps}) * ${stepMs} AS step FROM (${rows})`;
}
