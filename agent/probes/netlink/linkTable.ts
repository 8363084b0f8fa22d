import type { JsonObject } from '../../../src/common/json.js';

/** Rows that one node shows of one table. More would make one node larger than a host. */
export const MOST_ROWS = 20_000;

/** What happened to the rows of one link since the last look. */
export interface TableChange {
  readonly ifIndex: number;
  readonly put: readonly (readonly [key: string, row: JsonObject])[];
  readonly remove: readonly string[];
}

/** Rows of one link: those that are shown, and those beyond the limit, which wait for room. */
class LinkRows {
  readonly shown = new Map<string, JsonObject>();
  readonly waiting = new Map<string, JsonObject>();
  readonly changed = new Set<string>();
}

/** One table of metadata (`RoutingTables`, `Neighbors`, `FDB`) for all links of a namespace, by their indexes, whether these are known or not. */
export class LinkTable {
  private readonly byLink = new Map<number, LinkRows>();
  private readonly changed = new Set<number>();

  constructor(
    readonly name: string,
    private readonly most = MOST_ROWS,
  ) {}

  get(ifIndex: number, key: string): JsonObject | undefined {
    const rows = this.byLink.get(ifIndex);
    return rows?.shown.get(key) ?? rows?.waiting.get(key);
  }

  put(ifIndex: number, key: string, row: JsonObject): void {
    let rows = this.byLink.get(ifIndex);
    if (rows === undefined) this.byLink.set(ifIndex, (rows = new LinkRows()));
    this.changed.add(ifIndex);
    if (rows.shown.has(key) || rows.shown.size < this.most) {
      rows.shown.set(key, row);
      rows.changed.add(key);
    } else rows.waiting.set(key, row);
  }

  remove(ifIndex: number, key: string): void {
    const rows = this.byLink.get(ifIndex);
    if (rows === undefined) return;
    if (rows.waiting.delete(key)) return void this.changed.add(ifIndex);
    if (!rows.shown.delete(key)) return;
    this.changed.add(ifIndex);
    rows.changed.add(key);
    const next = rows.waiting.entries().next();
    if (next.done === true) return;
    const [waited, row] = next.value;
    rows.waiting.delete(waited);
    rows.shown.set(waited, row);
    rows.changed.add(waited);
  }

  /** Forgets a link's rows without a word: the link is gone. */
  drop(ifIndex: number): void {
    this.byLink.delete(ifIndex);
    this.changed.delete(ifIndex);
  }

  /** Keys of all rows of the link. */
  keysOf(ifIndex: number): string[] {
    const rows = this.byLink.get(ifIndex);
    return rows === undefined ? [] : [...rows.shown.keys(), ...rows.waiting.keys()];
  }

  /** Every row there is, as link and key. */
  *all(): Generator<readonly [ifIndex: number, key: string]> {
    for (const [ifIndex, { shown, waiting }] of this.byLink) {
      for (const key of shown.keys()) yield [ifIndex, key];
      for (const key of waiting.keys()) yield [ifIndex, key];
    }
  }

  get links(): Iterable<number> {
    return this.byLink.keys();
  }

  /** The rows that are shown of the link. */
  shownOf(ifIndex: number): Readonly<Record<string, JsonObject>> {
    return Object.fromEntries(this.byLink.get(ifIndex)?.shown ?? []);
  }

  /** How many rows the link has when not all of them are shown. */
  truncatedTo(ifIndex: number): number | undefined {
    const rows = this.byLink.get(ifIndex);
    return rows === undefined || rows.waiting.size === 0 ? undefined : rows.shown.size + rows.waiting.size;
  }

  /** What changed since the last call, link by link: `most` rows and no more, the rest of them the next time. */
  takeChanges(most = Infinity): TableChange[] {
    const changes: TableChange[] = [];
    let room = most;
    for (const ifIndex of this.changed) {
      if (room <= 0) break;
      const rows = this.byLink.get(ifIndex)!;
      const put: [string, JsonObject][] = [];
      const remove: string[] = [];
      for (const key of rows.changed) {
        if (room-- <= 0) break;
        rows.changed.delete(key);
        const row = rows.shown.get(key);
        if (row === undefined) remove.push(key);
        else put.push([key, row]);
      }
      if (rows.changed.size === 0) {
        this.changed.delete(ifIndex);
        if (rows.shown.size === 0) this.byLink.delete(ifIndex);
      }
      changes.push({ ifIndex, put, remove });
    }
    return changes;
  }
}
