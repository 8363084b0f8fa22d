import type { Inject, InjectionMode, InjectionState, InjectionType } from '../../protocol/injection.js';

type Maybe<T> = T | null | undefined;

/** Packets that somebody wants sent. What is left out is found on the nodes, or has a default. */
export interface InjectionRequest {
  /** A Gremlin string whose nodes send, or the id of one. */
  readonly src?: Maybe<string>;
  readonly srcNode?: Maybe<string>;
  /** Who is to get them: a Gremlin string, or a node's id. */
  readonly dst?: Maybe<string>;
  readonly dstNode?: Maybe<string>;
  readonly type: InjectionType;
  /** An address, with or without a prefix length; or a whole prefix (`10.0.0.0/24`), whose addresses are taken in turn. */
  readonly srcIp?: Maybe<string>;
  /** An address, with or without a prefix length. */
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
  /** Milliseconds after which it ends by itself and is forgotten, whether everything was sent or not. */
  readonly lifetime?: Maybe<number>;
}

/** What one node sends, and how far it is. */
export interface Sending extends Omit<Inject, 'kind' | 'intervalMs' | 'pcap'> {
  /** Its agent. */
  readonly origin: string;
  /** Milliseconds between two packets. */
  readonly interval: number;
  /** Of the flow that the packets become wherever they are captured by MAC and above; `undefined` for a file, and where each packet is another flow. */
  readonly trackingId: string | undefined;
  /** Packets of the capture file that is replayed; `undefined` where packets are made. */
  readonly filePackets?: number | undefined;
  readonly state: InjectionState;
  readonly sent: number;
  readonly error: string | undefined;
}

/** What was asked for, as it was said; for whoever wants to see that again. The Gremlin strings are empty where nodes were named by id, or not at all. */
export interface Asked extends Pick<
  InjectionRequest,
  'srcIp' | 'dstIp' | 'srcMac' | 'dstMac' | 'srcPort' | 'dstPort' | 'payload' | 'icmpId'
> {
  readonly src: string;
  readonly dst: string;
}

/** Keeps of a request what is shown again. */
export function askedIn({ src, dst, srcIp, dstIp, srcMac, dstMac, srcPort, dstPort, payload, icmpId }: InjectionRequest): Asked {
  return { src: src ?? '', dst: dst ?? '', srcIp, dstIp, srcMac, dstMac, srcPort, dstPort, payload, icmpId };
}

/** An injection as it stands: what its first node sends, states and counts of all together, and each of them. */
export interface Injection extends Sending {
  readonly asked: Asked;
  readonly sendings: readonly Sending[];
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** Somebody ended it, which its agents may yet have to hear. */
  readonly isCancelled: boolean;
}

/** What is said of all: what runs, then what failed, then what was ended. */
const STATES: readonly InjectionState[] = ['ACTIVE', 'ERROR', 'CANCELLED', 'DONE'];

/** One injection of what each of its nodes sends. */
export function together(
  given: Pick<Injection, 'id' | 'asked' | 'startedAt' | 'isCancelled'> & { readonly sendings: readonly [Sending, ...Sending[]] },
): Injection {
  const { id, asked, startedAt, isCancelled, sendings } = given;
  return {
    ...sendings[0],
    id,
    asked,
    startedAt,
    isCancelled,
    sendings,
    state: STATES.find((state) => sendings.some((sending) => sending.state === state))!,
    sent: sendings.reduce((sum, { sent }) => sum + sent, 0),
    error: sendings.find(({ error }) => error !== undefined)?.error,
  };
}
