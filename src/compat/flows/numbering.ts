import type { WireField } from './wire.js';

/** What fields of one message hold, by their place in the declaration; what is zero or empty is left out on the wire. */
export type Values = readonly (number | Uint8Array | undefined)[];

/** The number at a place; 0 where it was left out. */
export const numberAt = (values: Values, place: number): number => {
  const value = values[place];
  return typeof value === 'number' ? value : 0;
};

/** One kind of message within a flow: its fields in the order of their declaration, and what is true of their values wherever it is sent. */
export interface Shape<Context> {
  /** Under which what is learned of it is shared. */
  readonly name: string;
  /** By place: whether its bytes are length-delimited (a text, data) or a number. */
  readonly fields: readonly ('number' | 'bytes')[];
  /** Pairs of places that no value tells apart, of which the first has the lower number. */
  readonly inOrder: readonly (readonly [first: number, second: number])[];
  /** Whether a message may say this. */
  readonly isPossible: (values: Values, context: Context) => boolean;
}

/** For each number that was seen, by its place among those seen, the place of its field in the declaration. */
type Way = readonly number[];

/** What the fields of a message are: not settled yet, or never to be told (`undefined`). */
export type Reading = Values | 'unsure' | undefined;

/** What is learned of one kind of message of one sender, and reads it. */
export interface PartReader<Context> {
  /** Rises whenever something was settled. */
  readonly version: number;
  /** Takes what a message shows, and reads it; `undefined`: it fits nothing, and shows nothing. */
  learn(fields: readonly WireField[], context: Context): Reading;
  /** Reads a message that was learned from before. */
  read(fields: readonly WireField[], context: Context): Reading;
  /** Nothing more will be known soon: what is most likely by the declaration counts, where it fits all that was shown. */
  assume(): void;
}

/** Messages that more than one way fits, after which fields are taken to be numbered in the order of their declaration, if that fits too. */
const MOST_UNDECIDED = 64;

/** Messages in a row that fit nothing that was learned, after which everything is learned anew: the agent is another one now. */
const MOST_CONTRADICTIONS = 16;

/** Counts messages in a row that fit nothing that was learned. */
export class Contradictions {
  #inARow = 0;

  /** Whether they are so many that all has to be learned anew; it counts from none again then. */
  areEnough(): boolean {
    this.#inARow += 1;
    if (this.#inARow < MOST_CONTRADICTIONS) return false;
    this.#inARow = 0;
    return true;
  }

  clear(): void {
    this.#inARow = 0;
  }
}

/** What all candidates read that fit a message: `unsure` where two differ, `undefined` where none fits (its values are `undefined`). */
export function agreement<Candidate>(candidates: readonly Candidate[], valuesOf: (candidate: Candidate) => Values | undefined): Reading {
  let reading: Values | undefined;
  for (const candidate of candidates) {
    const values = valuesOf(candidate);
    if (values === undefined) continue;
    if (reading === undefined) reading = values;
    else if (!values.every((value, place) => value === reading![place])) return 'unsure';
  }
  return reading;
}

/** Numberings that senders have shown, by the kind of message: those of the same make number alike. */
export class KnownNumberings {
  readonly #known = new Map<string, Map<string, ReadonlyMap<number, number>>>();

  of(shape: string): Iterable<ReadonlyMap<number, number>> {
    return this.#known.get(shape)?.values() ?? [];
  }

  /** Something was shown; what is part of it need not be kept. */
  note(shape: string, numbering: ReadonlyMap<number, number>): void {
    const known = this.#known.get(shape) ?? new Map<string, ReadonlyMap<number, number>>();
    this.#known.set(shape, known);
    for (const [key, other] of known) {
      if (includes(other, numbering)) return;
      if (includes(numbering, other)) known.delete(key);
    }
    if (known.size < MOST_KNOWN) known.set(JSON.stringify([...numbering].sort(([a], [b]) => a - b)), numbering);
  }
}

/** Different numberings of one kind that are kept: more than versions of agents. */
const MOST_KNOWN = 8;

/** Whether all that the part says of numbers, the whole says too. */
export const includes = (whole: ReadonlyMap<number, number>, part: ReadonlyMap<number, number>): boolean =>
  [...part].every(([number, place]) => whole.get(number) === place);

/**
 * Which number is that of which declared field in one kind of message of one sender.
 *
 * The numbers of the messages within a flow were never written down anywhere that we may read; known is which fields there are and what
 * they mean. So every way to number them is possible until a message of the sender rules it out: a protocol has few values, a time is
 * close to the flow's, bytes are more than packets. A message is read as soon as all ways that are left read the same in it. What one
 * sender has shown decides for another where it fits all that the other has said.
 */
export class Numbering<Context> implements PartReader<Context> {
  version = 0;
  #seen: number[] = [];
  #ways: readonly Way[] = [[]];
  #undecided = 0;
  readonly #contradictions = new Contradictions();
  /** Told by the order of the declaration and not by what was sent alone. */
  #isAssumed = false;

