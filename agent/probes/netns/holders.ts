import { readFileSync } from 'node:fs';
import { networkOf, openProcess } from '../../linux/processes.js';
import type { SocketGroup } from '../../linux/socketWatcher.js';

/** Processes followed for one namespace: the second stands in at once when the first ends. Each costs a descriptor. */
const FOLLOWED = 2;

/** A process that holds a namespace. */
export interface Holder {
  readonly pid: number;
  readonly command: string;
}

/** The processes that are followed because a namespace lives only through them: it is let go of when the last one ends. */
export class Holders {
  private readonly byNamespace = new Map<string, Map<number, Holder>>();
  private readonly namespaceBySocket = new Map<number, string>();

  constructor(private readonly sockets: SocketGroup) {}

  /** The process by which the namespace can be entered now. */
  of(key: string): Holder | undefined {
    return this.byNamespace.get(key)?.values().next().value;
  }

  /** Follows some of the processes, as far as they still are in the namespace with this inode. Answers whether any is followed now. */
  follow(key: string, inode: number, pids: readonly number[]): boolean {
    const holders = this.byNamespace.get(key) ?? new Map<number, Holder>();
    for (const [socket, { pid }] of holders) {
      // It has gone into another namespace by itself.
      if (networkOf(pid) === inode) continue;
      holders.delete(socket);
      this.namespaceBySocket.delete(socket);
      this.sockets.close(socket);
    }
    const followed = new Set([...holders.values()].map(({ pid }) => pid));
    for (const pid of pids) {
      if (holders.size >= FOLLOWED) break;
      if (followed.has(pid)) continue;
      const fd = openProcess(pid);
      if (fd === undefined) continue;
      const socket = this.sockets.watch(fd, 'process');
      // Looked at after the process was pinned down: before, its number could have passed to another one.
      if (networkOf(pid) !== inode) {
        this.sockets.close(socket);
        continue;
      }
      holders.set(socket, { pid, command: commandOf(pid) });
      this.namespaceBySocket.set(socket, key);
    }
    if (holders.size > 0) this.byNamespace.set(key, holders);
    else this.byNamespace.delete(key);
    return holders.size > 0;
  }

  /** A descriptor says that its process ended. Answers whose namespace it held. */
  ended(socket: number): string | undefined {
    const key = this.namespaceBySocket.get(socket);
    if (key === undefined) return undefined;
    this.namespaceBySocket.delete(socket);
    const holders = this.byNamespace.get(key)!;
    holders.delete(socket);
    if (holders.size === 0) this.byNamespace.delete(key);
    return key;
  }

  /** Follows no process of the namespace any more. */
  letGo(key: string): void {
    for (const socket of this.byNamespace.get(key)?.keys() ?? []) {
      this.namespaceBySocket.delete(socket);
      this.sockets.close(socket);
    }
    this.byNamespace.delete(key);
  }
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trimEnd();
  } catch {
    return '';
  }
}
