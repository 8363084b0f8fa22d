import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

const MAIN = new URL('../../dist/src/cli/main.js', import.meta.url).pathname;
const READY_TIMEOUT_MS = 50_000;
let launched = 0;

/** A real `canopy` process: built code, its own address and data folder. */
export interface CanopyProcess {
  /** `http://HOST:PORT` from the line "canopy ready"; empty for an agent. */
  readonly url: string;
  readonly child: ChildProcess;
  /** Everything written to standard error so far: the log. */
  log(): string;
  /** Sends the signal and waits for the exit; milliseconds that it took, and how it ended. */
  end(signal?: NodeJS.Signals): Promise<{ readonly tookMs: number; readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
}

export interface LaunchOptions {
  /** Run inside this named network namespace. */
  readonly namespace?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** The line on standard output that says it is up; an agent prints another than the analyzer. */
  readonly ready?: RegExp;
  /** Words put in front of the command, such as `setpriv`. */
  readonly wrapper?: readonly string[];
}

/** Starts `canopy ARGS` and waits until it says that it is ready. Throws with its log when it ends before that. */
export async function launch(args: readonly string[], options: LaunchOptions = {}): Promise<CanopyProcess> {
  const command = [...(options.namespace ? ['ip', 'netns', 'exec', options.namespace] : []), ...(options.wrapper ?? [])];
  // One agent a host id: tests that run side by side each watch the machine under a name of their own.
  const hostId = `host-${process.pid}-${++launched}`;
  const [file, ...rest] = [...command, process.execPath, MAIN, ...args];
  const child = spawn(file!, rest, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', CANOPY_AGENT_HOST_ID: hostId, ...options.env },
  });
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (log += text));
  const url = await new Promise<string>((resolve, reject) => {
    const fail = (why: string) => reject(new Error(`canopy ${args.join(' ')} ${why}\n${log}`));
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      fail('was not ready in time');
    }, READY_TIMEOUT_MS);
    child.once('error', (error) => fail(error.message));
    child.once('exit', (code, signal) => fail(`ended with ${code ?? signal} before it was ready`));
    createInterface({ input: child.stdout }).on('line', (line) => {
      const match = (options.ready ?? /^canopy ready (http:\S+)$/).exec(line);
      if (!match) return;
      clearTimeout(timer);
      resolve(match[1] ?? '');
    });
  });
  return {
    url,
    child,
    log: () => log,
    async end(signal = 'SIGTERM') {
      const started = performance.now();
      if (child.exitCode === null && child.signalCode === null) {
        const exited = once(child, 'exit');
        child.kill(signal);
        await exited;
      }
      return { tookMs: performance.now() - started, code: child.exitCode, signal: child.signalCode };
    },
  };
}
