import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileProject, type Compiled } from '../compiled.js';
import { Talker } from './talker.js';

export interface Sent {
  readonly sent: number;
  readonly seconds: number;
}

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

  /** Sends from the left. Resolves when the sender has begun; `done` with what it sent, without its own start in the time. */
  async send(rate: number, seconds: number, flows: number, bytes = 200): Promise<{ done: Promise<Sent> }> {
    const script = this.compiled.file('test/bench/packets/send.ts');
    const sender = new Talker(process.execPath, [
      script,
      this.path('left'),
      'left0',
      String(rate),
      String(seconds),
      String(flows),
      String(bytes),
    ]);
    await sender.line();
    return { done: sender.end().then((text) => JSON.parse(text) as Sent) };
  }

  close(): void {
    for (const name of ['left', 'right'] as const) execFileSync('umount', ['--lazy', this.path(name)]);
    rmSync(this.folder, { recursive: true, force: true });
    this.compiled.remove();
  }
}
