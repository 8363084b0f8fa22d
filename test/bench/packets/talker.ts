import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const NANOSECONDS_IN_SECOND = 1e9;

/** A program that says lines on its standard output, and whose cost is asked for while it runs. */
export class Talker {
  private readonly child;
  private readonly ended: Promise<number | null>;
  private readonly lines: string[] = [];
  private wake: () => void = () => undefined;

  constructor(command: string, args: readonly string[], stream: 'stdout' | 'stderr' = 'stdout') {
    this.child = spawn(command, args, { stdio: ['pipe', 'pipe', stream === 'stderr' ? 'pipe' : 'inherit'] });
    // From the beginning: who is waited for only later may be gone by then.
    this.ended = once(this.child, 'exit').then(([code]) => code as number | null);
    void this.ended.then(() => this.wake());
    createInterface({ input: this.child[stream]! }).on('line', (line) => {
      this.lines.push(line);
      this.wake();
    });
  }

  /** The last line; waits for one where there is none yet. Throws when the program ends without. */
  async line(): Promise<string> {
    while (this.lines.length === 0) {
      if (this.child.exitCode !== null) throw new Error(`a program ended with ${this.child.exitCode} before it said anything`);
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
    return this.lines.at(-1)!;
  }

  /** The next line that matches. */
  async next(): Promise<string> {
    this.lines.length = 0;
    return this.line();
  }

  /** What it says to a signal. */
  async answer(signal: NodeJS.Signals): Promise<string> {
    const next = this.next();
    this.child.kill(signal);
    return next;
  }

  /** Seconds of processor time of all threads that are there. */
  cpuSeconds(): number {
    const tasks = `/proc/${this.child.pid}/task`;
    return readdirSync(tasks).reduce((sum, task) => {
      const [running] = readFileSync(`${tasks}/${task}/schedstat`, 'utf8').split(' ');
      return sum + Number(running) / NANOSECONDS_IN_SECOND;
    }, 0);
  }

  /** Ends its input, and sends the signal where one is given. Resolves with its last line. Throws when it fails. */
  async end(signal?: NodeJS.Signals): Promise<string> {
    if (signal === undefined) this.child.stdin!.end();
    else this.child.kill(signal);
    const code = await this.ended;
    if (code !== 0) throw new Error(`a program ended with ${code}`);
    return this.line();
  }
}
