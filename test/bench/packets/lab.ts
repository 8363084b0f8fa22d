import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileProject, type Compiled } from '../compiled.js';

/** Two namespaces with a pair of links between them, and the project compiled: what is measured runs as it is delivered. */
export class PacketLab {
  readonly compiled: Compiled = compileProject();
  private readonly folder = mkdtempSync(join(tmpdir(), 'canopy-packets-'));

  constructor(pairs = 1) {
    for (const name of ['left', 'right'] as const) {
      writeFileSync(this.path(name), '');
      execFileSync('unshare', [`--net=${this.path(name)}`, 'true']);
    }
    const commands = Array.from(
      { length: pairs },
      (_, index) => `link add left${index} type veth peer name right${index} netns ${this.path('right')}`,
    );
    this.ip('left', commands);
    for (const side of ['left', 'right'] as const) {
      this.enter(side, 'sysctl', '-q', '-w', 'net.ipv6.conf.all.disable_ipv6=1');
      this.ip(side, [...Array.from({ length: pairs }, (_, index) => `link set ${side}${index} up`), 'link set lo up']);
    }
  }

  path(namespace: 'left' | 'right'): string {
    return join(this.folder, namespace);
  }

  private ip(namespace: 'left' | 'right', commands: readonly string[]): void {
    execFileSync('nsenter', [`--net=${this.path(namespace)}`, 'ip', '-batch', '-'], { input: `${commands.join('\n')}\n` });
  }

  enter(namespace: 'left' | 'right', ...command: string[]): string {
    return execFileSync('nsenter', [`--net=${this.path(namespace)}`, ...command], { encoding: 'utf8' });
  }

  /** Sends from the left, without the sender's own start in the time. Resolves with what was sent. */
  send(rate: number, seconds: number, flows: number, bytes = 200): Promise<{ sent: number; seconds: number }> {
    const script = this.compiled.file('test/bench/packets/send.ts');
    const args = [script, this.path('left'), 'left0', String(rate), String(seconds), String(flows), String(bytes)];
    return output(process.execPath, args).then((text) => JSON.parse(text) as { sent: number; seconds: number });
  }

  close(): void {
    for (const name of ['left', 'right'] as const) execFileSync('umount', ['--lazy', this.path(name)]);
    rmSync(this.folder, { recursive: true, force: true });
    this.compiled.remove();
  }
}

/** Runs a program and resolves with what it says on standard output. */
export function output(command: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (part: string) => (text += part));
    child.once('error', reject);
    child.once('exit', (code) => (code === 0 ? resolve(text) : reject(new Error(`${command} ended with ${code}`))));
  });
}
