import { CanopyError } from '../../common/errors.js';
import { wireText, type WireField } from './wire.js';

/** What a capture's table counted since it said so last. */
export interface TableStats {
  readonly captureId: string;
  readonly flowCount: number;
  readonly flowDropped: number;
  readonly kernelFlowDropped: number;
  readonly packetsDropped: number;
  readonly packetsReceived: number;
}

/** A capture's id as text, at most. */
const MOST_ID_BYTES = 64;

const COUNTS = ['flowCount', 'flowDropped', 'kernelFlowDropped', 'packetsDropped', 'packetsReceived'] as const;

/** Reads statistics of one agent. */
export class StatsReader {
  /** Numbers of the counts, in the order of the declaration. */
  #numbers: readonly number[] | undefined;

  /** The counts are taken to follow the id one after the other, unless a message that has all of them says otherwise. Throws `BAD_INPUT`. */
  read(fields: readonly WireField[]): TableStats {
    const [first, ...counts] = fields;
    if (first?.bytes === undefined) throw new CanopyError('BAD_INPUT', 'neither a flow nor statistics of a capture');
    if (counts.length === COUNTS.length) this.#numbers = counts.map(({ number }) => number);
    const numbers = this.#numbers ?? COUNTS.map((_, index) => first.number + 1 + index);
    const stats = { captureId: wireText(first.bytes, MOST_ID_BYTES), flowCount: 0, flowDropped: 0, kernelFlowDropped: 0 };
    const read: Record<(typeof COUNTS)[number], number> & { captureId: string } = { ...stats, packetsDropped: 0, packetsReceived: 0 };
    for (const { number, value } of counts) {
      const name = COUNTS[numbers.indexOf(number)];
      if (name === undefined || value === undefined) throw new CanopyError('BAD_INPUT', 'statistics with a field that is not known');
      read[name] = value;
    }
    return read;
  }
}
