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

/** What is sent: at a rate, packets a second, by calls; or by the kernel itself as fast as it can, but for so many frames for each one that are left out. */
export type Sending = { readonly seconds: number; readonly flows: number } & ({ readonly rate: number } | { readonly leftOut: number });

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

  /** Sends frames of 200 bytes from the left. Resolves when the sender has begun; `done` with what arrived on the right, without the sender's own start in the time. */
  async send({ seconds, flows, ...speed }: Sending): Promise<{ done: Promise<Sent> }> {
    const isKernel = 'leftOut' in speed;
    // Only then the other end takes frames that the kernel made.
    if (isKernel) this.enter('right', 'ethtool', '-K', 'right0', 'gro', 'on');
    const script = this.compiled.file(`test/bench/packets/${isKernel ? 'sendByKernel' : 'send'}.ts`);
    const before = this.arrived();
    const how = isKernel ? speed.leftOut : speed.rate;
    const sender = new Talker(process.execPath, [script, this.path('left'), 'left0', ...[how, seconds, flows, 200].map(String)]);
    await sender.line();
    const ended = async (): Promise<Sent> => {
      const { seconds: took } = JSON.parse(await sender.end()) as { seconds: number };
      return { sent: this.arrived() - before, seconds: took };
    };
    return { done: ended() };
  }

  /** Packets that came to the right end since it is there. */
  private arrived(): number {
    type Link = { readonly stats64: { readonly rx: { readonly packets: number } } };
    const [link] = JSON.parse(this.enter('right', 'ip', '-json', '-statistics', 'link', 'show', 'right0')) as [Link];
    return link.stats64.rx.packets;
  }

  close(): void {
    for (const name of ['left', 'right'] as const) execFileSync('umount', ['--lazy', this.path(name)]);
    rmSync(this.folder, { recursive: true, force: true });
    this.compiled.remove();
  }
}
