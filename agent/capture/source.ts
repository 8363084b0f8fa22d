import type { CaptureSpec, CaptureType } from '../../src/protocol/capture.js';
import type { Aside } from '../linux/slowCalls.js';
import type { PacketSink } from '../../src/flow/packetBatch.js';
import type { ExternalFlow, Recount } from '../../src/flow/table/external.js';

/** Where a capture runs: a node of the agent's graph, as far as sources need to know it. */
export interface Place {
  /** Id of the node. */
  readonly node: string;
  /** Its `TID`: part of every flow's id. */
  readonly tid: string;
  /** Its name, under which its namespace knows the interface. */
  readonly interfaceName: string;
  /** Opens its namespace; `undefined` for the agent's own. */
  readonly namespacePath: string | undefined;
  /** IPv4 addresses of the node, without prefix length. */
  readonly addresses: readonly string[];
}

/** What the sources of one agent share of its configuration. */
export interface SourceSettings {
  /** Where streams of packets are awaited, and with which ports. */
  readonly pcapSocket: { readonly address: string; readonly ports: readonly [first: number, last: number] };
  /** Ports of collectors that were not asked for one. */
  readonly sflowPorts: readonly [first: number, last: number];
  readonly netflowPorts: readonly [first: number, last: number];
  readonly isPromiscuous: boolean;
}

/** Packets of a source since it was opened. */
export interface SourceCounts {
  readonly received: number;
  /** Lost in the kernel because nobody fetched them in time. */
  readonly dropped: number;
  /** Lost at the interface, before the kernel could hand them over. */
  readonly ifDropped: number;
  /** What the source itself gave up, by reason. */
  readonly drops: Readonly<Record<string, number>>;
}

/** What becomes known of a capture once it runs: shown on its node. */
export interface SourceFacts {
  readonly pcapSocket?: string;
  readonly sflowSocket?: string;
  readonly facts: Readonly<Record<string, string | number | boolean>>;
}

/** The way of a source into several workers: sockets of one fanout group (`agent/linux/packetSocket.ts`), each packet of which comes to one of them. */
export interface Fanout {
  readonly group: number;
  /**
   * Has the group share out packets among the members with these numbers. A source that grows has two members for a while: `done` is called when it has one again,
   * and the numbers are in force. It does not grow again unless `mayGrow`.
   */
  steer(numbers: readonly number[], mayGrow: boolean, done: () => void): void;
}

/** What a source is to be a further member of. */
export interface Joining {
  readonly group: number;
  /** The numbers that are in force. */
  readonly numbers: readonly number[];
  /** Bytes of the ring of who was there before: it grew so large because it was needed. */
  readonly ringBytes: number;
}

/** A source that runs. Lives in a capture worker. */
export interface OpenSource {
  /** Where it can be had in several workers. */
  readonly fanout?: Fanout;
  counts(): SourceCounts;
  facts(): SourceFacts;
  /** Ten times a second, for what has to be done without anything arriving. */
  tick?(nowMs: number): void;
  /**
   * Lets nothing new in. Answers the milliseconds after which everything that came in before has been handed over. Who `isMoved` gets nothing any more, since others
   * of its group do.
   */
  finish?(isMoved: boolean): number;
  /** Lets go of sockets and memory. */
  close(): void;
}

/** What a source works with. */
export interface SourceContext {
  readonly spec: CaptureSpec;
  readonly place: Place;
  readonly settings: SourceSettings;
  /** The filter in effect: the capture's own, without the agent's own traffic. */
  readonly filter: string;
  /** `undefined` for the first one of a capture on a node. */
  readonly joining: Joining | undefined;
  /** UDP port that carries MPLS; 0 for none. */
  readonly mplsUdpPort: number;
  /** Takes packets. */
  readonly packets: PacketSink;
  /** Takes flows that were counted elsewhere. */
  external(flow: ExternalFlow): void;
  /** Takes how a flow stands of which `external` was told; `false` when it has to be told again. */
  recount(counted: Recount): boolean;
  /** Takes counters of the interface that came with the traffic (sFlow): measurements of the node. */
  measure(values: MeasuredValues): void;
  /** Waits for the descriptor, and calls when there is something; the source closes it. */
  watch(fd: number, ready: () => void): void;
  unwatch(fd: number): void;
  /** Said when `watch` calls: that it need not be called for so many milliseconds, whatever arrives. */
  rest(milliseconds: number): void;
  /** The source has come to its end and is closed: `interface eth0 went down`. It is tried again. */
  failed(error: unknown): void;
  /** Takes steps that wait for the kernel, while packets are read. */
  readonly aside: Aside;
  /** Memory of rings that all captures of the host share. */
  readonly rings: RingMemoryShare;
  /** Runs `open` in the node's namespace. */
  inPlace<Result>(open: () => Result): Result;
}

/** New values by dotted path. */
export type MeasuredValues = readonly (readonly [path: string, value: number])[];

export interface RingMemoryShare {
  /** Takes so many bytes out of the host's budget; `false` when they are not there. */
  take(bytes: number): boolean;
  give(bytes: number): void;
  /** Bytes of all of it, and what is taken. */
  readonly most: number;
  readonly taken: number;
}

/** What of an agent's configuration says which kinds of capture there can be. */
export interface SourceHost {
  /** Where the database of Open vSwitch is. */
  readonly ovsdb: string;
}

/** What a host says about a kind of capture before one is made. */
export interface SourceDefinition {
  readonly type: CaptureType;
  /** Why it cannot be had on this host, and what to do; `undefined` where it can. */
  impossible(host: SourceHost): string | undefined;
  /** Why this capture cannot be had so; `undefined` when it can. */
  refuses?(spec: CaptureSpec): string | undefined;
}
