/** First bytes of a batch: its kind and the version of its form. */
export const MAGIC = 0x32424643;

/** Numbers that every flow has, in the order in which they lie in a batch. */
export const NUMBER_COLUMNS = [
  'Start',
  'Last',
  'Link.ID',
  'Network.ID',
  'Transport.A',
  'Transport.B',
  'Transport.ID',
  'ICMP.Type',
  'ICMP.Code',
  'ICMP.ID',
  'Metric.ABPackets',
  'Metric.ABBytes',
  'Metric.BAPackets',
  'Metric.BABytes',
  'Metric.RTT',
  'LastUpdateMetric.ABPackets',
  'LastUpdateMetric.ABBytes',
  'LastUpdateMetric.BAPackets',
  'LastUpdateMetric.BABytes',
  'LastUpdateMetric.Start',
  'LastUpdateMetric.Last',
  'LastUpdateMetric.RTT',
  'RawPacketsCaptured',
  'Segments.AB',
  'Segments.BA',
  'FinishType',
  'Reason',
  'Shape',
] as const;
export type NumberColumn = (typeof NUMBER_COLUMNS)[number];

/** Texts with a dictionary each. */
export const TEXT_COLUMNS = ['LayersPath', 'Application', 'Link.A', 'Link.B', 'Network.A', 'Network.B'] as const;
export type TextColumn = (typeof TEXT_COLUMNS)[number];

/** Ids of 64 bits, as two columns of 32 bits each. */
export const ID_COLUMNS = ['UUID', 'TrackingID', 'L3TrackingID', 'ParentUUID'] as const;
export type IdColumn = (typeof ID_COLUMNS)[number];

/** Bits of `Shape`: which layers a flow has. The kinds of network and transport are those of `ENDPOINT`. */
export const SHAPE = { link: 0x01, networkShift: 1, network: 0x06, transportShift: 3, transport: 0x38, icmp: 0x40, window: 0x80 } as const;

/** Bytes before the values of a column of numbers: their width, then the smallest of them, which is taken off each. */
export const COLUMN_HEADER = 9;

/** Bytes a value takes when the smallest is taken off: 0 where all are the same, 8 for what is no whole number below 2^32. */
export function widthOf(smallest: number, largest: number, allIntegers: boolean): 0 | 1 | 2 | 4 | 8 {
  const range = largest - smallest;
  if (range === 0) return 0;
  if (!allIntegers || range > 0xffff_ffff) return 8;
  if (range > 0xffff) return 4;
  return range > 0xff ? 2 : 1;
}
