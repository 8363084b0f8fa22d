import type { Inject, InjectionMode, InjectionState, InjectionType } from '../../protocol/injection.js';

type Maybe<T> = T | null | undefined;

/** Packets that somebody wants sent. What is left out is found on the nodes, or has a default. */
export interface InjectionRequest {
  /** A Gremlin string whose first node sends, or the node's id. */
  readonly src?: Maybe<string>;
  readonly srcNode?: Maybe<string>;
  /** Who is to get them: a Gremlin string, or a node's id. */
  readonly dst?: Maybe<string>;
  readonly dstNode?: Maybe<string>;
  readonly type: InjectionType;
  /** Addresses, with or without a prefix length. */
  readonly srcIp?: Maybe<string>;
  readonly dstIp?: Maybe<string>;
  readonly srcMac?: Maybe<string>;
  readonly dstMac?: Maybe<string>;
  readonly srcPort?: Maybe<number>;
  readonly dstPort?: Maybe<number>;
  readonly icmpId?: Maybe<number>;
  readonly count?: Maybe<number>;
  /** Milliseconds. */
  readonly interval?: Maybe<number>;
  readonly mode?: Maybe<InjectionMode>;
  readonly payload?: Maybe<string>;
  readonly incrementPayload?: Maybe<number>;
  readonly ttl?: Maybe<number>;
  readonly pcap?: Maybe<Uint8Array>;
}

/** An injection as it stands. */
export interface Injection extends Omit<Inject, 'kind' | 'intervalMs' | 'pcap'> {
  /** Milliseconds between two packets. */
  readonly interval: number;
  /** Of the flow that the packets become wherever they are captured by MAC and above; `undefined` for a file, and where each packet is another flow. */
  readonly trackingId: string | undefined;
  readonly state: InjectionState;
  readonly sent: number;
  readonly error: string | undefined;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
}
