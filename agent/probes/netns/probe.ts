import { dirname, join } from 'node:path';
import type { Cancel } from '../../../src/common/clock.js';
import { namedId } from '../../../src/common/ids.js';
import type { JsonObject } from '../../../src/common/json.js';
import { openMounts } from '../../linux/mounts.js';
import { ownNamespace } from '../../linux/namespace.js';
import { openProcessEvents, type Sighting } from '../../linux/processes.js';
import type { ProcessLook, Received, SocketGroup } from '../../linux/socketWatcher.js';
import type { Probe, ProbeContext, ProbeDefinition } from '../kit/probe.js';
import { Holders } from './holders.js';
import { identify, type IdentifiedNamespace } from './identify.js';
import { NETNS_KEYS } from './keys.js';
import { mostNamespaces, whyNoMoreThan } from './limits.js';
import { lookAt } from './runPath.js';
import { RunPaths } from './runPaths.js';

/** Milliseconds after which a file is looked at again whose namespace may still be mounted over it: doubled each time. */
const FIRST_RETRY = 1;
const RETRIES = 12;
/** Milliseconds that a namespace without a name must have lived: sandboxes of a moment are not worth a node. */
const SETTLED = 100;
/** Milliseconds for finding a process in a namespace that has lost its name or its last known process. */
const LONGEST_LOOK = 900;
/** Milliseconds in which a namespace that has lost its name may get another one: its mount was moved. */
const MOVED_WITHIN = 100;
/** Docker's second name for the host's own namespace. */
const DOCKER_DEFAULT = /\/docker\/netns\/default$/;

/** Network namespaces: those with a name, which is a file over which they are mounted, and those that only processes hold. */
export const netnsProbe: ProbeDefinition = {
  name: 'netns',
  summary: 'Network namespaces, with a name or held by processes only: those that are there, new ones, and those that go',
  needsLinux: true,
  needs: [
    { capability: 'SYS_ADMIN', allows: 'telling namespaces apart that follow each other under one inode' },
    { capability: 'SYS_PTRACE', allows: 'namespaces without a name that processes of other users hold' },
    { capability: 'NET_ADMIN', allows: 'hearing of namespaces without a name at once, instead of within seconds' },
  ],
  keys: NETNS_KEYS,
  create: (context) => new NetnsProbe(context),
};

/** A namespace with all its paths: the first one names it. Without any it lives by its processes. */
interface Known {
  readonly identified: IdentifiedNamespace;
  readonly paths: string[];
  /** It has neither a name nor a known process: until this fires, one is looked for. */
  giveUp: Cancel | undefined;
}

class NetnsProbe implements Probe {
  private readonly byKey = new Map<string, Known>();
  private readonly keyByInode = new Map<number, string>();
  private readonly keyByPath = new Map<string, string>();
  private readonly retries = new Map<string, Cancel>();
  /** What lay under paths that were no namespace for as long as they were looked at: device and inode. */
  private readonly refused = new Map<string, string>();
  /** Folders of names into which we may not look, and why. */
  private readonly unreadable = new Map<string, string>();
  /** Namespaces that are not shown because there are too many, by path or as the kernel names them. */
  private readonly beyond = new Map<string, IdentifiedNamespace>();
  /** Processes in namespaces that were seen and are not old enough, by inode. */
  private readonly settling = new Map<number, Cancel>();
  private readonly own = ownNamespace();
  private readonly most = mostNamespaces();
  private readonly sockets: SocketGroup;
  private readonly holders: Holders;
  private runPaths: RunPaths | undefined;
  private processes: ProcessLook | undefined;
  private withoutProcesses: string | undefined;

  constructor(private readonly context: ProbeContext) {
    const lost = (reason: string): void => context.health.failed(new Error(`the thread that waits for the kernel ended: ${reason}`));
    this.sockets = context.linux.sockets.group({ received: (records) => this.guard(() => this.received(records)), lost });
    this.holders = new Holders(this.sockets);
  }

  async start(): Promise<void> {
    const { clock, config, graph, namespaces } = this.context;
    graph.batch(() => {
      const listener = {
        touched: (folder: string, name: string) => this.guard(() => this.look(join(folder, name))),
        scanned: (folder: string, names: readonly string[]) => this.guard(() => this.scanned(folder, names)),
        unreadable: (path: string, reason: string | undefined) => this.guard(() => this.cannotRead(path, reason)),
      };
      if (config.netns.runPaths.length > 0) this.sockets.watch(openMounts(), 'mounts');
      this.runPaths = new RunPaths(new Set(config.netns.runPaths), clock, listener);
    });
    if (config.netns.processes) await this.lookAtProcesses();
    // An earlier run may have told of some that went meanwhile.
    for (const { key, isOwn } of [...namespaces.all()]) if (!isOwn && !this.byKey.has(key)) namespaces.remove(key);
  }

  stop(): void {
    for (const cancel of [...this.retries.values(), ...this.settling.values()]) cancel();
    this.runPaths?.stop();
    for (const { giveUp } of this.byKey.values()) giveUp?.();
    this.processes?.stop();
    this.sockets.closeAll();
  }

