import type { Config } from '../common/config/config.js';
import { systemClock, type Clock } from '../common/clock.js';
import { createLog, type Log } from '../common/log.js';
import type { Call } from './command.js';
import { exitCodeOf, FAILURE, FORCED, OK } from './exitCodes.js';
import { explain } from './explain.js';

/** Longest that a clean stop may take, milliseconds; then the process ends as it is. What was acknowledged is on disk by then. */
const STOP_PATIENCE = 2_800;

/** A part of Canopy that runs until it is stopped. */
export interface Running {
  /** The line on standard output that says it is up. */
  readonly ready: string;
  /** What a person has to know, for standard error. */
  readonly notice?: string;
  stop(): Promise<void>;
}

export interface Surroundings {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
}

/** Runs a server until SIGTERM or SIGINT and stops it cleanly; a second signal ends it at once. Returns the exit code. */
export async function serve({ terminal, config: load }: Call, start: (surroundings: Surroundings) => Promise<Running>): Promise<never> {
  const { config } = await load();
  const log = createLog(config.logLevel);
  const stopped = stopSignal(terminal, log);
  process.on('unhandledRejection', (error) => log.error({ err: error }, 'a promise failed and nobody was waiting for it'));
  // The process ends in any case, even when something forgotten still keeps it alive: whoever stops a service waits for that.
  try {
    const running = await Promise.race([start({ config, clock: systemClock, log }), stopped]);
    if (running === undefined) return process.exit(OK);
    if (running.notice !== undefined) terminal.err(running.notice);
    terminal.out(`${running.ready}\n`);
    await stopped;
    return process.exit(await stopWithin(running, log));
  } catch (error) {
    terminal.err(explain(error, config.logLevel === 'debug'));
    return process.exit(exitCodeOf(error));
  }
}

/** Resolves at the first signal; at the second the process ends. */
const stopSignal = (terminal: Call['terminal'], log: Log): Promise<undefined> =>
  new Promise((resolve) => {
    let isStopping = false;
    terminal.onStop((signal) => {
      if (isStopping) process.exit(FORCED);
      isStopping = true;
      log.info({ signal }, 'stopping; a second signal ends the process at once');
      resolve(undefined);
    });
  });

async function stopWithin(running: Running, log: Log): Promise<number> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => (timer = setTimeout(resolve, STOP_PATIENCE, 'late')));
  try {
    if ((await Promise.race([running.stop(), late])) !== 'late') return OK;
    log.error({ patienceMs: STOP_PATIENCE }, 'did not stop in time; ending as it is');
  } catch (error) {
    log.error({ err: error }, 'failed while stopping');
  } finally {
    clearTimeout(timer);
  }
  return FAILURE;
}
