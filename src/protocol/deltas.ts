import type { Delta } from '../graph/delta.js';
import { finite, integer, list, name, optional, stamp, text } from './check.js';
import { packDelta, readDelta } from './delta.js';
import { MAX_DELTAS_PER_BATCH, MAX_NAME_LENGTH, MAX_REASON_LENGTH } from './limits.js';
import { MessageType } from './messageTypes.js';
import { Violation } from './violation.js';

/** Numbered changes of the agent's graph. They are `first`, `first + 1`, … in the order of the list. */
export interface Deltas {
  readonly kind: 'deltas';
  readonly first: number;
  /** Sender: the agent's clock, ms, for deltas without `observedAt`. Receiver: already on the analyzer's clock. */
  readonly stamp: number;
  /** As read, each has its `observedAt` on the analyzer's clock. */
  readonly deltas: readonly Delta[];
}

/** Everything up to `lastDelta` is on disk; `credit` more bytes may be sent. */
export interface Acknowledge {
  readonly kind: 'acknowledge';
  /** `undefined` when only credit is given. */
  readonly lastDelta: number | undefined;
  readonly credit: number;
}

/** A delta (or an element of a picture) was not taken; the others of its batch were. */
export interface Refused {
  readonly kind: 'refused';
  /** Its number; `undefined` for an element of a picture. */
  readonly delta: number | undefined;
  /** `QUOTA_EXCEEDED`, `BAD_INPUT`, `FORBIDDEN`, `NOT_FOUND`. */
  readonly code: string;
  readonly message: string;
  /** The quota and what would have been, when that is why. */
  readonly limit: number | undefined;
  readonly actual: number | undefined;
}

export const packDeltas = ({ first, stamp, deltas }: Deltas): unknown[] => [
  MessageType.DELTAS,
  first,
  stamp,
  deltas.map((delta) => packDelta(delta, stamp)),
];

export function readDeltas([, first, stampField, deltas]: readonly unknown[], clockOffset: number): Deltas {
  const corrected = readStamp(stampField, clockOffset);
  return {
    kind: 'deltas',
    first: integer(first, 'first', 1),
    stamp: corrected,
    deltas: readDeltaList(list(deltas, 'deltas', MAX_DELTAS_PER_BATCH), 'deltas', corrected),
  };
}

/** An agent's stamp on the analyzer's clock; `clockOffset` in whole milliseconds. */
export const readStamp = (value: unknown, clockOffset: number): number => stamp(value, 'stamp') - clockOffset;

/** Reads each delta of a list; a bad one is named by its position. */
export function readDeltaList(values: readonly unknown[], field: string, stamp: number): readonly Delta[] {
  if (values.length === 0) throw new Violation(field, 'expected at least one');
  const deltas = new Array<Delta>(values.length);
  for (let index = 0; index < values.length; index += 1) {
    try {
      deltas[index] = readDelta(values[index], stamp);
    } catch (error) {
      throw error instanceof Violation ? error.within(`${field}[${index}]`) : error;
    }
  }
  return deltas;
}

export const packAcknowledge = (message: Acknowledge): unknown[] => [MessageType.ACKNOWLEDGE, message.lastDelta ?? null, message.credit];

export const readAcknowledge = ([, lastDelta, credit]: readonly unknown[]): Acknowledge => ({
  kind: 'acknowledge',
  lastDelta: optional(lastDelta, (value) => integer(value, 'lastDelta')),
  credit: integer(credit, 'credit'),
});

export const packRefused = (message: Refused): unknown[] => [
  MessageType.REFUSED,
  message.delta ?? null,
  message.code,
  message.message.slice(0, MAX_REASON_LENGTH),
  message.limit ?? null,
  message.actual ?? null,
];

export const readRefused = ([, delta, code, message, limit, actual]: readonly unknown[]): Refused => ({
  kind: 'refused',
  delta: optional(delta, (value) => integer(value, 'delta', 1)),
  code: name(code, 'code', MAX_NAME_LENGTH),
  message: text(message, 'message', MAX_REASON_LENGTH),
  limit: optional(limit, (value) => finite(value, 'limit')),
  actual: optional(actual, (value) => finite(value, 'actual')),
});
