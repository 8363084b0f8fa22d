import type { Position } from '../../graph/position.js';
import { RING_BYTES, RING_EVENTS } from './defaults.js';

/** One event of a group, ready to be sent. */
export interface RingEvent {
  /** From the end of the event before up to here there was nothing to tell. */
  readonly start: Position;
  readonly end: Position;
  readonly payload: Buffer;
}

/** Where a reader at some position stands towards the ring. */
export type Place =
  /** It misses nothing: the next event for it has this number. */
  | { readonly kind: 'at'; readonly index: number }
  /** It has to read on to this position by itself. */
  | { readonly kind: 'behind'; readonly target: Position }
  /** It is further than the group. */
  | { readonly kind: 'ahead' };

/** The latest events of a group, bounded in number and bytes. Events are numbered on and on; `first` is the oldest that is kept. */
export class Ring {
  readonly #events: RingEvent[] = [];
  #first = 0;
  #bytes = 0;
  /** Where the oldest kept event's predecessor ended. */
  #base: Position;

  constructor(
    base: Position,
    private readonly maxBytes = RING_BYTES,
    private readonly maxEvents = RING_EVENTS,
  ) {
    this.#base = base;
  }

  /** Number of the oldest event that is kept. */
  get first(): number {
    return this.#first;
  }

  /** Number that the next event gets. */
  get next(): number {
    return this.#first + this.#events.length;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get(index: number): RingEvent | undefined {
    return this.#events[index - this.#first];
  }

  /** How far the newest event reaches. */
  get end(): Position {
    return this.#events.at(-1)?.end ?? this.#base;
  }

  push(event: RingEvent): void {
    this.#events.push(event);
    this.#bytes += event.payload.length;
    // The newest is kept whatever its size: the others are what one can be without.
    while (this.#events.length > 1 && (this.#bytes > this.maxBytes || this.#events.length > this.maxEvents)) {
      const dropped = this.#events.shift()!;
      this.#bytes -= dropped.payload.length;
      this.#base = dropped.end;
      this.#first += 1;
    }
  }

  /** Where a reader stands that has read up to the position; `reached` is how far the group has read. */
  placeOf({ seq }: Position, reached: Position): Place {
    if (seq > reached.seq) return { kind: 'ahead' };
    if (seq < this.#base.seq) return { kind: 'behind', target: this.end };
    let low = 0;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#events[middle]!.end.seq <= seq) low = middle + 1;
      else high = middle;
    }
    const next = this.#events[low];
    return next === undefined || seq <= next.start.seq ? { kind: 'at', index: this.#first + low } : { kind: 'behind', target: next.end };
  }
}
