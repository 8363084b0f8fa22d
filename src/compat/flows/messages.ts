import { CanopyError } from '../../common/errors.js';
import { FlowReader, type ReadFlow } from './readFlow.js';
import { Numbering } from './numbering.js';
import { readWire, wireText, type WireField } from './wire.js';

/** What a capture's table counted since it said so last. */
export interface TableStats {
  readonly captureId: string;
  readonly flowCount: number;
  readonly flowDropped: number;
  readonly kernelFlowDropped: number;
  readonly packetsDropped: number;
  readonly packetsReceived: number;
}

/** What one message brought. */
export interface FlowMessage {
  readonly flows: readonly ReadFlow[];
  readonly stats: readonly TableStats[];
}

export interface MessageCounters {
  /** Flows read. */
  flows: number;
  /** Messages, flows and statistics that made no sense. */
  refused: number;
  /** Parts of flows that could not be read, by name. */
  readonly unread: Map<string, number>;
}

/** A capture's id as text, at most. */
const MOST_ID_BYTES = 64;
const OK = 200;

/** What one agent says of flows: its pushed messages and its answers, whose numbering is the same. */
export class FlowMessages {
  readonly #flows: FlowReader;
  readonly #stats = new Numbering(6);

  constructor(private readonly counters: MessageCounters) {
    this.#flows = new FlowReader((part) => counters.unread.set(part, (counters.unread.get(part) ?? 0) + 1));
  }

  /** A message of flows and statistics; what is neither is counted. Throws `BAD_INPUT` for bytes that are no protobuf. */
  message(bytes: Uint8Array): FlowMessage {
    const flows: ReadFlow[] = [];
    const stats: TableStats[] = [];
    for (const part of readWire(bytes)) {
      if (part.bytes === undefined) continue;
      this.#attempt(() => {
        const fields = readWire(part.bytes);
        if (FlowReader.isFlow(fields)) flows.push(this.#flows.read(fields));
        else stats.push(this.#readStats(fields));
      });
    }
    this.counters.flows += flows.length;
    return { flows, stats };
  }

  /**
   * The flows of an answer: its number is a status, its bytes are sets of flows, one a table. Throws `BAD_INPUT` for bytes that are no
   * protobuf, `UNAVAILABLE` where the agent could not answer.
   */
  tables(status: number, sets: readonly Uint8Array[]): readonly ReadFlow[] {
    if (status !== OK && status !== 0) throw new CanopyError('UNAVAILABLE', `the agent answered with status ${status}`);
    return sets.flatMap((set) => this.message(set).flows);
  }

  #readStats(fields: readonly WireField[]): TableStats {
    const [first] = fields;
    if (first?.bytes === undefined) throw new CanopyError('BAD_INPUT', 'neither a flow nor statistics of a capture');
    if (!this.#stats.learnWhole(fields.map(({ number }) => number))) this.#stats.learnFrom(first.number, 0);
    const counts = [0, 0, 0, 0, 0, 0];
    for (const { number, value } of fields.slice(1)) {
      const index = this.#stats.indexOf(number);
      if (index === undefined || value === undefined) throw new CanopyError('BAD_INPUT', 'statistics with a field that is not known');
      counts[index] = value;
    }
    const [, flowCount, flowDropped, kernelFlowDropped, packetsDropped, packetsReceived] = counts as [
      0,
      number,
      number,
      number,
      number,
      number,
    ];
    const captureId = wireText(first.bytes, MOST_ID_BYTES);
    return { captureId, flowCount, flowDropped, kernelFlowDropped, packetsDropped, packetsReceived };
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
