import type { Log } from '../src/common/log.js';
import type { ElementId } from '../src/graph/element.js';
import type { Capability } from './linux/capabilities.js';
import type { DroppedRights } from './linux/rights.js';
import type { LinuxAccess } from './probes/kit/probe.js';
import { Namespaces } from './probes/kit/namespaces.js';

/** What the agent has of this Linux. */
export interface OpenLinux {
  readonly access: LinuxAccess;
  readonly namespaces: Namespaces;
  readonly effective: ReadonlySet<Capability>;
  /** Lets go of the lock and ends the thread. */
  close(): Promise<void>;
}

export interface LinuxOptions {
  readonly hostId: string;
  /** The host's node. */
  readonly root: ElementId;
  /** Capabilities that the process keeps, of those that it has; `undefined`: all of them, because others share the process. */
  readonly keep: ReadonlySet<Capability> | undefined;
}

/**
 * Loads the native library, gives up rights that nobody needs, takes the host's lock, and readies everything for entering namespaces. Throws `UNAVAILABLE` when another agent
 * has the lock. Where this is no Linux, or the library cannot be loaded, it answers the reason instead.
 */
export async function openLinux({ hostId, root, keep }: LinuxOptions, log: Log): Promise<OpenLinux | { readonly impossible: string }> {
  if (process.platform !== 'linux') return { impossible: `this is ${process.platform}; links and namespaces are watched on Linux only` };
  let linux: Awaited<ReturnType<typeof load>>;
  try {
    linux = await load();
  } catch (error) {
    return { impossible: `the kernel cannot be reached: ${error instanceof Error ? error.message : String(error)}` };
  }
  const { bootId, cookieOfOwnNamespace, dropRights, effectiveCapabilities, lockHost, ownNamespace, prepareNamespaces, watchSockets } =
    linux;
  // Before any thread is started: rights belong to threads.
  if (keep !== undefined) giveUpRights(keep, dropRights, log);
  await prepareNamespaces();
  const unlock = lockHost(hostId);
  const { path, device, inode } = ownNamespace();
  const own = { key: cookieOfOwnNamespace() ?? `${device}:${inode}`, path, name: undefined, root, isOwn: true };
  const sockets = watchSockets(log);
  return {
    access: { sockets, bootId: bootId() },
    namespaces: new Namespaces(own),
    effective: effectiveCapabilities(),
    async close() {
      await sockets.stop();
      unlock();
    },
  };
}

/** An agent that may not give up what it has runs all the same, and says so. */
function giveUpRights(keep: ReadonlySet<Capability>, dropRights: (keep: ReadonlySet<Capability>) => DroppedRights, log: Log): void {
  try {
    const { dropped, kept, isBounded } = dropRights(keep);
    log.info({ dropped, kept, isBounded }, `gave up ${dropped} capabilities, kept ${kept.join(', ') || 'none'}`);
  } catch (error) {
    log.warn({ error: String(error) }, 'the agent could not give up the rights that it does not need');
  }
}

/** Loaded late, so that a missing native library is a message and not the end of the agent. */
async function load() {
  const [{ machineAbi }, { loadLibrary }] = await Promise.all([import('./linux/abi.js'), import('./linux/syscall.js')]);
  machineAbi();
  loadLibrary();
  const [namespace, capabilities, hostLock, rights, socketWatcher] = await Promise.all([
    import('./linux/namespace.js'),
    import('./linux/capabilities.js'),
    import('./linux/hostLock.js'),
    import('./linux/rights.js'),
    import('./linux/socketWatcher.js'),
  ]);
  return { ...namespace, ...capabilities, ...hostLock, ...rights, ...socketWatcher };
}
