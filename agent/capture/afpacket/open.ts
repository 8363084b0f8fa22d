import { constants } from 'node:os';
import { CanopyError } from '../../../src/common/errors.js';
import { FIRST_RING_BYTES } from '../../../src/protocol/capture.js';
import { LINUX } from '../../linux/abi.js';
import { keepEverything } from '../../linux/classicBpf.js';
import { demandUp, interfaceNow, linkTypeOf, type InterfaceNow } from '../../linux/interface.js';
import {
  attachFilter,
  bePromiscuous,
  bindToInterface,
  ignoreOutgoing,
  joinFanout,
  openPacketSocket,
  pendingError,
  readPacketCounts,
  steerFanout,
  wantOffloadHeader,
} from '../../linux/packetSocket.js';
import { fanoutProgram } from '../../linux/fanoutProgram.js';
import { openRing, type PacketSink, type Ring, type RingSize } from '../../linux/ring.js';
import { closeSlowly, takeHere, type Steps } from '../../linux/slowCalls.js';
import { errnoName, sys } from '../../linux/syscall.js';
import { liveFilter } from '../liveFilter.js';
import { takeRingMemory } from '../ringMemory.js';
import { LINK_TYPE } from '../../../src/flow/decode/dissect.js';
import type { Fanout, Joining, OpenSource, SourceContext, SourceCounts, SourceFacts } from '../source.js';

/**
 * Small, because a host may have a hundred: 64 MiB take 181 ms to open and are resident at once. 100 ms, because below 1,000 packets/s nobody needs them
 * sooner and above that blocks fill before.
 */
const FIRST_RING: RingSize = { blockBytes: 128 * 1024, blocks: FIRST_RING_BYTES / (128 * 1024), retireMs: 100 };
/** Of rings that grew, since their interface is busy. */
const BUSY_RETIRE_MS = 10;
const MOST_BLOCKS = 512;
/** To how many times its size the first ring grows: who needs more than that needs much more, and gets it at once. */
const FIRST_GROWTH = 4;
/** Of its blocks; a ring that was found so full would soon lose packets. */
const NEARLY_FULL = 0.75;
/**
 * Milliseconds for which a ring that fills fast is left alone, at most, and the part of it that may be filled meanwhile. Without that the reader is woken for each block,
 * thousands of times a second, and who sends pays for waking it.
 */
const LONGEST_REST = 2;
const FILLED_AT_REST = 0.25;
/** Blocks for which it is worth to sleep. */
const LEAST_TO_REST_FOR = 2;
/** Blocks that one capture hands over before the next one has its turn. */
const BLOCKS_AT_ONCE = 64;
/** Milliseconds between looks at the counters. */
const COUNT_EVERY = 1_000;

/** Opens the ring of an interface. Throws what the kernel or libpcap says, `LIMIT_EXCEEDED` when the host's memory for rings is used up. */
export function openAfpacket(context: SourceContext): OpenSource {
  return new AfpacketSource(context);
}

/** One socket with its ring, and what it takes of the budget. */
interface Opened {
  readonly fd: number;
  readonly ring: Ring;
}

class AfpacketSource implements OpenSource {
  private readonly program: Buffer;
  private readonly interface: InterfaceNow;
  private current: Opened;
  /** The ring before this one, until the kernel has handed over its last block: `Infinity` as long as packets may still come to it. */
  private before: (Opened & { closesAt: number }) | undefined;
  private received = 0;
  private dropped = 0;
  private countedAt = 0;
  private hasOffloads = false;
  private hasOwnTraffic = false;
  /** Whether its ring was found nearly full, or lost something. */
  private isTooSmall = false;
  /** The fanout group of its socket, of which a larger ring becomes a member too; `undefined` on a loopback, and on old kernels. */
  private group: number | undefined;
  private mayGrow: boolean;
  /** Calls off what is being changed aside: a larger ring, or who gets which packets. */
  private callOff: (() => void) | undefined;
  /** Waits for that, and for the ring before to be closed. */
  private steerNext: (() => void) | undefined;

  constructor(private readonly context: SourceContext) {
    const { joining } = context;
    this.mayGrow = joining === undefined;
    [this.interface, this.program] = context.inPlace(() => {
      const found = lookAt(context.place.interfaceName);
      const { program, hasOwnTraffic } = liveFilter(context);
      this.hasOwnTraffic = hasOwnTraffic;
      return [found, program];
    });
    this.current = takeHere(joining === undefined ? this.openFirst() : this.openBeside(ringOf(joining.ringBytes), joining));
    this.watch(this.current);
  }

  get fanout(): Fanout | undefined {
    const { group } = this;
    return group === undefined ? undefined : { group, steer: (numbers, mayGrow, done) => this.steer(numbers, mayGrow, done) };
  }

