import type { Entry, KeyRange, OrderedStore, TableName, WriteOp } from '../../src/journal/orderedStore.js';

/** A disk in memory whose writes can be held up. What it was given before `copy` is what a crash would leave. */
export class MemoryStore implements OrderedStore {
  private readonly tables = new Map<TableName, Map<string, Buffer>>();
  private gate: Promise<void> = Promise.resolve();
  private openGate: (() => void) | undefined;
  writes = 0;

  get(table: TableName, key: Buffer): Buffer | undefined {
    return this.tables.get(table)?.get(key.toString('latin1'));
  }

  *range(table: TableName, { from, to, reverse, limit }: KeyRange): Iterable<Entry> {
    const [low, high] = [from.toString('latin1'), to.toString('latin1')];
    const found = [...(this.tables.get(table) ?? [])].filter(([key]) => key >= low && key < high).sort(([a], [b]) => (a < b ? -1 : 1));
    if (reverse === true) found.reverse();
    for (const [key, value] of found.slice(0, limit)) yield { key: Buffer.from(key, 'latin1'), value: Buffer.from(value) };
  }

  async write(ops: readonly WriteOp[]): Promise<void> {
    await this.gate;
    this.writes += 1;
    for (const { table, key, value } of ops) {
      const entries = this.tables.get(table) ?? new Map<string, Buffer>();
      this.tables.set(table, entries);
      if (value === undefined) entries.delete(key.toString('latin1'));
      else entries.set(key.toString('latin1'), Buffer.from(value));
    }
  }

  /** Writes wait until `release`. */
  hold(): void {
    if (this.openGate !== undefined) return;
    this.gate = new Promise((open) => (this.openGate = open));
  }

  release(): void {
    this.openGate?.();
    this.openGate = undefined;
  }

  /** The disk as a crash now would leave it. */
  copy(): MemoryStore {
    const copy = new MemoryStore();
    for (const [table, entries] of this.tables) copy.tables.set(table, new Map(entries));
    return copy;
  }

  sizeBytes(): number {
    return 0;
  }

  async close(): Promise<void> {}
}
