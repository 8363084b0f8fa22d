import type { Clock } from '../common/clock.js';
import type { Log } from '../common/log.js';
import type { LiveGraph } from '../graph/liveGraph.js';
import type { RecorderContract } from '../journal/contracts.js';
import type { AgentEvents } from './agentEvents.js';
import type { HubCounters } from './counters.js';
import type { HubLimits, Quota } from './limits.js';

/** Where the hub writes, and the live graph behind it. */
export type HubRecorder = RecorderContract & { readonly graph: LiveGraph };

/** What sessions and origins share. */
export interface HubContext {
  readonly recorder: HubRecorder;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits: HubLimits;
  readonly quota: Quota;
  readonly counters: HubCounters;
  /** Version of the analyzer's program, said in WELCOME. */
  readonly software: string;
  /** Who takes what agents say beside their graph. */
  readonly events: AgentEvents;
  /** Something in `agents()` changed. */
  changed(): void;
}
