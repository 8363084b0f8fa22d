import { Recount, type ExternalFlow } from '../../../src/flow/table/external.js';
import { LINUX } from '../../linux/abi.js';
import { deleteMapEntry, loadProgram, MapReader, readMapEntry, writeMapEntry, type LoadedProgram } from '../../linux/bpf.js';
import { keepEverything } from '../../linux/classicBpf.js';
import { toExtended } from '../../linux/extendedBpf.js';
import { demandUp, interfaceNow, linkTypeOf, type InterfaceNow } from '../../linux/interface.js';
import {
  attachFilter,
  attachProgram,
  bindToInterface,
  ignoreOutgoing,
  openPacketSocket,
  pendingError,
  readPacketCounts,
} from '../../linux/packetSocket.js';
import { Ring, type RingSize } from '../../linux/ring.js';
import { sys } from '../../linux/syscall.js';
import { CanopyError } from '../../../src/common/errors.js';
import { EXTRA_LAYERS } from '../../../src/flow/table/options.js';
import { liveFilter } from '../liveFilter.js';
import { takeRingMemory } from '../ringMemory.js';
import type { OpenSource, SourceContext, SourceCounts, SourceFacts } from '../source.js';
import { entryToFlow, KEY_BYTES, lastSeen, packetsOf, recountEntry, VALUE_BYTES } from './entries.js';
import { FLOW_PROGRAM } from './flowProgram.js';
import { LeftFlows, type LeftCounters } from './leftFlows.js';

/** Flows of IPv6, and of all else, in the kernel's two maps: about 100 MB when they are made, since nothing may be allocated while packets are counted. */
const MOST_FLOWS = 200_000;
const MAPS = ['flows4', 'flows6'] as const;
type FlowMap = (typeof MAPS)[number];
/** Entries of one call. */
const AT_ONCE = 4_096;
/** Milliseconds between readings. */
const READ_EVERY = 1_000;
/** Nanoseconds without a packet after which an entry leaves the kernel. */
const IDLE = 15e9;
/** Flows that left the kernel and may come back: their counters go on where they were. */
const MOST_LEFT = 100_000;
const NANOSECONDS_IN_MS = 1e6;
/** For packets whose contents were asked for, DNS for one: few among all. */
const RING: RingSize = { blockBytes: 64 * 1024, blocks: 8, retireMs: 100 };
const RING_BYTES = RING.blockBytes * RING.blocks;
const BLOCKS_AT_ONCE = 8;

/** When a reading began. */
interface Moment {
  /** Nanoseconds of the kernel's clock, and when the reading before began. */
  readonly monotonic: number;
  readonly since: number;
  /** Milliseconds that are added to it for real time. */
  readonly offset: number;
}

const toMs =
  ({ offset }: Moment) =>
  (nanoseconds: number): number =>
    Math.floor(nanoseconds / NANOSECONDS_IN_MS + offset);

/** Attaches the program to a socket of the interface: it goes with the socket, whatever ends us. */
export const openEbpf = (context: SourceContext): OpenSource => new EbpfSource(context);

class EbpfSource implements OpenSource {
  private readonly program: LoadedProgram;
  private readonly socket: number;
  /** Packets that are handed over instead of counted; `undefined` where none are asked for. */
  private ring: Ring | undefined;
  private readonly readers: Readonly<Record<FlowMap, MapReader>>;
  private readonly left = new LeftFlows(MOST_LEFT);
  private readonly counted = new Recount();
  private readonly value = Buffer.alloc(VALUE_BYTES);
  private readonly lostKey = Buffer.alloc(4);
  private readonly lostCount = Buffer.alloc(8);
  private readAt = 0;
  /** Monotonic nanoseconds at which the reading before began: what was counted since is read again. */
  private readSince = 0;
  private flows = 0;
  private received = 0;
  /** Packets of flows that left the kernel. */
  private receivedBefore = 0;
  private handedOver = 0;
  private dropped = 0;
  private hasOwnTraffic = false;

