import type { Abilities, CaptureActivity } from '../protocol/capture.js';
import type { Flows } from '../protocol/flows.js';
import type { InjectProgress } from '../protocol/injection.js';

/** Who takes what agents say beside their graph. Called in the order in which it was said. */
export interface AgentEvents {
  /** An agent was welcomed; what is sent to it from now on arrives behind WELCOME. */
  connected(origin: string): void;
  disconnected(origin: string): void;
  captureStates(origin: string, activities: readonly CaptureActivity[]): void;
  abilities(origin: string, abilities: Abilities): void;
  injectProgress(origin: string, progress: InjectProgress): void;
  /**
   * Takes a batch whose times are `clockOffset` ms ahead of ours. Returns when it is stored (`undefined`: at once, or never kept). Throws `PROTOCOL_VIOLATION` for
   * bytes that are no batch.
   */
  flows(origin: string, flows: Flows, clockOffset: number): Promise<void> | undefined;
  flowsRefreshed(origin: string, request: number): void;
}

/** Nobody listens: an analyzer without captures. */
export const noEvents: AgentEvents = {
  connected: () => undefined,
  disconnected: () => undefined,
  captureStates: () => undefined,
  abilities: () => undefined,
  injectProgress: () => undefined,
  flows: () => undefined,
  flowsRefreshed: () => undefined,
};
