import type { JsonObject } from '../../src/common/json.js';
import type { Delta, PatchRows } from '../../src/graph/delta.js';
import { MAX_DELTAS_PER_BATCH, MAX_MESSAGE_BYTES, MAX_PATHS } from '../../src/protocol/limits.js';

/** A part of a list in one message. */
export interface Fitted<D> {
  readonly items: readonly D[];
  readonly bytes: Uint8Array;
}

/** What the messages before hold. */
export interface Before {
  readonly items: number;
  readonly messages: number;
}

/**
 * Spreads deltas over as few messages as their size allows, in order. One that is too large for a message alone is cut into rows where
 * it has rows; else it goes to `tooLarge` and is left out. `encode` is told what went before.
 */
export function fit<D extends Delta>(
  items: readonly D[],
  encode: (items: readonly D[], before: Before) => Uint8Array,
  tooLarge: (item: D) => void,
): Fitted<D>[] {
  const fitted: Fitted<D>[] = [];
  const waiting: (readonly D[])[] = [items];
  let placed = 0;
  for (let part = waiting.pop(); part !== undefined; part = waiting.pop()) {
    if (part.length === 0) continue;
    const bytes =
      part.length > MAX_DELTAS_PER_BATCH || part.some(hasTooManyRows)
        ? undefined
        : encode(part, { items: placed, messages: fitted.length });
    if (bytes !== undefined && bytes.length <= MAX_MESSAGE_BYTES) {
      fitted.push({ items: part, bytes });
      placed += part.length;
      continue;
    }
    const half = Math.ceil(part.length / 2);
    if (part.length > 1) waiting.push(part.slice(half), part.slice(0, half));
    else {
      const only = part[0] as D;
      const pieces = cutRows(only);
      if (pieces === undefined) tooLarge(only);
      else waiting.push(pieces as readonly D[]);
    }
  }
  return fitted;
}

const hasTooManyRows = (delta: Delta): boolean =>
  delta.op === 'rows' && ((delta.put?.length ?? 0) > MAX_PATHS || (delta.remove?.length ?? 0) > MAX_PATHS);

/** Cuts a delta with many rows into several that say the same; `undefined` when it has none to cut. */
function cutRows(delta: Delta): readonly Delta[] | undefined {
  if (delta.op === 'putNode' && delta.tables !== undefined) {
    const { tables, ...node } = delta;
    const names = Object.keys(tables);
    if (names.every((name) => Object.keys(tables[name] ?? {}).length === 0)) return undefined;
    const empty = Object.fromEntries(names.map((name) => [name, {}]));
    const rows = names.map((table): PatchRows => rowsOf(delta, table, Object.entries(tables[table] ?? {})));
    return [{ ...node, tables: empty }, ...rows];
  }
  if (delta.op !== 'rows') return undefined;
  const { put = [], remove = [], ...rest } = delta;
  if (put.length + remove.length < 2) return undefined;
  if (remove.length > 0 && put.length > 0)
    return [
      { ...rest, remove },
      { ...rest, put },
    ];
  const half = (list: readonly unknown[]): number => Math.ceil(list.length / 2);
  return put.length > 0
    ? [
        { ...rest, put: put.slice(0, half(put)) },
        { ...rest, put: put.slice(half(put)) },
      ]
    : [
        { ...rest, remove: remove.slice(0, half(remove)) },
        { ...rest, remove: remove.slice(half(remove)) },
      ];
}

const rowsOf = (node: Delta, table: string, put: readonly (readonly [string, JsonObject])[]): PatchRows => ({
  op: 'rows',
  id: node.id,
  table,
  put,
  observedAt: node.observedAt,
});
