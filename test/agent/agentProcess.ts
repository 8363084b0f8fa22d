import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { AgentSettings } from '../../agent/agent.js';

const SCRIPT = new URL('./agentScript.ts', import.meta.url).pathname;

/** What the process says of itself in one line of JSON once its agent runs. */
export interface Said {
  readonly probes: readonly {
    readonly name: string;
    readonly state: string;
    readonly reason?: string;
    readonly missing: readonly string[];
  }[];
  /** Its door, where `agent.listen` is set. */
  readonly url?: string;
  readonly nodes: readonly { readonly id: string; readonly metadata: Readonly<Record<string, unknown>> }[];
}

export interface AgentProcess {
  readonly child: ChildProcess;
  readonly said: Said;
  log(): string;
}

/** An agent in a process of its own; `wrapper` stands before the command (`setpriv …`). Resolves when it runs. */
export async function startAgentProcess(settings: AgentSettings, wrapper: readonly string[] = []): Promise<AgentProcess> {
  const [command, ...args] = [...wrapper, process.execPath, '--import', import.meta.resolve('tsx'), SCRIPT, JSON.stringify(settings)];
  const child = spawn(command!, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (log += text));
  const lines = createInterface({ input: child.stdout });
  const said = await Promise.race([
    once(lines, 'line').then(([line]) => JSON.parse(String(line)) as Said),
    once(child, 'exit').then(([code, signal]) => Promise.reject(new Error(`ended with ${code ?? signal}\n${log}`))),
  ]);
  return { child, said, log: () => log };
}
