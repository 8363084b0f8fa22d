/**
 * What number each declared field of one kind of message has, as far as the messages of one sender have shown it.
 *
 * The numbers of the messages within a flow were never written down anywhere that we may read: what is known is which fields they have
 * and in which order these are declared. The agents' own bytes are therefore the only source, and proto3 gives enough to go by:
 * declared fields have ascending numbers, and a field that is zero is left out. A message in which nothing is left out names all its
 * fields; of others some field is known by its value (only a time is above 10^12), and the rest are counted from there, since numbers
 * are given out one after the other. What is certain stays certain: a protobuf field keeps its number for good.
 */
export class Numbering {
  #indexes = new Map<number, number>();
  /** Every declared field was seen in one message: no guess is left. */
  #isWhole = false;

  /** Declared fields. */
  constructor(private readonly declared: number) {}

  /** Whether anything was learned. */
  get isKnown(): boolean {
    return this.#indexes.size > 0;
  }

  /** Place of a field in the declaration; `undefined` where it is not known. */
  indexOf(number: number): number | undefined {
    return this.#indexes.get(number);
  }

  /** A message had these fields, ascending: as many as are declared are all of them. */
  learnWhole(numbers: readonly number[]): boolean {
    if (numbers.length !== this.declared) return false;
    if (!this.#isWhole) this.#indexes = new Map(numbers.map((number, index) => [number, index]));
    this.#isWhole = true;
    return true;
  }

  /** This number, unless it is known, is that of the declared field at the place. */
  learnNew(number: number, index: number): void {
    if (!this.#isWhole && !this.#indexes.has(number)) this.#indexes.set(number, index);
  }

  /** The same, and the others are numbered one after the other. */
  learnFrom(number: number, index: number): void {
    if (this.#isWhole) return;
    const first = number - index;
    this.#indexes = new Map(Array.from({ length: this.declared }, (_, place) => [first + place, place]));
  }
}

/** A time in milliseconds since the epoch: from 2001 on. No counter of a flow gets there, and no port or lifetime. */
export const isTime = (value: number): boolean => value > 1e12 && value < 1e14;
