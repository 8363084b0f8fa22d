import type { JsonObject } from '../../common/json.js';
import type { SightStamp } from '../sight/sight.js';
import { together, type Asked, type Injection, type Sending } from './injection.js';

export type Sendings = readonly [Sending, ...Sending[]];

/** An injection that is known, and what is awaited of it. */
export interface Known {
  readonly id: string;
  readonly asked: Asked;
  readonly startedAt: number;
  /** Milliseconds since the epoch; `undefined`: it lasts until everything is sent, and is shown for a while then. */
  readonly expiresAt: number | undefined;
  /** By which scopes it was asked for; who sees a part of the graph knows of those. */
  readonly sight: SightStamp | undefined;
  sendings: Sendings;
  /** Somebody ended it, or its time was up, while an agent may have been away. */
  isCancelled: boolean;
}

/** As it is kept. */
type Kept = Pick<Known, 'id' | 'asked' | 'startedAt' | 'expiresAt' | 'sight'> & {
  readonly sendings: readonly Sending[];
  /** Who was asked for it and hears of its agents; those that were kept before this was noted have none. */
  readonly analyzer?: string;
  /** It is to end: its analyzer sees to it. */
  readonly isCancelled?: boolean;
};

/** Of those that were kept before it was known. */
const NOT_ASKED: Asked = { src: '', dst: '' };

const NOTHING_SAID = { trackingId: undefined, error: undefined };

/** The value under which an analyzer keeps it. */
export function keptValue({ id, asked, startedAt, expiresAt, sight, sendings, isCancelled }: Known, analyzer: string): JsonObject {
  const kept: Kept = { id, asked, startedAt, expiresAt, sight, sendings, analyzer, ...(isCancelled && { isCancelled }) };
  return JSON.parse(JSON.stringify(kept)) as JsonObject;
}

/** What was kept, and by which analyzer. */
export function knownFrom(value: JsonObject): { readonly known: Known; readonly analyzer: string | undefined } {
  const { id, asked = NOT_ASKED, startedAt, expiresAt, sight, sendings, analyzer, isCancelled = false } = value as unknown as Kept;
  // A text that is not there was left out.
  const whole = sendings.map((sending) => ({ ...NOTHING_SAID, ...sending })) as unknown as Sendings;
  return { known: { id, asked, startedAt, expiresAt, sight, sendings: whole, isCancelled }, analyzer };
}

/** As it is shown. */
export const shown = (known: Known): Injection => together(known);
