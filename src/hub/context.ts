import type { Clock } from '../common/clock.js';
import type { Log } from '../common/log.js';
import type { PutEdge, PutNode, Delta } from '../graph/delta.js';
import type { Revision } from '../graph/element.js';
import type { RecorderContract } from '../journal/contracts.js';
import type { HubCounters } from './counters.js';
import type { HubLimits, Quota } from './limits.js';

/** How much one origin holds. */
export interface Holding {
  readonly origin: string;
  readonly elements: number;
  readonly metadataBytes: number;
}

/** What the hub asks of the live graph, besides writing through the recorder. */
export interface HubGraph {
  holding(origin: string): Holding;
  origins(): Iterable<string>;
  /** The element as it is now, also a suspended edge. */
  find(id: string): Revision | undefined;
  /** The deltas that turn what the origin has into what it says it has. */
  differences(origin: string, picture: Iterable<PutNode | PutEdge>): Delta[];
}

/** What sessions and origins share. */
export interface HubContext {
  readonly recorder: RecorderContract;
  readonly graph: HubGraph;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits: HubLimits;
  readonly quota: Quota;
  readonly counters: HubCounters;
  /** Version of the analyzer's program, said in WELCOME. */
  readonly software: string;
  /** Something in `agents()` changed. */
  changed(): void;
}