  constructor(private readonly context: SourceContext) {
    const { interfaceName } = context.place;
    [this.program, this.socket] = context.inPlace(() => {
      const found = interfaceNow(interfaceName);
      demandUp(interfaceName, found);
      const { program, hasOwnTraffic } = liveFilter(context);
      this.hasOwnTraffic = hasOwnTraffic;
      const loaded = loadProgram(FLOW_PROGRAM, { flows4: MOST_FLOWS, flows6: MOST_FLOWS }, toExtended(program));
      try {
        return [loaded, this.open(found, loaded)];
      } catch (error) {
        closeProgram(loaded);
        throw error;
      }
    });
    const reader = (map: FlowMap): MapReader => new MapReader(this.program.maps[map]!, KEY_BYTES[map], VALUE_BYTES, AT_ONCE);
    this.readers = { flows4: reader('flows4'), flows6: reader('flows6') };
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
          this.ring = new Ring(fd, RING, linkTypeOf(found.hardwareType), false, false);
        } catch (error) {
          rings.give(RING_BYTES);
          throw error;
        }
        const wish = Buffer.alloc(8);
        wish.writeUInt32LE(
          spec.extraLayers.reduce((bits, layer) => bits | EXTRA_LAYERS[layer], 0),
          0,
        );
        wish.writeUInt32LE(spec.headerSize, 4);
        writeMapEntry(program.maps.wishes!, Buffer.alloc(4), wish);
      }
      bindToInterface(fd, found.index);
      return fd;
    } catch (error) {
      this.closeRing();
      sys.close(fd);
      throw error;
    }
  }

  private hear(): void {
    if (this.ring !== undefined && this.ring.visit(BLOCKS_AT_ONCE, this.context.packets) > 0) return;
    if (pendingError(this.socket) === 0) return;
    const { interfaceName } = this.context.place;
    this.context.failed(new CanopyError('UNAVAILABLE', `the interface ${interfaceName} went down`, { retriable: true }));
  }

  tick(nowMs: number): void {
    if (nowMs - this.readAt < READ_EVERY) return;
    this.readAt = nowMs;
    this.read();
  }

  private read(): void {
    // Both clocks at the same moment, each time: real time may have stepped.
    const monotonic = Number(process.hrtime.bigint());
    const moment = { monotonic, offset: Date.now() - monotonic / NANOSECONDS_IN_MS, since: this.readSince };
    this.readSince = monotonic;
    this.flows = 0;
    this.received = this.receivedBefore;
    for (const map of MAPS) this.readMap(map, moment);
  }

  private readMap(map: FlowMap, moment: Moment): void {
    const { monotonic, offset, since } = moment;
    const keyBytes = KEY_BYTES[map];
    const idle: Buffer[] = [];
    this.readers[map].read((keys, values, count) => {
      const keyView = viewOf(keys);
      const valueView = viewOf(values);
      this.flows += count;
      for (let entry = 0; entry < count; entry++) {
        const key = entry * keyBytes;
        const value = entry * VALUE_BYTES;
        this.received += packetsOf(valueView, value);
        const last = lastSeen(valueView, value);
        if (last < since) {
          if (monotonic - last > IDLE) idle.push(Buffer.from(keys.subarray(key, key + keyBytes)));
          continue;
        }
        const wasAway = this.left.mayHave(keyView, key, keyBytes);
        if (!wasAway) {
          recountEntry(this.counted, keyView, key, valueView, value, offset);
          if (this.context.recount(this.counted)) continue;
        }
        const flow = entryToFlow(keys, key, values, value, toMs(moment));
        // New to the table, or away from the kernel meanwhile.
        const before = wasAway ? this.left.get(keys.subarray(key, key + keyBytes)) : undefined;
        this.context.external(before === undefined ? flow : sum(flow, before));
      }
    });
    for (const key of idle) this.letGo(map, key, moment);
  }

  /** Takes an idle entry out of the kernel, unless packets came since it was read. */
  private letGo(map: FlowMap, key: Buffer, moment: Moment): void {
    const fd = this.program.maps[map]!;
    if (!readMapEntry(fd, key, this.value) || moment.monotonic - lastSeen(viewOf(this.value), 0) < IDLE) return;
    const flow = entryToFlow(key, 0, this.value, 0, toMs(moment));
    const before = this.left.get(key);
    const total = before === undefined ? flow : sum(flow, before);
    this.receivedBefore += flow.abPackets + flow.baPackets;
    this.left.set(key, total);
    deleteMapEntry(fd, key);
    this.flows--;
  }

  counts(): SourceCounts {
    readMapEntry(this.program.maps.lost!, this.lostKey, this.lostCount);
    const lost = Number(this.lostCount.readBigUInt64LE());
    if (this.ring !== undefined) {
      const { received, dropped } = readPacketCounts(this.socket);
      this.handedOver += received;
      this.dropped += dropped;
    }
    return {
      received: this.received + this.handedOver,
      dropped: this.dropped,
      ifDropped: 0,
      drops: lost > 0 ? { kernelTableFull: lost } : {},
    };
  }

  facts(): SourceFacts {
    return { facts: { kernelFlows: this.flows, kernelFlowsMost: MOST_FLOWS * MAPS.length, ownTraffic: this.hasOwnTraffic } };
  }

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
    closeProgram(this.program);
  }

  private closeRing(): void {
    if (this.ring === undefined) return;
    this.ring.close();
    this.ring = undefined;
    this.context.rings.give(RING_BYTES);
  }
}

const viewOf = (bytes: Buffer): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

function closeProgram({ fd, maps }: LoadedProgram): void {
  for (const one of [fd, ...Object.values(maps)]) sys.close(one);
}

/** Counters of a flow that had left the kernel and came back, maybe with a packet of the other side first. */
function sum(flow: ExternalFlow, before: LeftCounters): ExternalFlow {
  const isSame = flow.link!.a === before.link!.a;
  return {
    ...flow,
    abPackets: flow.abPackets + (isSame ? before.abPackets : before.baPackets),
    abBytes: flow.abBytes + (isSame ? before.abBytes : before.baBytes),
    baPackets: flow.baPackets + (isSame ? before.baPackets : before.abPackets),
    baBytes: flow.baBytes + (isSame ? before.baBytes : before.abBytes),
    start: before.start,
  };
}
