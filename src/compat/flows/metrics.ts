import type { FlowMetric, IpMetric, TcpMetric } from '../../flow/flow.js';
import { newTcpCounters, tcpMetric } from '../../flow/table/extras.js';
import { metric } from '../../flow/table/flowRow.js';
import { isTime, Numbering } from './numbering.js';
import type { WireField } from './wire.js';

const numbersOf = (fields: readonly WireField[]): number[] => fields.map(({ number }) => number);

/** ABPackets, ABBytes, BAPackets, BABytes, Start, Last, RTT: the two times stand next to each other, and the counters before them. */
export class MetricReader {
  readonly #numbering = new Numbering(7);

  /** The counters of a whole flow, or of a window of it. `undefined` where it cannot be told which field is which. */
  read(fields: readonly WireField[], of: 'flow' | 'window'): FlowMetric | undefined {
    if (!this.#numbering.learnWhole(numbersOf(fields)) && !this.#numbering.isKnown) this.#learn(fields, of);
    const values = [0, 0, 0, 0, 0, 0, 0];
    for (const { number, value } of fields) {
      const index = this.#numbering.indexOf(number);
      if (index === undefined || value === undefined) return undefined;
      values[index] = value;
    }
    const [abPackets, abBytes, baPackets, baBytes, start, last, rtt] = values as [number, number, number, number, number, number, number];
    return metric(abPackets, abBytes, baPackets, baBytes, start, last, rtt);
  }

  /** Last is the highest number with a time: bytes that are as many as milliseconds since 1970 stand before it. */
  #learn(fields: readonly WireField[], of: 'flow' | 'window'): void {
    const last = fields.findLastIndex(({ value }) => value !== undefined && isTime(value));
    const [start, end] = [fields[last - 1], fields[last]];
    if (end !== undefined) {
      if (start?.value !== undefined && isTime(start.value) && start.number + 1 === end.number && start.number > START)
        this.#numbering.learnFrom(start.number, START);
      return;
    }
    // Without times: whoever sent a flow's first packet is A.
    const [first] = fields;
    if (of === 'flow' && first !== undefined && fields.at(-1)!.number - first.number < START) this.#numbering.learnFrom(first.number, 0);
  }
}

/** Place of Start in the declaration, and how many counters stand before it. */
const START = 4;

/** Fragments, FragmentErrors. */
export class IpMetricReader {
  readonly #numbering = new Numbering(2);

  read(fields: readonly WireField[]): IpMetric | undefined {
    const numbers = numbersOf(fields);
    // Errors alone are not counted: what stands alone in the first such message are fragments, unless its number says that one is before it.
    if (!this.#numbering.learnWhole(numbers) && !this.#numbering.isKnown && numbers.length === 1)
      this.#numbering.learnFrom(numbers[0]!, numbers[0] === 2 ? 1 : 0);
    const values = [0, 0];
    for (const { number, value } of fields) {
      const index = this.#numbering.indexOf(number);
      if (index === undefined || value === undefined) return undefined;
      values[index] = value;
    }
    return { Fragments: values[0]!, FragmentErrors: values[1]! };
  }
}

type TcpField = keyof ReturnType<typeof newTcpCounters>;

const HANDSHAKE = ['ABSynStart', 'BASynStart', 'ABSynTTL', 'BASynTTL', 'ABFinStart', 'BAFinStart', 'ABRstStart', 'BARstStart'] as const;
const STREAM = ['SegmentOutOfOrder', 'SegmentSkipped', 'SegmentSkippedBytes', 'Packets', 'Bytes', 'SawStart', 'SawEnd'] as const;

/** What is known of the declaration leaves open whether the streams' counters stand side by side or one direction after the other. */
const ORDERS: readonly (readonly TcpField[])[] = [
  [...HANDSHAKE, ...STREAM.map((name) => `AB${name}` as const), ...STREAM.map((name) => `BA${name}` as const)],
  [...HANDSHAKE, ...STREAM.flatMap((name) => [`AB${name}`, `BA${name}`] as const)],
];

/** A way in which the fields may be numbered: the order, and the number of its first. */
interface Guess {
  readonly order: readonly TcpField[];
  readonly first: number;
}

/** Numbers at which the declaration may begin. */
const MOST_FIRST = 16;
const MOST_TTL = 255;

/** Times of the handshake and of the end, and what reassembly counts: ways to number them are ruled out by what messages say. */
export class TcpMetricReader {
  #guesses: readonly Guess[] = Array.from({ length: MOST_FIRST }, (_, index) => index + 1).flatMap((first) =>
    ORDERS.map((order) => ({ order, first })),
  );

  /** Numbers are taken to begin with 1 as long as nothing speaks against it. */
  read(fields: readonly WireField[]): TcpMetric | undefined {
    const left = this.#guesses.filter((guess) => fields.every((field) => isPossible(guess, field)));
    if (left.length === 0) return undefined;
    this.#guesses = left;
    const [{ order, first }, ...others] = left as [Guess, ...Guess[]];
    if (first !== 1 && others.some((other) => other.first !== first)) return undefined;
    const counters = newTcpCounters();
    for (const { number, value } of fields) counters[order[number - first]!] = value!;
    return tcpMetric(counters);
  }
}

function isPossible({ order, first }: Guess, { number, value }: WireField): boolean {
  const name = order[number - first];
  if (name === undefined || value === undefined) return false;
  if (name.endsWith('TTL')) return value <= MOST_TTL;
  if (name.includes('Saw')) return value <= 1;
  return HANDSHAKE.includes(name as (typeof HANDSHAKE)[number]) === isTime(value);
}
