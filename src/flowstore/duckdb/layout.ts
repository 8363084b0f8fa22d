import type { IdField, NumberField, TextField } from '../condition.js';

/** How long an idle flow still counts as there, ms: as long as it is in an agent's table. */
export const EXPIRE_MS = 600_000;

/** Columns whose values are numbers of texts (`texts.ts`); 0 is none. */
export const TEXT_COLUMNS = [
  'layers',
  'application',
  'protocol',
  'link_a',
  'link_b',
  'network',
  'network_a',
  'network_b',
  'transport',
  'icmp_type',
  'node_tid',
  'capture',
  'origin',
] as const;
export type TextColumn = (typeof TEXT_COLUMNS)[number];

/** 64-bit ids. */
export const ID_COLUMNS = ['uuid', 'tracking', 'l3_tracking', 'parent'] as const;
export type IdColumn = (typeof ID_COLUMNS)[number];

/** Numbers. `start` and `last` are corrected times; `w_…` is what was added since the update before. */
export const NUMBER_COLUMNS = [
  'start',
  'last',
  'link_id',
  'network_id',
  'transport_a',
  'transport_b',
  'transport_id',
  'icmp_code',
  'icmp_id',
  'finish',
  'raw_captured',
  'ab_segments',
  'ba_segments',
  'ab_packets',
  'ab_bytes',
  'ba_packets',
  'ba_bytes',
  'rtt',
  'm_start',
  'm_last',
  'w_ab_packets',
  'w_ab_bytes',
  'w_ba_packets',
  'w_ba_bytes',
  'w_rtt',
  'w_start',
  'w_last',
  'clock_offset',
] as const;
export type NumberColumn = (typeof NUMBER_COLUMNS)[number];

/** What few flows have, as JSON: extra layers, TCP and IP metrics; null for the others. Mostly said once, so no number stands for it. */
export const DETAILS_COLUMN = 'details';

export const TEXT_FIELDS: Readonly<Record<TextField, TextColumn>> = {
  application: 'application',
  protocol: 'protocol',
  linkA: 'link_a',
  linkB: 'link_b',
  networkA: 'network_a',
  networkB: 'network_b',
  nodeTid: 'node_tid',
  capture: 'capture',
  layers: 'layers',
};

/** Ports count only where there is a transport layer. */
export const NUMBER_FIELDS: Readonly<Record<NumberField, string>> = {
  portA: 'CASE WHEN transport <> 0 THEN transport_a END',
  portB: 'CASE WHEN transport <> 0 THEN transport_b END',
  bytes: '(ab_bytes + ba_bytes)',
  start: 'start',
  last: 'last',
};

export const ID_FIELDS: Readonly<Record<IdField, IdColumn>> = {
  uuid: 'uuid',
  trackingId: 'tracking',
  l3TrackingId: 'l3_tracking',
  parent: 'parent',
};

/** Tables of one file. */
export const tablesOf = (file: string): string => `
  CREATE TABLE IF NOT EXISTS ${file}.updates(${[
    ...ID_COLUMNS.map((column) => `${column} UBIGINT`),
    ...TEXT_COLUMNS.map((column) => `${column} UINTEGER`),
    ...NUMBER_COLUMNS.map((column) => `${column} DOUBLE`),
    `${DETAILS_COLUMN} VARCHAR`,
  ].join(', ')});
  CREATE TABLE IF NOT EXISTS ${file}.packets(uuid UBIGINT, instant DOUBLE, place DOUBLE, link_type DOUBLE, data BLOB);
  ALTER TABLE ${file}.packets ADD COLUMN IF NOT EXISTS nanos DOUBLE;
  ALTER TABLE ${file}.packets ADD COLUMN IF NOT EXISTS wire_length DOUBLE;`;
