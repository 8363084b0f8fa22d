import { LINUX, machineAbi } from '../../linux/abi.js';
import { raw, sys } from '../../linux/syscall.js';

const EVENTS_AT_ONCE = 256;
/** Nobody wakes it: it is slept on. */
const SLEEP = new Int32Array(new SharedArrayBuffer(4));

/** Descriptors that one thread waits for together. */
export class Waits {
  private readonly abi = machineAbi();
  private readonly epollFd = sys.epollCreate(LINUX.EPOLL_CLOEXEC);
  private readonly events = Buffer.alloc(this.abi.epollEventSize * EVENTS_AT_ONCE);
  private readonly byFd = new Map<number, () => void>();
  /** How many of those that are being called can be left alone for a while, and the shortest of the whiles. */
  private resting = 0;
  private leastMs = 0;
  /** Milliseconds with which the next wait begins. */
  private restMs = 0;

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

  /**
   * Said by who is called: that there will be more soon, but that it has time for so many milliseconds. When all who are called say so, the next wait begins with
   * a sleep, in which nobody is woken for each little that arrives: being woken costs whoever sends, too.
   */
  rest(milliseconds: number): void {
    this.leastMs = this.resting === 0 ? milliseconds : Math.min(this.leastMs, milliseconds);
    this.resting++;
  }

  /** Waits for at most so many milliseconds, and calls for each descriptor at which there is something. */
  wait(timeoutMs: number): void {
    const { abi, events } = this;
    const restMs = Math.min(this.restMs, timeoutMs);
    if (restMs > 0) Atomics.wait(SLEEP, 0, 0, restMs);
    const count = raw.epollWait(this.epollFd, events, EVENTS_AT_ONCE, Math.ceil(timeoutMs - restMs));
    this.resting = 0;
    for (let index = 0; index < count; index++) {
      // One that was closed by the call for another is not there any more.
      this.byFd.get(events.readUInt32LE(index * abi.epollEventSize + abi.epollEventData))?.();
    }
    this.restMs = count > 0 && this.resting === count ? this.leastMs : 0;
  }

  close(): void {
    sys.close(this.epollFd);
  }
}
