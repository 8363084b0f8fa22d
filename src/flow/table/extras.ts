import type { IpMetric, RawPacket } from '../flow.js';
import type { Dhcpv4Layer } from '../layers/dhcpv4.js';
import type { DnsLayer } from '../layers/dns.js';
import type { Vrrpv2Layer } from '../layers/vrrpv2.js';
import type { TcpStream } from './reassembly.js';
import { SLAB } from './slab.js';

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

/** What only some flows have, and only in captures that ask for it. */
export interface FlowExtras {
  dns?: DnsLayer | undefined;
  /** What it takes of the table's budget. */
  dnsBytes?: number;
  dhcpv4?: Dhcpv4Layer;
  vrrpv2?: Vrrpv2Layer;
  ip?: Writable<IpMetric>;
  /** Kept since the last update. */
  raw?: RawPacket[];
  /** TCP's two directions, while they are followed. */
  abStream?: TcpStream;
  baStream?: TcpStream;
}

/** Extras by row, in pieces: one map of a million would be copied in one go when it grows. */
export class ExtrasOfRows {
  private readonly pieces: (FlowExtras | undefined)[][] = [];

  get(row: number): FlowExtras | undefined {
    return this.pieces[row >> SLAB.bits]?.[row & SLAB.mask];
  }

  set(row: number, extras: FlowExtras | undefined): void {
    while (this.pieces.length <= row >> SLAB.bits) this.pieces.push([]);
    this.pieces[row >> SLAB.bits]![row & SLAB.mask] = extras;
  }

  /** Takes all away, and answers them. */
  takeAll(): FlowExtras[] {
    return this.pieces.splice(0).flatMap((piece) => piece.filter((extras) => extras !== undefined));
  }
}
