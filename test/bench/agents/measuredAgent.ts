import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Compiled } from '../compiled.js';
import type { BenchNamespace } from './benchNamespace.js';

/** USER_HZ: 100 on every machine that Node runs on. */
const TICKS_PER_SECOND = 100;

/** An agent as it is delivered, whose host is a network namespace of the bench; with its analyzer, inside too. */
export interface MeasuredAgent {
  readonly child: ChildProcess;
  readonly analyzerUrl: string;
  stop(): Promise<void>;
}

/** Starts both; resolves when the agent watches. `variables` are settings besides the defaults. */
export async function startMeasuredAgent(
  namespace: BenchNamespace,
  compiled: Compiled,
  variables: NodeJS.ProcessEnv = {},
): Promise<MeasuredAgent> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-agent-'));
  // Named namespaces of others on this machine are none of its business; all else is as it comes.
  mkdirSync(join(folder, 'netns'));
  const environment = {
    CANOPY_LOG_LEVEL: 'warn',
    CANOPY_AGENT_HOST_ID: namespace.name,
    CANOPY_AGENT_STATE_DIR: join(folder, 'state'),
    CANOPY_AGENT_NETNS_RUN_PATHS: join(folder, 'netns'),
    ...variables,
  };
  const main = compiled.file('src/cli/main.ts');
  const analyzer = namespace.spawn(
    process.execPath,
    [main, 'analyzer', '--listen', '127.0.0.1:0', '--data-dir', join(folder, 'data')],
    environment,
  );
  const analyzerUrl = await said(analyzer, /^canopy ready (\S+)$/);
  const child = namespace.spawn(process.execPath, [main, 'agent', '--analyzer', analyzerUrl], environment);
  await said(child, /^canopy agent (ready)$/);
  return {
    child,
    analyzerUrl,
    async stop() {
      for (const process of [child, analyzer]) {
        if (process.exitCode !== null || process.signalCode !== null) continue;
        const gone = once(process, 'exit');
        process.kill();
        await gone;
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function said(child: ChildProcess, line: RegExp): Promise<string> {
  for await (const text of createInterface({ input: child.stdout! })) {
    const found = line.exec(text)?.[1];
    if (found !== undefined) return found;
  }
  throw new Error(`ended before it said ${line}`);
}

/** Percent of one core that the process takes while `work` runs. */
export async function cpuPercent(pid: number, work: () => Promise<unknown>): Promise<number> {
  const [ticks, from] = [ticksOf(pid), performance.now()];
  await work();
  const seconds = (performance.now() - from) / 1_000;
  return ((ticksOf(pid) - ticks) / TICKS_PER_SECOND / seconds) * 100;
}

/** utime and stime of proc(5), after the name in parentheses. */
function ticksOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

/** MiB resident. */
export const residentMib = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? NaN) / 1_024;

/** `ip -batch` that takes commands one by one; resolves `sent` commands a second over so many seconds. */
export async function changeLinks(namespace: BenchNamespace, perSecond: number, seconds: number): Promise<void> {
  const child = spawn('ip', ['-n', namespace.name, '-batch', '-'], { stdio: ['pipe', 'ignore', 'inherit'] });
  const from = performance.now();
  const total = perSecond * seconds;
  for (let number = 0; number < total; number++) {
    child.stdin.write(`${changeNumber(number)}\n`);
    const due = from + ((number + 1) * 1_000) / perSecond;
    if (due > performance.now()) await sleep(due - performance.now());
  }
  child.stdin.end();
  await once(child, 'exit');
}

/** Links come, change and go: four changes of each. */
function changeNumber(number: number): string {
  const link = `churn${Math.floor(number / 4)}`;
  return [`link add ${link} type bridge`, `link set ${link} up`, `link set ${link} mtu 1400`, `link del ${link}`][number % 4]!;
}
