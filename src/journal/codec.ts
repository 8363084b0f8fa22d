// Not 'msgpackr': its native reader cuts texts out of whole messages, and each text that the graph keeps would keep its message.
import { Packr } from 'msgpackr/pack';
import { damaged, seal, textKey, unseal } from './layout.js';
import type { OrderedStore, WriteOp } from './orderedStore.js';

/** Shapes of objects that are written once and then named by number; past this many, a shape is written with each object. */
const LONGEST_DICTIONARY = 512;

/** Written twice: without the shapes nothing else can be read. */
const COPIES = [textKey('structures/0'), textKey('structures/1')];

/**
 * msgpack with a dictionary of object shapes that grows with the data: what is stored is a third smaller and faster to read. The dictionary goes
 * to disk in the same write as the first value that needs it.
 */
export class Codec {
  readonly #packr: Packr;
  #shapes: readonly object[];
  #isUnwritten = false;

  constructor(store: Pick<OrderedStore, 'get'>) {
    this.#shapes = load(store);
    this.#packr = new Packr({
      maxSharedStructures: LONGEST_DICTIONARY,
      getStructures: (): object[] => [...this.#shapes],
      saveStructures: (shapes: readonly object[]) => {
        this.#shapes = [...shapes];
        this.#isUnwritten = true;
        return true;
      },
    });
  }

  /** Sealed bytes of the value. */
  encode(value: unknown): Buffer {
    return seal(this.#packr.pack(value));
  }

  /** The value; throws `DATA_DAMAGED`, naming `what`. */
  decode(sealed: Buffer, what: () => string): unknown {
    const content = unseal(sealed, what);
    try {
      return this.#packr.unpack(content) as unknown;
    } catch (cause) {
      throw damaged(what(), cause);
    }
  }

  /** The write of the dictionary when it grew since the last call. */
  takeWrites(ops: WriteOp[]): void {
    if (!this.#isUnwritten) return;
    this.#isUnwritten = false;
    const value = seal(Buffer.from(JSON.stringify(this.#shapes), 'utf8'));
    for (const key of COPIES) ops.push({ table: 'meta', key, value });
  }
}

function load(store: Pick<OrderedStore, 'get'>): readonly object[] {
  const copies = COPIES.map((key) => store.get('meta', key)).filter((copy) => copy !== undefined);
  if (copies.length === 0) return [];
  for (const [index, copy] of copies.entries()) {
    try {
      return JSON.parse(unseal(copy, () => 'the dictionary of object shapes').toString('utf8')) as object[];
    } catch (error) {
      if (index === copies.length - 1) throw error;
    }
  }
  return [];
}
