import type { Position } from '../../graph/position.js';
import type { CaptureEvent } from './captureService.js';

/** Ends of captures and of their runs on nodes that are remembered for who comes back: a day of a restless host. */
const MOST_ENDED = 10_000;

/** The newest that happened to a capture, or to it on one node. */
export interface CaptureNews {
  readonly event: CaptureEvent;
  /** In the order of what happened; each is given once. */
  readonly place: number;
}

/** What happened to captures, of each and of each on a node only the newest: what there is can be told from it, and what somebody missed. */
export class CaptureLog {
  private readonly newest = new Map<string, CaptureNews>();
  /** Keys of what happened to a capture on nodes. */
  private readonly onNodes = new Map<string, Set<string>>();
  private ended = 0;
  private place = 0;
  private floor = 0;

  /** `epoch`: of this start of the analyzer; places of another mean nothing here. */
  constructor(private readonly epoch: number) {}

  add(event: CaptureEvent): void {
    const { id } = event.capture;
    if (event.op === 'DELETED') for (const key of this.onNodes.get(id) ?? []) this.drop(key);
    const key = keyOf(event);
    this.drop(key);
    if (event.activity !== undefined) this.onNodes.set(id, (this.onNodes.get(id) ?? new Set()).add(key));
    // At the end of the list: it is in the order of places.
    this.newest.set(key, { event, place: (this.place += 1) });
    if (!isEnd(event)) return;
    this.ended += 1;
    if (this.ended > MOST_ENDED) this.forget(MOST_ENDED / 2);
  }

  /** Whether nothing newer came of the same since. */
  isNewest({ event, place }: CaptureNews): boolean {
    return this.newest.get(keyOf(event))?.place === place;
  }

  positionOf({ place }: Pick<CaptureNews, 'place'>): Position {
    return { epoch: this.epoch, seq: place };
  }

  /** Up to here everything has happened. */
  get position(): Position {
    return this.positionOf({ place: this.place });
  }

  /** Whether everything since the position is still known. */
  leadsOn({ epoch, seq }: Position): boolean {
    return epoch === this.epoch && seq >= this.floor && seq <= this.place;
  }

  /** What there is, in the order of places. */
  standing(): CaptureNews[] {
    return [...this.newest.values()].filter(({ event }) => !isEnd(event));
  }

  /** What happened after a position that leads on, in the order of places. */
  since({ seq }: Position): CaptureNews[] {
    return [...this.newest.values()].filter(({ place }) => place > seq);
  }

  private drop(key: string): void {
    const known = this.newest.get(key);
    if (known === undefined) return;
    this.newest.delete(key);
    const { id } = known.event.capture;
    const keys = this.onNodes.get(id);
    if (keys?.delete(key) === true && keys.size === 0) this.onNodes.delete(id);
    if (isEnd(known.event)) this.ended -= 1;
  }

  /** Forgets the oldest ends down to so many. */
  private forget(most: number): void {
    for (const [key, { event, place }] of this.newest) {
      if (this.ended <= most) return;
      if (!isEnd(event)) continue;
      this.floor = place;
      this.drop(key);
    }
  }
}

/** Making and deleting are of the capture, everything else of it on a node. */
const keyOf = ({ capture, activity }: CaptureEvent): string => (activity === undefined ? capture.id : `${capture.id} ${activity.node}`);

const isEnd = ({ op, activity }: CaptureEvent): boolean => op === 'DELETED' || activity?.state === 'STOPPED';
