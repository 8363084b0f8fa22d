import { randomFillSync } from 'node:crypto';
import { LINUX } from '../../linux/abi.js';
import { loadProgram, readMapEntry, writeMapEntry, type LoadedProgram } from '../../linux/bpf.js';
import { keepEverything } from '../../linux/classicBpf.js';
import { toExtended } from '../../linux/extendedBpf.js';
import { demandUp, interfaceNow, LINK_TYPE, linkTypeOf, type InterfaceNow } from '../../linux/interface.js';
import {
  attachFilter,
  attachProgram,
  bindToInterface,
  ignoreOutgoing,
  openPacketSocket,
  pendingError,
  readPacketCounts,
} from '../../linux/packetSocket.js';
import { openRing, type Ring, type RingSize } from '../../linux/ring.js';
import { takeHere } from '../../linux/slowCalls.js';
import { sys } from '../../linux/syscall.js';
import { CanopyError } from '../../../src/common/errors.js';
import { EXTRA_LAYERS } from '../../../src/flow/table/options.js';
import { liveFilter } from '../liveFilter.js';
import { takeRingMemory } from '../ringMemory.js';
import type { OpenSource, SourceContext, SourceCounts, SourceFacts } from '../source.js';
import { FLOW_PROGRAM } from './flowProgram.js';
import { KernelFlows } from './kernelFlows.js';
import type { Moment, RowKind } from './rows.js';

/** Flows of all but IPv6, and of it: 69 MB when they are made, since nothing may be allocated while packets are counted. */
const KINDS: readonly RowKind[] = [4, 6];
/** Milliseconds between readings. */
const READ_EVERY = 1_000;
const NANOSECONDS_IN_MS = 1e6;
/** For packets whose contents were asked for, DNS for one: few among all. */
const RING: RingSize = { blockBytes: 64 * 1024, blocks: 8, retireMs: 100 };
const RING_BYTES = RING.blockBytes * RING.blocks;
const BLOCKS_AT_ONCE = 8;

const WISH = { layers: 0, headerSize: 4, hasEthernet: 8, zero: 12, multipliers: 16, bytes: 80 } as const;

/** Attaches the program to a socket of the interface: it goes with the socket, whatever ends us. */
export const openEbpf = (context: SourceContext): OpenSource => new EbpfSource(context);

class EbpfSource implements OpenSource {
  private readonly program: LoadedProgram;
  private readonly socket: number;
  /** Packets that are handed over instead of counted; `undefined` where none are asked for. */
  private ring: Ring | undefined;
  private readonly flows: readonly KernelFlows[];
  private readonly lostKey = Buffer.alloc(4);
  private readonly lostCount = Buffer.alloc(8);
  private readAt = 0;
  private readBefore: Moment = { monotonic: 0, offset: 0 };
  private handedOver = 0;
  private dropped = 0;
  private hasOwnTraffic = false;

  constructor(private readonly context: SourceContext) {
    const { interfaceName } = context.place;
    [this.program, this.flows, this.socket] = context.inPlace(() => {
      const found = interfaceNow(interfaceName);
      demandUp(interfaceName, found);
      const { program, hasOwnTraffic } = liveFilter(context);
      this.hasOwnTraffic = hasOwnTraffic;
      const loaded = loadProgram(FLOW_PROGRAM, toExtended(program));
      const flows: KernelFlows[] = [];
      try {
        const hasMac = linkTypeOf(found.hardwareType) === LINK_TYPE.ethernet;
        for (const kind of KINDS) flows.push(new KernelFlows(loaded, kind, hasMac, context));
        return [loaded, flows, this.open(found, loaded)];
      } catch (error) {
        closeProgram(loaded, flows);
        throw error;
      }
    });
    context.watch(this.socket, () => this.hear());
  }