  constructor(
    private readonly shape: Shape<Context>,
    private readonly known: KnownNumberings,
  ) {}

  learn(fields: readonly WireField[], context: Context): Reading {
    if (this.#ways.length === 1 && fields.every(({ number }) => this.#seen.includes(number))) {
      const values = this.#possible(this.#ways[0]!, this.#seen, fields, context);
      if (values === undefined) return this.#contradict();
      this.#contradictions.clear();
      return values;
    }
    const seen = [...this.#seen];
    let ways = this.#ways;
    for (const field of fields) {
      if (seen.includes(field.number)) continue;
      if (seen.length === this.shape.fields.length) return this.#contradict();
      seen.push(field.number);
      ways = ways.flatMap((way) => this.#extensions(way, seen, field));
    }
    const left = ways.filter((way) => this.#possible(way, seen, fields, context) !== undefined);
    if (left.length === 0) return this.#contradict();
    this.#contradictions.clear();
    this.#settle(seen, left);
    return this.read(fields, context);
  }

  read(fields: readonly WireField[], context: Context): Reading {
    const reading = agreement(this.#ways, (way) => this.#possible(way, this.#seen, fields, context));
    return reading ?? (fields.every(({ number }) => this.#seen.includes(number)) ? undefined : 'unsure');
  }

  assume(): void {
    if (this.#ways.length < 2) return;
    const ascending = this.#ways.filter((way) => isAscending(way, this.#seen));
    if (ascending.length === 0) return;
    this.#ways = ascending;
    this.#isAssumed = true;
    this.version += 1;
  }

  #settle(seen: number[], ways: readonly Way[]): void {
    const isNews = seen.length !== this.#seen.length || ways.length !== this.#ways.length;
    if (isNews) this.version += 1;
    this.#seen = seen;
    this.#ways = ways;
    if (ways.length > 1) {
      const shown = this.#shownByOthers();
      if (shown !== undefined) {
        this.#ways = [shown];
        this.version += 1;
      } else if (++this.#undecided >= MOST_UNDECIDED) this.assume();
    } else if (isNews && !this.#isAssumed) {
      this.known.note(this.shape.name, new Map(seen.map((number, index) => [number, ways[0]![index]!])));
    }
  }

  /** The only way that is left and that another sender has shown. */
  #shownByOthers(): Way | undefined {
    let shown: Way | undefined;
    for (const numbering of this.known.of(this.shape.name)) {
      const way = this.#seen.map((number) => numbering.get(number) ?? -1);
      if (!this.#ways.some((left) => left.every((place, index) => place === way[index]))) continue;
      if (shown !== undefined && shown.some((place, index) => place !== way[index])) return undefined;
      shown = way;
    }
    return shown;
  }

  /** The way with one more number, as each of the fields that are left. */
  #extensions(way: Way, seen: readonly number[], { number, bytes }: WireField): Way[] {
    const kind = bytes === undefined ? 'number' : 'bytes';
    const numberOf = (place: number): number | undefined => (way.includes(place) ? seen[way.indexOf(place)] : undefined);
    const extended: Way[] = [];
    this.shape.fields.forEach((field, place) => {
      if (field !== kind || way.includes(place)) return;
      for (const [first, second] of this.shape.inOrder) {
        if (place === first && (numberOf(second) ?? Infinity) < number) return;
        if (place === second && (numberOf(first) ?? 0) > number) return;
      }
      extended.push([...way, place]);
    });
    return extended;
  }

  /** What the message says by the way; `undefined` where no message may say that. */
  #possible(way: Way, seen: readonly number[], fields: readonly WireField[], context: Context): Values | undefined {
    const values = this.#values(way, seen, fields);
    return values !== undefined && this.shape.isPossible(values, context) ? values : undefined;
  }

  /** `undefined`: the kinds do not fit, or a number is there twice or never was before. */
  #values(way: Way, seen: readonly number[], fields: readonly WireField[]): Values | undefined {
    const values: (number | Uint8Array | undefined)[] = Array.from({ length: this.shape.fields.length });
    for (const { number, value, bytes } of fields) {
      const place = way[seen.indexOf(number)];
      if (place === undefined || values[place] !== undefined) return undefined;
      if ((bytes === undefined) !== (this.shape.fields[place] === 'number')) return undefined;
      values[place] = value ?? bytes;
    }
    return values;
  }

  /** Said often enough, it means that another agent speaks now. */
  #contradict(): undefined {
    if (!this.#contradictions.areEnough()) return;
    this.#seen = [];
    this.#ways = [[]];
    this.#undecided = 0;
    this.#isAssumed = false;
  }
}

function isAscending(way: Way, seen: readonly number[]): boolean {
  const places = seen.map((number, index) => [number, way[index]!] as const).sort(([a], [b]) => a - b);
  return places.every(([, place], index) => index === 0 || place > places[index - 1]![1]);
}

/** A time in milliseconds since the epoch: from 2001 on. */
export const isTime = (value: number): boolean => value > 1e12 && value < 1e14;
