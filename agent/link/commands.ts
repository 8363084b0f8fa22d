import type { CaptureTasks } from '../../src/protocol/capture.js';
import type { Inject } from '../../src/protocol/injection.js';

/** What an analyzer asks of the agent beside its graph. Called in the order in which it was asked. */
export interface LinkCommands {
  /** A connection was welcomed: what is said from now on is heard, and nothing of what was said before counts. */
  welcomed(): void;
  captureTasks(tasks: CaptureTasks): void;
  /** Asks for `REFRESH` batches of every table, then `AgentLink.refreshed(request)`. */
  flowsRefresh(request: number): void;
  inject(inject: Inject): void;
  injectCancel(id: string): void;
}

/** An agent that takes no commands. */
export const noCommands: LinkCommands = {
  welcomed: () => undefined,
  captureTasks: () => undefined,
  flowsRefresh: () => undefined,
  inject: () => undefined,
  injectCancel: () => undefined,
};