  private guard(work: () => void): void {
    try {
      this.context.graph.batch(work);
    } catch (error) {
      this.context.health.failed(error);
    }
  }

  /** Resolves when those that are there now are known. */
  private lookAtProcesses(): Promise<void> {
    const { linux, health, log } = this.context;
    try {
      this.sockets.watch(openProcessEvents(), 'processEvents');
    } catch (error) {
      log.debug({ error: String(error) }, 'the kernel does not tell of new processes; they are looked for every few seconds');
    }
    return new Promise((resolve) => {
      let isFirst = true;
      this.processes = linux.sockets.lookAtProcesses({
        sighted: (sighting) => {
          this.guard(() => this.sighted(sighting, isFirst));
          if (sighting.isComplete) isFirst = false;
          resolve();
        },
        lost: (reason) => {
          health.failed(new Error(`the thread that looks at processes ended: ${reason}`));
          resolve();
        },
      });
    });
  }

  private sighted({ isComplete, holders }: Sighting, isFirst: boolean): void {
    const present = new Map(holders);
    for (const [inode, pids] of present) {
      const key = this.keyByInode.get(inode);
      if (key !== undefined) this.hold(key, pids);
      // At the start there is no telling how long they have been there.
      else if (this.beyond.has(kernelName(inode))) continue;
      else if (isFirst) this.discover(inode, pids);
      else if (!this.settling.has(inode)) {
        const settled = (): void => {
          this.settling.delete(inode);
          if (!this.keyByInode.has(inode)) this.guard(() => this.discover(inode, pids));
        };
        this.settling.set(inode, this.context.clock.after(SETTLED, settled));
      }
    }
    if (!isComplete) return;
    this.forgetBeyond((name, { inode }) => name !== kernelName(inode) || present.has(inode));
    for (const [inode, key] of this.keyByInode) {
      if (present.has(inode) || this.byKey.get(key)!.paths.length > 0) continue;
      // Its processes have ended, or have left it for another one.
      this.remove(key);
    }
  }

  /** These processes are in a namespace that is known. */
  private hold(key: string, pids: readonly number[]): void {
    const known = this.byKey.get(key)!;
    if (known.paths.length > 0) return;
    const before = this.holders.of(key);
    if (!this.holders.follow(key, known.identified.inode, pids)) return;
    known.giveUp?.();
    known.giveUp = undefined;
    if (this.holders.of(key) !== before) this.write(known);
  }

  /** These processes are in a namespace of which nothing was known: it gets a node if one of them still is. */
  private discover(inode: number, pids: readonly number[]): void {
    for (const pid of pids) {
      let found: IdentifiedNamespace | undefined;
      try {
        found = identify(processPath(pid));
      } catch (error) {
        this.context.log.debug({ pid, error: String(error) }, 'the namespace of a process cannot be opened');
      }
      if (found?.inode !== inode || found.key === this.context.namespaces.own.key) continue;
      if (this.byKey.has(found.key) || !this.hasRoomFor(kernelName(inode), found)) return;
      try {
        if (!this.holders.follow(found.key, inode, pids)) return;
      } catch (error) {
        // Kernels before 5.3 cannot say when a process ends; watched without that, the namespace would live for as long as we do.
        this.withoutProcesses = `namespaces that only processes hold are not shown: ${error instanceof Error ? error.message : String(error)}`;
        return this.report();
      }
      this.context.health.heard(1);
      return this.add({ identified: found, paths: [], giveUp: undefined });
    }
  }

  /** Descriptors say that processes have ended, or that something was mounted or unmounted. */
  private received(records: readonly Received[]): void {
    for (const { id, problem } of records) {
      if (problem === 'changed') this.runPaths?.mountsChanged();
      const key = problem === 'ended' ? this.holders.ended(id) : undefined;
      const known = key === undefined ? undefined : this.byKey.get(key);
      if (known === undefined || known.paths.length > 0) continue;
      if (this.holders.of(key!) !== undefined) this.write(known);
      else this.lookForHolder(known);
    }
  }

  /** Nothing that we know of holds it any more; while we have sockets in it, we do. */
  private lookForHolder(known: Known): void {
    const { key } = known.identified;
    this.processes?.again();
    const wait = this.processes === undefined ? MOVED_WITHIN : LONGEST_LOOK;
    known.giveUp ??= this.context.clock.after(wait, () => this.guard(() => this.remove(key)));
  }

  private cannotRead(path: string, reason: string | undefined): void {
    if (reason === undefined) this.unreadable.delete(path);
    else this.unreadable.set(path, reason);
    this.report();
  }

  private scanned(folder: string, names: readonly string[]): void {
    const present = new Set(names.map((name) => join(folder, name)));
    const ours = [...this.keyByPath.keys()].filter((path) => dirname(path) === folder);
    this.forgetBeyond((path) => dirname(path) !== folder || present.has(path));
    for (const path of new Set([...present, ...ours])) if (!this.isUnchanged(path)) this.look(path);
  }

