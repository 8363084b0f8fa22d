import { Recount, type ExternalFlow } from '../../../src/flow/table/external.js';
import type { LoadedProgram } from '../../linux/bpf.js';
import { mapMemory, unmapMemory, type MappedMemory } from '../../linux/mappedMemory.js';
import { LeftFlows, type LeftCounters } from './leftFlows.js';
import { elapsed, entryOf, idleTime, isFound, packetsOf, recountRow, ROW_BYTES, rowToFlow, type Moment, type RowKind } from './rows.js';

/** Nanoseconds without a packet after which a flow leaves the kernel. */
const IDLE = 15e9;
/** Nanoseconds after its time at which a packet has been counted: one that came just before a reading may be counted just after it. */
const LATE = 10e6;
/** Flows that left the kernel and may come back: their counters go on where they were. */
const MOST_LEFT = 100_000;

/** Who hears of flows. */
export interface FlowHearer {
  external(flow: ExternalFlow): void;
  /** `false` where the flow is not known. */
  recount(counted: Recount): boolean;
}

/** A flow that left at the reading before. */
interface Leaving {
  readonly index: number;
  readonly packets: number;
}

/** Values of maps lie eight bytes apart. */
const WORDS_OF_FREE = 2;
/** Entries without a row (program/flow.bpf.c). */
const FREE = 1;
const LEAVING = 2;
/** State of a row that the kernel did not need after all. */
const GIVEN_BACK = 1;
/** Words of the queue of free rows. */
const HEAD = 0;
const TAIL = 1;

/**
 * The flows that the kernel counts, of one kind, read where they lie. A flow without packets leaves in two steps, a reading apart: from the first one on packets find it no
 * more, and at the second one nobody can be counting in its row who found it before.
 */
export class KernelFlows {
  /** How many there can be. */
  readonly most: number;
  /** Flows that are there. */
  flows = 0;
  /** Packets of flows that are there, and of all that were. */
  packets = 0;
  private packetsBefore = 0;
  /** Rows that ever had a flow. */
  private touched = 0;
  private leaving: Leaving[] = [];
  private readonly rows: MappedMemory;
  private readonly buckets: MappedMemory;
  private readonly free: MappedMemory;
  private readonly queue: MappedMemory;
  private readonly left = new LeftFlows(MOST_LEFT);
  private readonly counted = new Recount();

  /** @param hasMac false on interfaces without Ethernet */
  constructor(
    program: LoadedProgram,
    private readonly kind: RowKind,
    private readonly hasMac: boolean,
    private readonly hearer: FlowHearer,
  ) {
    const shared = (name: string): MappedMemory => {
      const { fd, valueSize, entries } = program.maps[`${name}${kind}`]!;
      return mapMemory(fd, entries * (Math.ceil(valueSize / 8) * 8));
    };
    [this.rows, this.buckets, this.free, this.queue] = [shared('rows'), shared('buckets'), shared('free'), shared('queue')];
    this.most = this.free.words.length / WORDS_OF_FREE;
    for (let index = 0; index < this.most; index++) this.free.words[index * WORDS_OF_FREE] = index;
    Atomics.store(this.queue.words, TAIL, this.most);
  }

  /** Tells of all that had packets since the reading before. */
  read(moment: Moment, since: Moment): void {
    for (const flow of this.leaving.splice(0)) this.letGo(flow, moment);
    const { words, view } = this.rows;
    const bytes = ROW_BYTES[this.kind];
    const told = elapsed(since, moment) + LATE;
    // Rows are first taken in order; the number goes round.
    this.touched = Math.max(this.touched, Math.min(this.queue.words[HEAD]! >>> 0, this.most));
    this.flows = 0;
    this.packets = this.packetsBefore;
    for (let index = 0; index < this.touched; index++) {
      const row = index * bytes;
      const state = words[row / 4]!;
      if (state === 0) continue;
      if (state === GIVEN_BACK) this.recycle(index);
      if (!isFound(view, row)) continue;
      this.flows++;
      const packets = packetsOf(view, row);
      this.packets += packets;
      const idle = idleTime(view, row, moment);
      if (idle <= told) this.tell(row, state, moment);
      else if (idle > IDLE) {
        Atomics.store(this.buckets.words, entryOf(view, row), LEAVING);
        this.leaving.push({ index, packets });
      }
    }
  }

  private tell(row: number, state: number, moment: Moment): void {
    const { kind, hasMac, hearer, counted } = this;
    const { view } = this.rows;
    const before = this.left.get(kind, view, row, state);
    if (before === undefined) {
      recountRow(counted, view, row, state, hasMac, moment);
      if (hearer.recount(counted)) return;
    }
    // New to the table, or away from the kernel meanwhile.
    hearer.external(withBefore(rowToFlow(view, row, state, hasMac, moment), before));
  }

  private letGo({ index, packets }: Leaving, moment: Moment): void {
    const { kind, hasMac } = this;
    const { words, view } = this.rows;
    const row = index * ROW_BYTES[kind];
    const state = words[row / 4]!;
    const flow = rowToFlow(view, row, state, hasMac, moment);
    const total = withBefore(flow, this.left.get(kind, view, row, state));
    const packetsNow = flow.abPackets + flow.baPackets;
    this.packetsBefore += packetsNow;
    this.left.set(kind, view, row, state, total);
    if (packetsNow !== packets) this.hearer.external(total);
    const entry = entryOf(view, row);
    Atomics.store(this.buckets.words, entry, FREE);
    this.recycle(index);
  }

  private recycle(index: number): void {
    const { words } = this.rows;
    Atomics.store(words, (index * ROW_BYTES[this.kind]) / 4, 0);
    const tail = this.queue.words[TAIL]!;
    this.free.words[((tail >>> 0) % this.most) * WORDS_OF_FREE] = index;
    Atomics.store(this.queue.words, TAIL, tail + 1);
  }

  close(): void {
    for (const memory of [this.rows, this.buckets, this.free, this.queue]) unmapMemory(memory);
  }
}

/** Counters of a flow that had left the kernel and came back, maybe with a packet of the other side first. */
function withBefore(flow: ExternalFlow, before: LeftCounters | undefined): ExternalFlow {
  if (before === undefined) return flow;
  const isSame = flow.link?.a === before.link?.a && flow.network?.a === before.network?.a && flow.transport?.a === before.transport?.a;
  return {
    ...flow,
    abPackets: flow.abPackets + (isSame ? before.abPackets : before.baPackets),
    abBytes: flow.abBytes + (isSame ? before.abBytes : before.baBytes),
    baPackets: flow.baPackets + (isSame ? before.baPackets : before.abPackets),
    baBytes: flow.baBytes + (isSame ? before.baBytes : before.abBytes),
    start: before.start,
  };
}
