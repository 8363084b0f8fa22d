import { Slice } from '../decode/slice.js';
import type { IcmpType, TransportProtocol } from '../flow.js';

/**
 * A flow that was counted elsewhere, from its first packet's point of view. Addresses are text, ids follow Skydive's field-based keys:
 * they are not those of the same packets captured here.
 */
export interface ExternalFlow {
  readonly layersPath: string;
  readonly application: string;
  readonly link?: { readonly a: string; readonly b: string; readonly id: number };
  readonly network?: { readonly protocol: 'IPV4' | 'IPV6'; readonly a: string; readonly b: string; readonly id: number };
  readonly transport?: { readonly protocol: TransportProtocol; readonly a: number; readonly b: number; readonly id: number };
  readonly icmp?: { readonly type: IcmpType; readonly code: number; readonly id: number };
  /** `add`: counters since the last call. `replace`: counters of the whole flow. */
  readonly counters: 'add' | 'replace';
  readonly abPackets: number;
  readonly abBytes: number;
  readonly baPackets: number;
  readonly baBytes: number;
  /** Milliseconds since the epoch. */
  readonly start: number;
  readonly last: number;
  /** Milliseconds since the epoch of the first SYN and the last FIN and RST of each end; 0 when not seen. Left out: no TCP metric. */
  readonly tcp?: Readonly<ExternalTcp>;
}

export interface ExternalTcp {
  abSyn: number;
  baSyn: number;
  abFin: number;
  baFin: number;
  abRst: number;
  baRst: number;
}

/**
 * How a flow stands that was counted elsewhere and is known already: the numbers of its key instead of texts, and the counters of the
 * whole flow. One object serves all flows of a source, because a hundred thousand are told of each second.
 */
export class Recount {
  /** Only what is in the key: MACs, network, addresses, transport, ports, ICMP. */
  readonly slice = new Slice();
  abPackets = 0;
  abBytes = 0;
  baPackets = 0;
  baBytes = 0;
  /** Milliseconds since the epoch. */
  last = 0;
  /** Whether `tcp` says something. */
  hasTcp = false;
  readonly tcp: ExternalTcp = { abSyn: 0, baSyn: 0, abFin: 0, baFin: 0, abRst: 0, baRst: 0 };
}
