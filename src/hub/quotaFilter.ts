import type { Json } from '../common/json.js';
import type { Delta } from '../graph/delta.js';
import type { HubContext } from './context.js';

/** A delta that was left out because of a quota. */
export interface QuotaRefusal {
  /** Index in the list that was filtered. */
  readonly index: number;
  readonly quota: 'elements' | 'metadataBytes';
  readonly limit: number;
  /** What the origin would have held. */
  readonly actual: number;
}

export interface Filtered<D extends Delta> {
  readonly deltas: readonly D[];
  readonly refused: readonly QuotaRefusal[];
}

/** Bytes that a message may take more in the graph than on the wire: two-byte characters, keys written once. */
const GROWTH = 4;

/**
 * Leaves out what would take the origin over its quota of elements or bytes. As long as the whole batch fits without looking closer
 * (`bytes` is its size on the wire), nothing is looked at.
 */
export function withinQuota<D extends Delta>(context: HubContext, origin: string, deltas: readonly D[], bytes: number): Filtered<D> {
  const { quota } = context;
  const { graph } = context.recorder;
  const held = graph.originStats(origin);
  if (held.elements + deltas.length <= quota.elements && held.metadataBytes + bytes * GROWTH <= quota.metadataBytes) {
    return { deltas, refused: [] };
  }
  let { elements, metadataBytes } = held;
  const kept: D[] = [];
  const refused: QuotaRefusal[] = [];
  /** Elements that earlier deltas of this batch made (true) or removed (false). */
  const touched = new Map<string, boolean>();
  deltas.forEach((delta, index) => {
    const before = touched.get(delta.id) === false ? undefined : graph.element(delta.id);
    const exists = touched.get(delta.id) ?? before !== undefined;
    const isNew = (delta.op === 'putNode' || delta.op === 'putEdge') && !exists;
    const grown = growth(delta, before?.base);
    if (isNew && elements + 1 > quota.elements) {
      refused.push({ index, quota: 'elements', limit: quota.elements, actual: elements + 1 });
    } else if (grown > 0 && metadataBytes + grown > quota.metadataBytes) {
      refused.push({ index, quota: 'metadataBytes', limit: quota.metadataBytes, actual: metadataBytes + grown });
    } else {
      if (isNew) elements += 1;
      else if (delta.op === 'remove' && exists) elements -= 1;
      if (isNew || delta.op === 'remove') touched.set(delta.id, isNew);
      metadataBytes += grown;
      kept.push(delta);
    }
  });
  return { deltas: kept, refused };
}

/** Bytes of JSON by which a delta may make its element larger; less than 0 when it makes it smaller. */
function growth(delta: Delta, before: Json | undefined): number {
  switch (delta.op) {
    case 'putNode':
      return sizeOf(delta.metadata) + (delta.tables === undefined ? 0 : sizeOf(delta.tables)) - sizeOf(before);
    case 'putEdge':
      return sizeOf(delta.metadata) - sizeOf(before);
    case 'patch':
      return sizeOf(delta.set);
    case 'rows':
      return sizeOf(delta.put);
    case 'measure':
      return 0;
    case 'remove':
      return -sizeOf(before);
  }
}

const sizeOf = (value: Json | undefined): number => (value === undefined ? 0 : JSON.stringify(value).length);
