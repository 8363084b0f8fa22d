import { CanopyError } from '../../src/common/errors.js';
import { TABLES, type Entry, type KeyRange, type OrderedStore, type TableName, type WriteOp } from '../../src/journal/orderedStore.js';

/** Keys as texts of bytes, in order. */
class SortedTable {
  readonly #keys: string[] = [];
  readonly #values = new Map<string, Buffer>();

  get(key: string): Buffer | undefined {
    return this.#values.get(key);
  }

  set(key: string, value: Buffer): void {
    if (!this.#values.has(key)) this.#keys.splice(this.lowerBound(key), 0, key);
    this.#values.set(key, value);
  }

  delete(key: string): void {
    if (this.#values.delete(key)) this.#keys.splice(this.lowerBound(key), 1);
  }

  keyAt(index: number): string | undefined {
    return this.#keys[index];
  }

  /** Index of the first key that is not less. */
  lowerBound(key: string): number {
    let low = 0;
    let high = this.#keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#keys[middle]! < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** What a disk does with a write: how long it takes, whether it refuses, and whether the machine stops before, or right after it is on the platter. */
export interface WriteFate {
  readonly delay: () => Promise<void>;
  readonly outcome: 'kept' | 'refused' | 'lost-in-crash' | 'kept-in-crash';
}

/** A disk in memory that keeps a write whole or not at all, and survives the process. Writes take effect in order. */
export class SimulatedDisk {
  readonly tables = new Map<TableName, SortedTable>(TABLES.map((name) => [name, new SortedTable()]));
  /** Decides the fate of each write; a fresh disk keeps everything at once. */
  fateOf: (ops: readonly WriteOp[]) => WriteFate = () => ({ delay: () => Promise.resolve(), outcome: 'kept' });
  /** Called when a write ends in a crash. Nothing of that process reaches the disk afterwards. */
  onCrash: () => void = () => undefined;
  writes = 0;
  #life = 0;

  /** A store for one life of the process. */
  open(): OrderedStore {
    return new SimulatedStore(this, ++this.#life);
  }

  /** Ends the current life: its later writes are lost. */
  crash(): void {
    this.#life++;
    this.onCrash();
  }

  isAlive(life: number): boolean {
    return life === this.#life;
  }

  apply(ops: readonly WriteOp[]): void {
    this.writes++;
    for (const { table, key, value } of ops) {
      const target = this.tables.get(table)!;
      if (value === undefined) target.delete(key.toString('latin1'));
      else target.set(key.toString('latin1'), Buffer.from(value));
    }
  }
}

class SimulatedStore implements OrderedStore {
  #last: Promise<void> = Promise.resolve();

  constructor(
    private readonly disk: SimulatedDisk,
    private readonly life: number,
  ) {}

  get(table: TableName, key: Buffer): Buffer | undefined {
    const value = this.disk.tables.get(table)!.get(key.toString('latin1'));
    return value === undefined ? undefined : Buffer.from(value);
  }

  *range(table: TableName, { from, to, reverse, limit = Infinity }: KeyRange): Iterable<Entry> {
    const target = this.disk.tables.get(table)!;
    const first = target.lowerBound(from.toString('latin1'));
    const end = target.lowerBound(to.toString('latin1'));
    const keys: string[] = [];
    for (let index = first; index < end; index++) keys.push(target.keyAt(index)!);
    if (reverse) keys.reverse();
    for (const key of keys.slice(0, limit)) yield { key: Buffer.from(key, 'latin1'), value: Buffer.from(target.get(key)!) };
  }

  write(ops: readonly WriteOp[]): Promise<void> {
    const write = this.#last.then(() => this.#write(ops));
    this.#last = write.catch(() => undefined);
    return write;
  }

  sizeBytes(): number {
    return 0;
  }

  async close(): Promise<void> {
    if (this.disk.isAlive(this.life)) await this.#last;
  }

  async #write(ops: readonly WriteOp[]): Promise<void> {
    if (!this.disk.isAlive(this.life)) return new Promise(() => undefined);
    const { delay, outcome } = this.disk.fateOf(ops);
    await delay();
    // A process that is gone neither writes nor hears anything.
    if (!this.disk.isAlive(this.life)) return new Promise(() => undefined);
    if (outcome === 'refused') throw new CanopyError('STORE_UNAVAILABLE', 'the simulated disk is full', { retriable: true });
    if (outcome !== 'lost-in-crash') this.disk.apply(ops);
    if (outcome === 'kept') return;
    this.disk.crash();
    return new Promise(() => undefined);
  }
}
