import { FORCED } from '../exitCodes.js';
import type { Terminal } from '../terminal.js';

export interface Interruption {
  /** Aborted by the first Ctrl-C or SIGTERM; the second ends the process at once. */
  readonly signal: AbortSignal;
  /** Leaves signals alone again. */
  release(): void;
}

/** For commands that go on until somebody stops them. */
export function interruption(terminal: Terminal): Interruption {
  const controller = new AbortController();
  const release = terminal.onStop(() => {
    if (controller.signal.aborted) process.exit(FORCED);
    controller.abort();
  });
  return { signal: controller.signal, release };
}