  private steer(numbers: readonly number[], mayGrow: boolean, done: () => void): void {
    this.mayGrow = false;
    const steer = (): void =>
      this.change(steerFanout(this.current.fd, this.sharing(numbers)), () => {
        this.mayGrow = mayGrow;
        done();
      });
    if (this.isChanging) this.steerNext = steer;
    else steer();
  }

  private sharing(numbers: readonly number[]): Buffer {
    return fanoutProgram(
      numbers,
      linkTypeOf(this.interface.hardwareType) === LINK_TYPE.ethernet ? 'ethernet' : 'ip',
      this.context.mplsUdpPort,
    );
  }

  /** Whether it has two rings, or is about to have, or the group is being told something. */
  private get isChanging(): boolean {
    return this.callOff !== undefined || this.before !== undefined;
  }

  /** Takes steps, one kind at a time, while packets are read. */
  private change(steps: Steps<void>, done: () => void): void {
    let isOver = false;
    const callOff = this.context.aside.take(steps, (error) => {
      isOver = true;
      this.callOff = undefined;
      if (error !== undefined) return this.context.failed(error);
      done();
      this.goOn();
    });
    if (!isOver) this.callOff = callOff;
  }

  /** Does what had to wait. */
  private goOn(): void {
    const { steerNext } = this;
    if (this.isChanging || steerNext === undefined) return;
    this.steerNext = undefined;
    steerNext();
  }

  private openFirst(): Steps<Opened> {
    return this.open(this.program, FIRST_RING, (fd) => {
      // On a loopback a group would hear what goes out, too. As long as it has no program, which would be run for each packet, its first member gets all.
      if (!this.isLoopback) this.group = joinFanout(fd, undefined);
    });
  }

  /** Beside another member of the group: it gets nothing until the group is told to. */
  private openBeside(size: RingSize, joining: Omit<Joining, 'ringBytes'>): Steps<Opened> {
    return this.open(NOTHING, size, (fd) => this.join(fd, joining));
  }

  private *join(fd: number, { group, numbers }: Omit<Joining, 'ringBytes'>): Steps<void> {
    this.group = joinFanout(fd, group);
    // The same again, which takes as long as packets are still on their way to a socket of its own that it was.
    yield* steerFanout(fd, this.sharing(numbers));
    attachFilter(fd, this.program);
  }

  private get isLoopback(): boolean {
    return (this.interface.flags & LINUX.IFF_LOOPBACK) !== 0;
  }

  /** In this order: otherwise packets of other interfaces, or whole ones, get into the ring before filter and interface are set. */
  private *open(program: Buffer, size: RingSize, enter?: (fd: number) => Steps<void> | void): Steps<Opened> {
    const { context, interface: found, isLoopback } = this;
    const { rings, place, settings } = context;
    const bytes = size.blockBytes * size.blocks;
    takeRingMemory(rings, bytes);
    let fd: number | undefined;
    let ring: Ring | undefined;
    let isOpen = false;
    try {
      fd = context.inPlace(openPacketSocket);
      this.hasOffloads = wantOffloadHeader(fd);
      const skipsOutgoing = isLoopback && !ignoreOutgoing(fd);
      attachFilter(fd, program);
      ring = yield* openRing(fd, size, linkTypeOf(found.hardwareType), this.hasOffloads, skipsOutgoing);
      bindToInterface(fd, found.index);
      if (settings.isPromiscuous && !isLoopback) bePromiscuous(fd, found.index);
      yield* enter?.(fd) ?? [];
      isOpen = true;
      return { fd, ring };
    } catch (error) {
      throw new CanopyError(
        'UNAVAILABLE',
        `${place.interfaceName} cannot be captured: ${error instanceof Error ? error.message : String(error)}`,
        {
          retriable: true,
          cause: error,
        },
      );
    } finally {
      if (!isOpen) {
        ring?.close();
        if (fd !== undefined) sys.close(fd);
        rings.give(bytes);
      }
    }
  }

  private watch(opened: Opened): void {
    const nearlyFull = Math.ceil(opened.ring.size.blocks * NEARLY_FULL);
    const atRest = opened.ring.size.blocks * FILLED_AT_REST;
    let visitedAt = performance.now();
    this.context.watch(opened.fd, () => {
      if (opened.ring.holds(nearlyFull)) this.isTooSmall = true;
      const blocks = opened.ring.visit(BLOCKS_AT_ONCE, this.context.packets);
      if (blocks === 0) this.lookForError(opened.fd);
      const now = performance.now();
      const blocksInMs = blocks / (now - visitedAt);
      visitedAt = now;
      const coming = Math.min(atRest, blocksInMs * LONGEST_REST);
      if (coming >= LEAST_TO_REST_FOR && blocks < atRest * 2) this.context.rest(coming / blocksInMs);
      // At once: a ring that is nearly full holds some milliseconds.
      this.growWhereNeeded();
    });
  }

