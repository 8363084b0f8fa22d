import type { Journal } from '../../journal/journal.js';
import { isEdgeOrdinal } from '../../journal/ordinals.js';
import type { ElementFilter } from '../store.js';

/** Whether a change of the element with this ordinal is asked for; told from the header, so that no change is read for nothing. */
export type HeaderFilter = (ordinal: number) => boolean;

export function headerFilter(journal: Journal, filter: ElementFilter | undefined): HeaderFilter {
  const { kind, ids } = filter ?? {};
  if (ids === undefined)
    return kind === undefined ? () => true : (ordinal) => ordinal !== 0 && isEdgeOrdinal(ordinal) === (kind === 'edge');
  const wanted = new Set<number>();
  for (const id of ids) {
    for (const each of kind === undefined ? (['node', 'edge'] as const) : [kind]) {
      const ordinal = journal.ordinalOf(each, id);
      if (ordinal !== undefined) wanted.add(ordinal);
    }
  }
  return (ordinal) => wanted.has(ordinal);
}
