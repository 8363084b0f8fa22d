import type { NodeRevision } from '../graph/element.js';
import { readPath } from '../graph/metadataPath.js';
import { badValue } from '../graph/filter/badValue.js';
import type { Moment } from './elementView.js';
import { rateNow } from './measurements.js';

/** What is measured of the nodes of a group: bit rate of the busier direction, drops a second, share of the speed, or a number of metadata. */
export type NodeMeasure = 'RATE' | 'DROPS' | 'USE' | 'NUMBER';

export type MeasureReader = (node: NodeRevision, moment: Moment) => number | undefined;

/** Ethtool reports the speed of a link in Mbit/s. */
const BITS_PER_MEGABIT = 1_000_000;

/** Throws `BAD_INPUT` for `NUMBER` without a path. */
export function measureReader(measure: NodeMeasure, path: string | null | undefined): MeasureReader {
  if (measure === 'NUMBER') {
    if (!path) throw badValue('measurePath', path ?? null, 'a dotted path beside measure: NUMBER');
    return ({ metadata }) => {
      const value = readPath(metadata, path);
      return typeof value === 'number' ? value : undefined;
    };
  }
  if (measure === 'DROPS') return ({ id }, moment) => rateNow(moment, id)?.dropsPerSecond;
  const busier: MeasureReader = ({ id }, moment) => {
    const rate = rateNow(moment, id);
    return rate && Math.max(rate.rxBitsPerSecond, rate.txBitsPerSecond);
  };
  if (measure === 'RATE') return busier;
  return (node, moment) => {
    const speed = node.metadata.Speed;
    const rate = typeof speed === 'number' && speed > 0 ? busier(node, moment) : undefined;
    return rate && rate / ((speed as number) * BITS_PER_MEGABIT);
  };
}
