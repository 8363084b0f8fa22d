import { readdirSync, readlinkSync } from 'node:fs';
import { constants } from 'node:os';
import { LINUX, OFFSET, SIZE } from './abi.js';
import { raw, sys } from './syscall.js';

/** Who is in which network namespace, as far as processes say: by looking at all of them, and by the kernel's word of new ones. */

/** Processes named for one namespace: the first is followed, the others stand in when it ends. */
const HOLDERS_NAMED = 4;
const IN_NAMESPACE = /^net:\[(\d+)\]$/;

/** Processes in namespaces other than the agent's own, by the inode of the namespace. */
export interface Sighting {
  /** Whether every process was looked at; otherwise only new ones were. */
  readonly isComplete: boolean;
  readonly holders: readonly (readonly [inode: number, pids: readonly number[]])[];
  /** Processes that may not be looked at: those of other users, without SYS_PTRACE. */
  readonly unreadable: number;
}

/** Inode of the network namespace of a process; `undefined` when it has ended, `'unreadable'` when it is another user's. */
export function networkOf(pid: number): number | 'unreadable' | undefined {
  try {
    return Number(IN_NAMESPACE.exec(readlinkSync(`/proc/${pid}/ns/net`))?.[1]);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'EACCES' || code === 'EPERM' ? 'unreadable' : undefined;
  }
}

/** Looks at the given processes, or at all. Our own is left out: it enters other namespaces for moments. */
export function sightProcesses(ownInode: number, pids?: Iterable<number>): Sighting {
  const holders = new Map<number, number[]>();
  let unreadable = 0;
  for (const pid of pids ?? allProcesses()) {
    if (pid === process.pid) continue;
    const inode = networkOf(pid);
    if (inode === 'unreadable') unreadable++;
    if (typeof inode !== 'number' || inode === ownInode) continue;
    const known = holders.get(inode);
    if (known === undefined) holders.set(inode, [pid]);
    else if (known.length < HOLDERS_NAMED) known.push(pid);
  }
  return { isComplete: pids === undefined, holders: [...holders], unreadable };
}

function* allProcesses(): Generator<number> {
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (pid > 0) yield pid;
  }
}

/** A descriptor that can be waited for until the process ends; `undefined` when it has ended already. Throws `SYSTEM_CALL` otherwise. */
export function openProcess(pid: number): number | undefined {
  const fd = raw.pidfdOpen(pid, 0);
  // EINVAL: the number is a thread's by now.
  if (fd === -constants.errno.ESRCH || fd === -constants.errno.EINVAL) return undefined;
  if (fd < 0) throw new Error(`pidfd_open(${pid}) failed: errno ${-fd}`);
  return fd;
}

const NETLINK_HEADER = SIZE['struct nlmsghdr'];
const EVENT_AT = NETLINK_HEADER + SIZE['struct cn_msg'];
const EVENT = OFFSET['struct proc_event'];

/**
 * Opens the process connector: the kernel's word of each new process. Needs NET_ADMIN, and works in the first namespaces of the machine
 * only: elsewhere the kernel refuses, or keeps silent. Throws `SYSTEM_CALL`.
 */
export function openProcessEvents(): number {
  const fd = sys.socket(LINUX.AF_NETLINK, LINUX.SOCK_RAW | LINUX.SOCK_CLOEXEC, LINUX.NETLINK_CONNECTOR);
  try {
    const address = Buffer.alloc(SIZE['struct sockaddr_nl']);
    address.writeUInt16LE(LINUX.AF_NETLINK, OFFSET['struct sockaddr_nl'].nl_family);
    address.writeUInt32LE(1 << (LINUX.CN_IDX_PROC - 1), OFFSET['struct sockaddr_nl'].nl_groups);
    sys.bind(fd, address, address.length);
    const message = Buffer.alloc(EVENT_AT + 4);
    message.writeUInt32LE(message.length, OFFSET['struct nlmsghdr'].nlmsg_len);
    message.writeUInt16LE(LINUX.NLMSG_DONE, OFFSET['struct nlmsghdr'].nlmsg_type);
    const connector = OFFSET['struct cn_msg'];
    message.writeUInt32LE(LINUX.CN_IDX_PROC, NETLINK_HEADER + connector['id.idx']);
    message.writeUInt32LE(LINUX.CN_VAL_PROC, NETLINK_HEADER + connector['id.val']);
    message.writeUInt16LE(4, NETLINK_HEADER + connector.len);
    message.writeUInt32LE(LINUX.PROC_CN_MCAST_LISTEN, EVENT_AT);
    sys.send(fd, message, message.length, 0);
    return fd;
  } catch (error) {
    sys.close(fd);
    throw error;
  }
}

/** What one message of the connector says: a new process or program by its number, that the kernel listens to us, or nothing of interest. */
export function decodeProcessEvent(bytes: Buffer): number | 'listening' | undefined {
  if (bytes.length < EVENT_AT + EVENT['event_data.fork.child_tgid'] + 4) return undefined;
  const int = (offset: number): number => bytes.readInt32LE(EVENT_AT + offset);
  switch (int(EVENT.what)) {
    case LINUX.PROC_EVENT_NONE:
      return int(EVENT['event_data.ack.err']) === 0 ? 'listening' : undefined;
    case LINUX.PROC_EVENT_FORK: {
      const pid = int(EVENT['event_data.fork.child_pid']);
      // Otherwise a thread.
      return pid === int(EVENT['event_data.fork.child_tgid']) ? pid : undefined;
    }
    case LINUX.PROC_EVENT_EXEC:
      return int(EVENT['event_data.exec.process_tgid']);
    default:
      return undefined;
  }
}
