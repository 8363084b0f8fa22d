import { closeSync, constants, fstatSync, openSync, readFileSync, statfsSync, statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { CanopyError } from '../../src/common/errors.js';
import { LINUX } from './abi.js';
import { getSocketOption64, isErrno, raw, sys } from './syscall.js';

/** The thread's own namespace; `/proc/self` would be that of the process's first thread. */
const OWN_NAMESPACE = '/proc/thread-self/ns/net';

/** A namespace that was opened by its path. Whoever opened it closes `fd`: while it is open the namespace cannot die. */
export interface OpenNamespace {
  readonly fd: number;
  readonly device: number;
  readonly inode: number;
}

let ownFd: number | undefined;

/**
 * Must be awaited before the first `inNamespace`: threads of Node's pool are made at first use and would inherit a foreign namespace,
 * so they are made here and now.
 */
export async function prepareNamespaces(): Promise<void> {
  if (ownFd !== undefined) return;
  await stat('/');
  ownFd ??= openSync(OWN_NAMESPACE, 'r');
}

/**
 * Runs `open` with the calling thread inside the namespace, and comes back. Synchronous by design: nothing else may run meanwhile.
 * What `open` returns, sockets above all, stays in that namespace. When the way back fails the process aborts, because everything after
 * it would happen in the wrong network.
 */
export function inNamespace<Result>(fd: number, open: () => Result): Result {
  if (ownFd === undefined) throw new CanopyError('INTERNAL', 'prepareNamespaces() was not awaited before a namespace was entered');
  sys.setns(fd, LINUX.CLONE_NEWNET);
  try {
    return open();
  } finally {
    const back = raw.setns(ownFd, LINUX.CLONE_NEWNET);
    if (back < 0) {
      process.stderr.write(`canopy: cannot leave a foreign network namespace (errno ${-back}); the process ends here\n`);
      process.abort();
    }
  }
}

/** Whether the path leads to a namespace now: `ip netns add` makes a plain file first and mounts the namespace over it a moment later. */
export function isNamespace(path: string): boolean {
  try {
    return statfsSync(path).type === LINUX.NSFS_MAGIC;
  } catch {
    return false;
  }
}

/** Opens a namespace by its path. Throws `BAD_INPUT` when the path leads to something else, and what `open` says otherwise. */
export function openNamespace(path: string): OpenNamespace {
  // Looked at first, because opening a pipe or a device would have effects of its own.
  if (!isNamespace(path)) throw new CanopyError('BAD_INPUT', `${path} is no network namespace`, { details: { path } });
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    // Asked again through the descriptor: the name may have changed hands in between.
    if (statfsSync(`/proc/thread-self/fd/${fd}`).type !== LINUX.NSFS_MAGIC)
      throw new CanopyError('BAD_INPUT', `${path} is no network namespace`);
    const { dev, ino } = fstatSync(fd);
    return { fd, device: dev, inode: ino };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** Runs `use` with the namespace of the path open, and closes it again. */
export function withNamespace<Result>(path: string, use: (namespace: OpenNamespace) => Result): Result {
  const namespace = openNamespace(path);
  try {
    return use(namespace);
  } finally {
    closeSync(namespace.fd);
  }
}

/** Path, device and inode of the namespace in which this process runs. */
export function ownNamespace(): { path: string; device: number; inode: number } {
  const { dev, ino } = statSync(OWN_NAMESPACE);
  return { path: OWN_NAMESPACE, device: dev, inode: ino };
}

/**
 * The number that a namespace has until the next boot, never given twice (`SO_NETNS_COOKIE`, Linux 5.14), by a socket in it;
 * `undefined` on older kernels.
 */
export function namespaceCookie(socketFd: number): string | undefined {
  try {
    return String(getSocketOption64(socketFd, LINUX.SOL_SOCKET, LINUX.SO_NETNS_COOKIE));
  } catch (error) {
    if (isErrno(error, 'ENOPROTOOPT')) return undefined;
    throw error;
  }
}

/** The cookie of an open namespace, read by a socket that is opened in it for a moment. */
export const cookieOfNamespace = (fd: number): string | undefined => cookieBy(inNamespace(fd, openProbeSocket));

/** The cookie of the namespace in which the thread is. */
export const cookieOfOwnNamespace = (): string | undefined => cookieBy(openProbeSocket());

const openProbeSocket = (): number => sys.socket(LINUX.AF_NETLINK, LINUX.SOCK_RAW | LINUX.SOCK_CLOEXEC, LINUX.NETLINK_ROUTE);

function cookieBy(socket: number): string | undefined {
  try {
    return namespaceCookie(socket);
  } finally {
    sys.close(socket);
  }
}

/** Names this boot of the machine: cookies and inodes mean nothing in the next. */
export const bootId = (): string => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