  /** The program first, and bound at last: otherwise packets of other interfaces are counted. */
  private open(found: InterfaceNow, program: LoadedProgram): number {
    const { spec, rings } = this.context;
    const fd = openPacketSocket();
    try {
      // What loops back comes out and in.
      if ((found.flags & LINUX.IFF_LOOPBACK) !== 0 && !ignoreOutgoing(fd))
        throw new CanopyError('UNAVAILABLE', 'packets of a loopback can be counted in the kernel from Linux 4.20; afpacket does before');
      attachProgram(fd, program.fd);
      if (spec.extraLayers.length > 0) {
        takeRingMemory(rings, RING_BYTES);
        try {
          this.ring = takeHere(openRing(fd, RING, linkTypeOf(found.hardwareType), false, false));
        } catch (error) {
          rings.give(RING_BYTES);
          throw error;
        }
      }
      writeMapEntry(program.maps.wishes!.fd, Buffer.alloc(4), this.wish(found));
      bindToInterface(fd, found.index);
      return fd;
    } catch (error) {
      this.closeRing();
      sys.close(fd);
      throw error;
    }
  }

  /** What the program is told: `struct wish` of program/flow.bpf.c. */
  private wish({ hardwareType }: InterfaceNow): Buffer {
    const { extraLayers, headerSize } = this.context.spec;
    const wish = randomFillSync(Buffer.alloc(WISH.bytes));
    wish.writeUInt32LE(
      extraLayers.reduce((bits, layer) => bits | EXTRA_LAYERS[layer], 0),
      WISH.layers,
    );
    wish.writeUInt32LE(headerSize, WISH.headerSize);
    wish.writeUInt32LE(linkTypeOf(hardwareType) === LINK_TYPE.ethernet ? 1 : 0, WISH.hasEthernet);
    wish.writeUInt32LE(0, WISH.zero);
    // Odd, so that nothing is lost by multiplying.
    for (let at: number = WISH.multipliers; at < WISH.bytes; at += 8) wish[at]! |= 1;
    return wish;
  }

  private hear(): void {
    if (this.ring !== undefined && this.ring.visit(BLOCKS_AT_ONCE, this.context.packets) > 0) return;
    if (pendingError(this.socket) === 0) return;
    const { interfaceName } = this.context.place;
    this.context.failed(new CanopyError('UNAVAILABLE', `the interface ${interfaceName} went down`, { retriable: true }));
  }

  tick(nowMs: number): void {
    const since = nowMs - this.readAt;
    // Real time may have stepped back.
    if (since >= 0 && since < READ_EVERY) return;
    this.readAt = nowMs;
    this.read();
  }

  private read(): void {
    // Both clocks at the same moment, each time: real time may have stepped.
    const monotonic = Number(process.hrtime.bigint());
    const moment = { monotonic, offset: Date.now() - monotonic / NANOSECONDS_IN_MS };
    for (const flows of this.flows) flows.read(moment, this.readBefore);
    this.readBefore = moment;
  }

  counts(): SourceCounts {
    readMapEntry(this.program.maps.lost!.fd, this.lostKey, this.lostCount);
    const lost = Number(this.lostCount.readBigUInt64LE());
    if (this.ring !== undefined) {
      const { received, dropped } = readPacketCounts(this.socket);
      this.handedOver += received;
      this.dropped += dropped;
    }
    return {
      received: this.sum(({ packets }) => packets) + this.handedOver,
      dropped: this.dropped,
      ifDropped: 0,
      drops: lost > 0 ? { kernelTableFull: lost } : {},
    };
  }

  facts(): SourceFacts {
    return {
      facts: {
        kernelFlows: this.sum(({ flows }) => flows),
        kernelFlowsMost: this.sum(({ most }) => most),
        ownTraffic: this.hasOwnTraffic,
      },
    };
  }

  private readonly sum = (of: (flows: KernelFlows) => number): number => this.flows.reduce((sum, flows) => sum + of(flows), 0);

  finish(): number {
    attachFilter(this.socket, keepEverything(0));
    return this.ring === undefined ? 0 : RING.retireMs * 2;
  }

  close(): void {
    this.context.unwatch(this.socket);
    this.read();
    while ((this.ring?.visit(BLOCKS_AT_ONCE, this.context.packets) ?? 0) > 0);
    this.closeRing();
    sys.close(this.socket);
    closeProgram(this.program, this.flows);
  }

  private closeRing(): void {
    if (this.ring === undefined) return;
    this.ring.close();
    this.ring = undefined;
    this.context.rings.give(RING_BYTES);
  }
}

function closeProgram({ fd, maps }: LoadedProgram, flows: readonly KernelFlows[]): void {
  for (const one of flows) one.close();
  for (const one of [fd, ...Object.values(maps).map((map) => map.fd)]) sys.close(one);
}
