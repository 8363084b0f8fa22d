import { constants } from 'node:os';
import { LINUX } from '../../../../agent/linux/abi.js';
import type { Received, SocketGroup, SocketListener, SocketWatcher } from '../../../../agent/linux/socketWatcher.js';
import { raw, sys } from '../../../../agent/linux/syscall.js';

interface Held {
  readonly fd: number;
  readonly listener: SocketListener;
  readonly queue: Received[];
}

/** Sockets whose events wait until a test hands them over: those of one socket in their order, the sockets in any. */
export class HeldSockets implements SocketWatcher {
  private readonly held = new Map<number, Held>();
  private lastId = 0;
  private readonly memory = Buffer.alloc(64 * 1024);

  group(listener: SocketListener): SocketGroup {
    return {
      watch: (fd) => {
        this.held.set(++this.lastId, { fd, listener, queue: [] });
        return this.lastId;
      },
      close: (id) => {
        const held = this.held.get(id);
        if (this.held.delete(id)) sys.close(held!.fd);
      },
      closeAll: () => {
        for (const { fd } of this.held.values()) sys.close(fd);
        this.held.clear();
      },
    };
  }

  get watched(): number {
    return this.held.size;
  }

  /** Takes from the kernel what it has said until now. */
  read(): void {
    for (const [id, { fd, queue }] of this.held) {
      for (;;) {
        const length = raw.recv(fd, this.memory, this.memory.length, LINUX.MSG_TRUNC | LINUX.MSG_DONTWAIT);
        if (length === -constants.errno.EAGAIN) break;
        if (length < 0) queue.push(overrun(id));
        else queue.push({ id, length, problem: undefined, bytes: Buffer.from(this.memory.subarray(0, length)) });
      }
    }
  }

  /** Hands over so many events of one socket, the `number`-th one. */
  deliver(number: number, events: number): void {
    const held = [...this.held.values()][number % this.held.size]!;
    const records = held.queue.splice(0, events);
    if (records.length > 0) held.listener.received(records);
  }

  /** Loses so many events of the socket, as the kernel does when there is no room for them. */
  lose(number: number, events: number): void {
    const [id, held] = [...this.held][number % this.held.size]!;
    if (held.queue.splice(0, events).length > 0) held.listener.received([overrun(id)]);
  }

  /** Hands over everything. Answers how many events that were. */
  deliverAll(): number {
    let events = 0;
    for (let number = 0; number < this.held.size; number++) {
      events += [...this.held.values()][number]!.queue.length;
      this.deliver(number, Infinity);
    }
    return events;
  }

  lookAtProcesses(): never {
    throw new Error('nobody looks at processes here');
  }

  stop(): Promise<void> {
    return Promise.resolve();
  }
}

const overrun = (id: number): Received => ({ id, length: 0, problem: 'overrun', bytes: Buffer.alloc(0) });