  /** By what can be seen from outside; that an inode was used again shows in the folder's events. */
  private isUnchanged(path: string): boolean {
    const seen = seenFromOutside(path);
    const known = this.byKey.get(this.keyByPath.get(path) ?? '')?.identified ?? this.beyond.get(path);
    return known === undefined ? seen !== undefined && this.refused.get(path) === seen : seen === `${known.device}:${known.inode}`;
  }

  /** Makes what is known of the path agree with what it is now. */
  private look(path: string, attempt = 0): void {
    if (DOCKER_DEFAULT.test(path)) return;
    this.retries.get(path)?.();
    this.retries.delete(path);
    this.refused.delete(path);
    if (this.beyond.delete(path)) this.report();
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
    const known = this.byKey.get(key);
    if (known === undefined && !this.hasRoomFor(path, identified)) return;
    this.keyByPath.set(path, key);
    if (known === undefined) return this.add({ identified, paths: [path], giveUp: undefined });
    known.paths.push(path);
    if (known.paths.length > 1) return;
    // Held by processes until now: its name says more, and its end is seen by it.
    known.giveUp?.();
    known.giveUp = undefined;
    this.holders.letGo(key);
    this.write(known);
  }

  private forget(path: string, key: string): void {
    this.keyByPath.delete(path);
    const known = this.byKey.get(key);
    if (known === undefined) return;
    const wasFirst = known.paths[0] === path;
    known.paths.splice(known.paths.indexOf(path), 1);
    if (known.paths.length === 0) return this.lookForHolder(known);
    if (wasFirst) this.write(known);
  }

  private hasRoomFor(name: string, identified: IdentifiedNamespace): boolean {
    if (this.byKey.size < this.most) return true;
    this.beyond.set(name, identified);
    this.report();
    return false;
  }

  private forgetBeyond(isStill: (name: string, identified: IdentifiedNamespace) => boolean): void {
    const before = this.beyond.size;
    for (const [name, identified] of this.beyond) if (!isStill(name, identified)) this.beyond.delete(name);
    if (this.beyond.size !== before) this.report();
  }

  private add(known: Known): void {
    const { key, inode } = known.identified;
    this.byKey.set(key, known);
    this.keyByInode.set(inode, key);
    this.write(known);
  }

  private remove(key: string): void {
    const known = this.byKey.get(key);
    if (known === undefined) return;
    known.giveUp?.();
    this.byKey.delete(key);
    if (this.keyByInode.get(known.identified.inode) === key) this.keyByInode.delete(known.identified.inode);
    this.holders.letGo(key);
    // Who looks into it closes its sockets first: they would keep the namespace alive.
    this.context.namespaces.remove(key);
    this.context.graph.removeNode(this.nodeId(key));
    if (this.beyond.size === 0) return;
    // Whoever had no room may have it now.
    this.forgetBeyond(() => false);
    this.runPaths?.mountsChanged();
    this.processes?.again();
  }

  private write({ identified: { key, inode, device }, paths }: Known): void {
    const id = this.nodeId(key);
    const holder = this.holders.of(key);
    const path = paths[0] ?? (holder && processPath(holder.pid));
    if (path === undefined) return;
    const name = paths.length === 0 ? undefined : path.slice(path.lastIndexOf('/') + 1);
    const shown = name ?? kernelName(inode);
    const held: JsonObject = name === undefined && holder !== undefined ? { PID: holder.pid, Command: holder.command } : {};
    this.context.graph.putNode({
      id,
      parent: this.context.root,
      metadata: { Name: shown, Type: 'netns', Path: path, Inode: inode, Device: device, ...held },
      tidName: name === undefined ? shown : undefined,
    });
    this.context.namespaces.put({ key, path, name, root: id, isOwn: false });
  }

  private report(): void {
    const { health } = this.context;
    const reasons = this.withoutProcesses === undefined ? [] : [this.withoutProcesses];
    for (const [path, reason] of this.unreadable) reasons.push(`names in ${path} are not seen: ${reason}`);
    const beyond = new Set([...this.beyond.values()].map(({ key }) => key)).size;
    if (beyond > 0) reasons.push(`${beyond} namespaces are not watched: ${whyNoMoreThan(this.most)}`);
    if (reasons.length === 0) health.ok();
    else health.degraded(reasons.join('; '));
  }

  private nodeId(key: string): string {
    return namedId(this.context.hostId, this.context.linux.bootId, key, 'netns');
  }
}

/** How the kernel names a namespace: `net:[4026532008]`. */
const kernelName = (inode: number): string => `net:[${inode}]`;

const processPath = (pid: number): string => `/proc/${pid}/ns/net`;

/** Device and inode of what the path leads to; `undefined` when it leads nowhere. */
function seenFromOutside(path: string): string | undefined {
  const seen = lookAt(path);
  return seen && `${seen.dev}:${seen.ino}`;
}
