import { LINUX, machineAbi } from '../../linux/abi.js';
import { raw, sys } from '../../linux/syscall.js';

const EVENTS_AT_ONCE = 256;

/** Descriptors that one thread waits for together. */
export class Waits {
  private readonly abi = machineAbi();
  private readonly epollFd = sys.epollCreate(LINUX.EPOLL_CLOEXEC);
  private readonly events = Buffer.alloc(this.abi.epollEventSize * EVENTS_AT_ONCE);
  private readonly byFd = new Map<number, () => void>();

  watch(fd: number, ready: () => void): void {
    const event = Buffer.alloc(this.abi.epollEventSize);
    event.writeUInt32LE(LINUX.EPOLLIN, 0);
    event.writeUInt32LE(fd, this.abi.epollEventData);
    sys.epollCtl(this.epollFd, LINUX.EPOLL_CTL_ADD, fd, event);
    this.byFd.set(fd, ready);
  }

  /** To be called before the descriptor is closed; one that is not watched is left alone. */
  unwatch(fd: number): void {
    if (!this.byFd.delete(fd)) return;
    sys.epollCtl(this.epollFd, LINUX.EPOLL_CTL_DEL, fd, this.events);
  }

  /** Waits for at most so many milliseconds, and calls for each descriptor at which there is something. */
  wait(timeoutMs: number): void {
    const { abi, events } = this;
    const count = raw.epollWait(this.epollFd, events, EVENTS_AT_ONCE, timeoutMs);
    for (let index = 0; index < count; index++) {
      // One that was closed by the call for another is not there any more.
      this.byFd.get(events.readUInt32LE(index * abi.epollEventSize + abi.epollEventData))?.();
    }
  }

  close(): void {
    sys.close(this.epollFd);
  }
}
