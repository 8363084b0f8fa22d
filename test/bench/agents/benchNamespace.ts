import { execFileSync, spawn, type ChildProcess } from 'node:child_process';

/** A network namespace of the bench's own: nothing else on the machine makes links in it. */
export class BenchNamespace {
  readonly name: string;

  constructor(what: string) {
    this.name = `bench-${what}-${process.pid}`;
    execFileSync('ip', ['netns', 'add', this.name]);
    this.ip('link set lo up');
  }

  ip(args: string): void {
    execFileSync('ip', ['-n', this.name, ...args.split(' ')]);
  }

  /** Many commands in one process. */
  batch(commands: readonly string[]): void {
    execFileSync('ip', ['-n', this.name, '-batch', '-'], { input: `${commands.join('\n')}\n`, stdio: ['pipe', 'ignore', 'inherit'] });
  }

  /** A program that runs inside; what it prints can be read. */
  spawn(file: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
    return spawn('ip', ['netns', 'exec', this.name, file, ...args], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, ...env },
    });
  }

  remove(): void {
    execFileSync('ip', ['netns', 'del', this.name]);
  }
}
