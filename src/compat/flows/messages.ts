import { CanopyError } from '../../common/errors.js';
import type { FlowBatchKind } from '../../protocol/flows.js';
import { FlowReader, type LearnedFlow, type ReadFlow } from './readFlow.js';
import type { KnownNumberings } from './numbering.js';
import { StatsReader, type TableStats } from './stats.js';
import { readWire } from './wire.js';

/** A flow as it was sent: pushed, or as an answer. */
export interface SentFlow extends ReadFlow {
  readonly kind: FlowBatchKind;
}

/** What can be read now: of one message, and of those before it. */
export interface FlowMessage {
  readonly flows: readonly SentFlow[];
  readonly stats: readonly TableStats[];
  /** Flows of the message itself by their UUIDs, also those that cannot be read yet. */
  readonly named: ReadonlySet<string>;
}

export interface MessageCounters {
  /** Flows read. */
  flows: number;
  /** Messages, flows and statistics that made no sense. */
  refused: number;
  /** Parts of flows that could not be read, by name. */
  readonly unread: Map<string, number>;
  /** Flows that wait until it is known how their parts are numbered. */
  held: number;
}

const OK = 200;

/** Flows of one agent that wait to be read; beyond, the oldest go without the parts that are not known. */
const MOST_HELD = 10_000;

interface Held {
  readonly learned: LearnedFlow;
  readonly kind: FlowBatchKind;
}

/**
 * What one agent says of flows: its pushed messages and its answers, whose numbering is the same. A flow waits as long as it cannot be
 * told which field of some part of it is which, and is read when later ones have shown it.
 */
export class FlowMessages {
  readonly #flows: FlowReader;
  readonly #stats = new StatsReader();
  #held: Held[] = [];
  #version = 0;

  /** `known`: what other agents have shown. */
  constructor(
    private readonly counters: MessageCounters,
    known: KnownNumberings,
  ) {
    this.#flows = new FlowReader(known, (part) => counters.unread.set(part, (counters.unread.get(part) ?? 0) + 1));
  }

  /** A message of flows and statistics; what is neither is counted. Throws `BAD_INPUT` for bytes that are no protobuf. */
  message(bytes: Uint8Array, kind: FlowBatchKind = 'UPDATE'): FlowMessage {
    const stats: TableStats[] = [];
    const named = new Set<string>();
    const before = this.#held.length;
    for (const part of readWire(bytes)) {
      if (part.bytes === undefined) continue;
      this.#attempt(() => {
        const fields = readWire(part.bytes);
        if (!FlowReader.isFlow(fields)) return void stats.push(this.#stats.read(fields));
        const learned = this.#flows.learn(fields);
        named.add(learned.uuid);
        this.#held.push({ learned, kind });
      });
    }
    return { flows: this.#readable(this.#held.length - before), stats, named };
  }

  /**
   * The flows of an answer: its number is a status, its bytes are sets of flows, one a table. Throws `BAD_INPUT` for bytes that are no
   * protobuf, `UNAVAILABLE` where the agent could not answer.
   */
  tables(status: number, sets: readonly Uint8Array[]): Omit<FlowMessage, 'stats'> {
    if (status !== OK && status !== 0) throw new CanopyError('UNAVAILABLE', `the agent answered with status ${status}`);
    const read = sets.map((set) => this.message(set, 'REFRESH'));
    return { flows: read.flatMap(({ flows }) => flows), named: new Set(read.flatMap(({ named }) => [...named])) };
  }

  /** They have waited long enough: all that wait, without the parts that even the order of the declaration leaves open. */
  settle(): readonly SentFlow[] {
    this.#flows.assume();
    const flows = this.#readable(0);
    return [...flows, ...this.#letGo(this.#held.length)];
  }

  /** Those of the flows held that can be read, in their order; where nothing new is known, only the last `fresh` are looked at. */
  #readable(fresh: number): SentFlow[] {
    const { version } = this.#flows;
    const from = version === this.#version ? this.#held.length - fresh : 0;
    this.#version = version;
    // What waits of a flow goes before what was sent of it later.
    const waiting = new Set(this.#held.slice(0, from).map(({ learned }) => learned.uuid));
    const held = this.#held.slice(0, from);
    const flows: SentFlow[] = [];
    for (const one of this.#held.slice(from)) {
      const { learned, kind } = one;
      const read = waiting.has(learned.uuid) ? undefined : this.#flows.read(learned);
      if (read !== undefined) flows.push({ ...read, kind });
      else {
        waiting.add(learned.uuid);
        held.push(one);
      }
    }
    this.#held = held;
    this.counters.flows += flows.length;
    this.counters.held = held.length;
    return held.length > MOST_HELD ? [...flows, ...this.#letGo(held.length - MOST_HELD)] : flows;
  }

  /** The oldest, without what is not settled. */
  #letGo(count: number): SentFlow[] {
    const gone = this.#held.splice(0, count);
    this.counters.flows += gone.length;
    this.counters.held = this.#held.length;
    return gone.map(({ learned, kind }) => ({ ...this.#flows.readSettled(learned), kind }));
  }

  #attempt(read: () => void): void {
    try {
      read();
    } catch (error) {
      if (!(error instanceof CanopyError)) throw error;
      this.counters.refused += 1;
    }
  }
}

/** The `TID` of the node that the first flow of a message was captured on; `undefined` for damaged bytes, and where no flow says it. */
export function nodeTidIn(bytes: Uint8Array): string | undefined {
  try {
    for (const part of readWire(bytes)) {
      const tid = part.bytes === undefined ? undefined : FlowReader.nodeTidOf(readWire(part.bytes));
      if (tid !== undefined) return tid;
    }
  } catch (error) {
    if (!(error instanceof CanopyError)) throw error;
  }
  return undefined;
}

/** Status and sets of flows of an answer in protobuf: the one is its only number, the others its only bytes. */
export function readTableReply(bytes: Uint8Array): { readonly status: number; readonly sets: readonly Uint8Array[] } {
  const fields = readWire(bytes);
  return {
    status: fields.find(({ value }) => value !== undefined)?.value ?? 0,
    sets: fields.flatMap((field) => field.bytes ?? []),
  };
}

/**
 * The question for all flows in protobuf: a text that says what is asked, then the question itself, which asks for everything where
 * nothing is in it. Declared in this order and numbered from 1.
 */
export const EVERY_FLOW_QUERY: Uint8Array = Uint8Array.from([0x0a, 11, ...Buffer.from('SearchQuery'), 0x12, 0]);
