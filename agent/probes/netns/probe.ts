import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Cancel } from '../../../src/common/clock.js';
import { namedId } from '../../../src/common/ids.js';
import { ownNamespace } from '../../linux/namespace.js';
import type { Probe, ProbeContext, ProbeDefinition } from '../kit/probe.js';
import { identify, type IdentifiedNamespace } from './identify.js';
import { NETNS_KEYS } from './keys.js';
import { watchRunFolder } from './runFolder.js';

/** Milliseconds after which a file is looked at again whose namespace may still be mounted over it: doubled each time. */
const FIRST_RETRY = 1;
const RETRIES = 12;

/** Named network namespaces: files in the run folders over which a namespace is mounted. */
export const netnsProbe: ProbeDefinition = {
  name: 'netns',
  summary: 'Named network namespaces: those that are there, new ones, and those that go',
  needsLinux: true,
  needs: [{ capability: 'SYS_ADMIN', allows: 'telling namespaces apart that follow each other under one inode' }],
  keys: NETNS_KEYS,
  create: (context) => new NetnsProbe(context),
};

/** A namespace with all its paths: the first one names it. */
interface Known {
  readonly identified: IdentifiedNamespace;
  readonly paths: string[];
}

class NetnsProbe implements Probe {
  private readonly byKey = new Map<string, Known>();
  private readonly keyByPath = new Map<string, string>();
  private readonly retries = new Map<string, Cancel>();
  /** What lay under paths that were no namespace for as long as they were looked at: device and inode. */
  private readonly refused = new Map<string, string>();
  private readonly cancels: Cancel[] = [];
  private readonly own = ownNamespace();

  constructor(private readonly context: ProbeContext) {}

  start(): void {
    const { clock, config, graph, namespaces } = this.context;
    graph.batch(() => {
      for (const folder of new Set(config.netns.runPaths)) {
        const listener = {
          touched: (name: string) => this.guard(() => this.look(join(folder, name))),
          scanned: (names: readonly string[]) => this.guard(() => this.scanned(folder, names)),
        };
        this.cancels.push(watchRunFolder(folder, clock, listener));
      }
      // An earlier run may have told of some that went meanwhile.
      for (const { key, isOwn } of [...namespaces.all()]) if (!isOwn && !this.byKey.has(key)) namespaces.remove(key);
    });
  }

  stop(): void {
    for (const cancel of this.cancels) cancel();
    for (const cancel of this.retries.values()) cancel();
  }

  private guard(work: () => void): void {
    try {
      this.context.graph.batch(work);
    } catch (error) {
      this.context.health.failed(error);
    }
  }

  private scanned(folder: string, names: readonly string[]): void {
    const present = new Set(names.map((name) => join(folder, name)));
    const ours = [...this.keyByPath.keys()].filter((path) => join(path, '..') === folder);
    for (const path of new Set([...present, ...ours])) if (!this.isUnchanged(path)) this.look(path);
  }

  /** By what can be seen from outside; that an inode was used again shows in the folder's events. */
  private isUnchanged(path: string): boolean {
    const seen = seenFromOutside(path);
    const known = this.byKey.get(this.keyByPath.get(path) ?? '')?.identified;
    return known === undefined ? seen !== undefined && this.refused.get(path) === seen : seen === `${known.device}:${known.inode}`;
  }

  /** Makes what is known of the path agree with what it is now. */
  private look(path: string, attempt = 0): void {
    this.retries.get(path)?.();
    this.retries.delete(path);
    this.refused.delete(path);
    let found: IdentifiedNamespace | undefined;
    let problem = `${path} is no network namespace`;
    try {
      found = identify(path);
    } catch (error) {
      problem = `${path} cannot be opened: ${error instanceof Error ? error.message : String(error)}`;
    }
    const known = this.keyByPath.get(path);
    if (found?.key !== known) {
      this.context.health.heard(1);
      if (known !== undefined) this.forget(path, known);
      if (found !== undefined) this.remember(path, found);
    }
    const seen = seenFromOutside(path);
    if (found !== undefined || seen === undefined) return;
    if (attempt === RETRIES) {
      this.refused.set(path, seen);
      return this.context.log.warn({ path }, problem);
    }
    // `ip netns add` makes the file first and mounts the namespace over it a moment later.
    const again = this.context.clock.after(FIRST_RETRY * 2 ** attempt, () => this.guard(() => this.look(path, attempt + 1)));
    this.retries.set(path, again);
  }

  private remember(path: string, identified: IdentifiedNamespace): void {
    const { device, inode, key } = identified;
    // The host's own namespace under a name is still the host.
    if (key === this.context.namespaces.own.key || (device === this.own.device && inode === this.own.inode)) return;
    this.keyByPath.set(path, key);
    const known = this.byKey.get(key);
    if (known !== undefined) return void known.paths.push(path);
    const added: Known = { identified, paths: [path] };
    this.byKey.set(key, added);
    this.write(added);
  }

  private forget(path: string, key: string): void {
    this.keyByPath.delete(path);
    const known = this.byKey.get(key);
    if (known === undefined) return;
    const wasFirst = known.paths[0] === path;
    known.paths.splice(known.paths.indexOf(path), 1);
    if (known.paths.length > 0) return wasFirst ? this.write(known) : undefined;
    this.byKey.delete(key);
    // Who looks into it closes its sockets first: they would keep the namespace alive.
    this.context.namespaces.remove(key);
    this.context.graph.removeNode(this.nodeId(key));
  }

  private write({ identified: { key, inode, device }, paths }: Known): void {
    const path = paths[0]!;
    const name = path.slice(path.lastIndexOf('/') + 1);
    const id = this.nodeId(key);
    this.context.graph.putNode({
      id,
      parent: this.context.root,
      metadata: { Name: name, Type: 'netns', Path: path, Inode: inode, Device: device },
    });
    this.context.namespaces.put({ key, path, name, root: id, isOwn: false });
  }

  private nodeId(key: string): string {
    return namedId(this.context.hostId, this.context.linux.bootId, key, 'netns');
  }
}

/** Device and inode of what the path leads to; `undefined` when it leads nowhere. */
function seenFromOutside(path: string): string | undefined {
  const seen = statSync(path, { throwIfNoEntry: false });
  return seen && `${seen.dev}:${seen.ino}`;
}