  /** Woken without packets: the interface went down, or went away. */
  private lookForError(fd: number): void {
    const errno = pendingError(fd);
    if (errno === 0) return;
    const { interfaceName } = this.context.place;
    const reason = errno === constants.errno.ENETDOWN ? 'went down' : `failed: ${errnoName(errno)}`;
    this.context.failed(new CanopyError('UNAVAILABLE', `the interface ${interfaceName} ${reason}`, { retriable: true }));
  }

  tick(nowMs: number): void {
    if (this.before !== undefined && nowMs >= this.before.closesAt) this.closeBefore(this.before);
    if (nowMs - this.countedAt >= COUNT_EVERY) {
      this.countedAt = nowMs;
      this.countAll();
    }
    this.growWhereNeeded();
  }

  private growWhereNeeded(): void {
    if (!this.isTooSmall || this.isChanging) return;
    this.isTooSmall = false;
    if (this.mayGrow && this.current.ring.size.blocks < MOST_BLOCKS) this.change(this.grow(), () => undefined);
  }

  private countAll(): void {
    if (this.before !== undefined) this.count(this.before);
    if (this.count(this.current) > 0) this.isTooSmall = true;
  }

  /** Adds up the kernel's counters, which are reset by reading. Answers what was lost since the last time. */
  private count({ fd }: Opened): number {
    const { received, dropped } = readPacketCounts(fd);
    this.received += received;
    this.dropped += dropped;
    return dropped;
  }

  /** A larger ring, while the budget lasts. Packets go to the old one or to the new one: in a group none comes twice and none to nobody. */
  private *grow(): Steps<void> {
    const { current, group } = this;
    const { bytes } = current.ring;
    const size = ringOf(bytes === FIRST_RING_BYTES ? FIRST_GROWTH * bytes : 2 * bytes);
    let next: Opened;
    try {
      if (group === undefined) next = yield* this.open(NOTHING, size);
      else {
        // So that the group has a program: the kernel waits for packets under way only where one takes the place of another.
        yield* steerFanout(current.fd, this.sharing([0]));
        next = yield* this.openBeside(size, { group, numbers: [0] });
      }
    } catch {
      // No room: it goes on with what it has, and its drops are shown.
      return;
    }
    // It is ending, or others are to have a part of its packets first.
    if (!this.mayGrow) return this.closeOne(next);
    const before = { ...current, closesAt: Infinity };
    this.before = before;
    this.current = next;
    this.watch(next);
    if (group === undefined) {
      attachFilter(current.fd, NOTHING);
      attachFilter(next.fd, this.program);
      // The second member is the only one when the first has left.
    } else yield* steerFanout(next.fd, this.sharing([1]));
    before.closesAt = Date.now() + retired(before.ring);
  }

  private closeBefore(before: Opened): void {
    this.before = undefined;
    drain(before.ring, this.context.packets);
    this.count(before);
    this.closeOne(before);
    this.goOn();
  }

  private closeOne({ fd, ring }: Opened): void {
    const { context } = this;
    const { bytes } = ring;
    context.unwatch(fd);
    ring.close();
    // Who waits for it may have it now: it is free in a moment.
    context.rings.give(bytes);
    context.aside.take(closeSlowly(fd), () => undefined);
  }

  counts(): SourceCounts {
    this.countAll();
    return { received: this.received, dropped: this.dropped, ifDropped: 0, drops: {} };
  }

  facts(): SourceFacts {
    const { isPromiscuous } = this.context.settings;
    return {
      facts: { ringBytes: this.current.ring.bytes, promiscuous: isPromiscuous, segments: this.hasOffloads, ownTraffic: this.hasOwnTraffic },
    };
  }

  finish(isMoved: boolean): number {
    this.mayGrow = false;
    if (!isMoved) attachFilter(this.current.fd, NOTHING);
    return retired(this.current.ring);
  }

  close(): void {
    this.callOff?.();
    if (this.before !== undefined) this.closeBefore(this.before);
    drain(this.current.ring, this.context.packets);
    this.count(this.current);
    this.closeOne(this.current);
  }
}

/** The ring of who is known to be busy. */
const ringOf = (bytes: number): RingSize => ({
  blockBytes: FIRST_RING.blockBytes,
  blocks: Math.min(MOST_BLOCKS, Math.max(FIRST_RING.blocks, Math.round(bytes / FIRST_RING.blockBytes))),
  retireMs: BUSY_RETIRE_MS,
});

/** The filter that lets nothing in. */
const NOTHING = keepEverything(0);

/** Milliseconds after which the kernel has handed over what it has in a ring; its timers are not exact. */
const retired = ({ size }: Ring): number => size.retireMs * 2;

function drain(ring: Ring, packets: PacketSink): void {
  while (ring.visit(BLOCKS_AT_ONCE, packets) > 0);
}

/** The interface of this name in the thread's namespace. Throws when it is not there, or down, or its frames are not read. */
function lookAt(name: string): InterfaceNow {
  const found = interfaceNow(name);
  demandUp(name, found);
  linkTypeOf(found.hardwareType);
  return found;
}
