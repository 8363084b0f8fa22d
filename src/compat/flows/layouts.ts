import { agreement, Contradictions, includes, type KnownNumberings, type PartReader, type Reading, type Values } from './numbering.js';
import type { WireField } from './wire.js';

/** A way to number the fields of a message: the place of each in the declaration, by its number. */
export type Layout = ReadonlyMap<number, number>;

/** One kind of message that has too many fields for every way to be weighed. */
export interface LaidOut<Context> {
  readonly name: string;
  /** Fields of the declaration. */
  readonly count: number;
  /** Ways that are thought possible, made when they are first needed. */
  readonly layouts: () => readonly Layout[];
  /** Of those the ones that are the likeliest. */
  readonly isLikely: (layout: Layout) => boolean;
  /** Whether a message may say this. */
  readonly isPossible: (values: Values, context: Context) => boolean;
}

/** As `Numbering`, of the layouts that are thought possible. */
export class LayoutReader<Context> implements PartReader<Context> {
  version = 0;
  #left: readonly Layout[] | undefined;
  /** Numberings of other senders that fit all that this one has said. They rule nothing out: with what it says itself they would make a layout that nobody has. */
  #others: readonly Layout[] = [];
  readonly #contradictions = new Contradictions();
  #isAssumed = false;

  constructor(
    private readonly kind: LaidOut<Context>,
    private readonly known: KnownNumberings,
  ) {}

  learn(fields: readonly WireField[], context: Context): Reading {
    const before = this.#layouts;
    const left = before.filter((layout) => this.#possible(layout, fields, context) !== undefined);
    if (left.length === 0) {
      if (this.#contradictions.areEnough()) {
        this.#left = undefined;
        this.#others = [];
        this.#isAssumed = false;
      }
      return undefined;
    }
    this.#contradictions.clear();
    this.#left = left;
    const others = left.length > 1 ? this.#shownByOthers(left) : [];
    if (left.length < before.length || others.length !== this.#others.length) this.version += 1;
    this.#others = others;
    if (left.length < before.length && !this.#isAssumed) this.#note(left);
    return this.read(fields, context);
  }

  read(fields: readonly WireField[], context: Context): Reading {
    const reading = agreement(this.#layouts, (layout) => this.#possible(layout, fields, context));
    if (reading !== 'unsure') return reading;
    const others = this.#others.filter((layout) => fields.every(({ number }) => layout.has(number)));
    return agreement(others, (layout) => this.#possible(layout, fields, context)) ?? 'unsure';
  }

  assume(): void {
    if (this.#left === undefined || this.#left.length < 2) return;
    const likely = this.#left.filter(this.kind.isLikely);
    if (likely.length === 0) return;
    this.#left = likely;
    this.#isAssumed = true;
    this.version += 1;
  }

  get #layouts(): readonly Layout[] {
    return (this.#left ??= this.kind.layouts());
  }

  /** What the message says by the layout; `undefined` where no message may say that. */
  #possible(layout: Layout, fields: readonly WireField[], context: Context): Values | undefined {
    const values = valuesOf(layout, fields, this.kind.count);
    return values !== undefined && this.kind.isPossible(values, context) ? values : undefined;
  }

  #shownByOthers(left: readonly Layout[]): Layout[] {
    return [...this.known.of(this.kind.name)].filter((shown) => left.some((layout) => includes(layout, shown)));
  }

  /** Numbers whose field is the same in all layouts that are left. */
  #note(left: readonly Layout[]): void {
    const [first, ...others] = left as [Layout, ...Layout[]];
    const shown = new Map([...first].filter(([number, place]) => others.every((other) => other.get(number) === place)));
    if (shown.size > 0) this.known.note(this.kind.name, shown);
  }
}

function valuesOf(layout: Layout, fields: readonly WireField[], count: number): Values | undefined {
  const values: (number | Uint8Array | undefined)[] = Array.from({ length: count });
  for (const { number, value, bytes } of fields) {
    const place = layout.get(number);
    if (place === undefined || values[place] !== undefined) return undefined;
    values[place] = value ?? bytes;
  }
  return values;
}
