import type { IpMetric, RawPacket, TcpMetric } from '../flow.js';
import type { Dhcpv4Layer } from '../layers/dhcpv4.js';
import type { DnsLayer } from '../layers/dns.js';
import type { Vrrpv2Layer } from '../layers/vrrpv2.js';
import type { TcpStream } from './reassembly.js';

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

/** What only some flows have, and only in captures that ask for it. */
export interface FlowExtras {
  dns?: DnsLayer | undefined;
  /** What it takes of the table's budget. */
  dnsBytes?: number;
  dhcpv4?: Dhcpv4Layer;
  vrrpv2?: Vrrpv2Layer;
  tcp?: TcpCounters;
  ip?: Writable<IpMetric>;
  /** Kept since the last update. */
  raw?: RawPacket[];
  /** TCP's two directions, while they are followed. */
  abStream?: TcpStream;
  baStream?: TcpStream;
}

export type TcpCounters = Writable<TcpMetric> & { ABSynTTL: number; BASynTTL: number };

export const newTcpCounters = (): TcpCounters => ({
  ABSynStart: 0,
  BASynStart: 0,
  ABSynTTL: 0,
  BASynTTL: 0,
  ABFinStart: 0,
  BAFinStart: 0,
  ABRstStart: 0,
  BARstStart: 0,
  ABSegmentOutOfOrder: 0,
  ABSegmentSkipped: 0,
  ABSegmentSkippedBytes: 0,
  ABPackets: 0,
  ABBytes: 0,
  ABSawStart: 0,
  ABSawEnd: 0,
  BASegmentOutOfOrder: 0,
  BASegmentSkipped: 0,
  BASegmentSkippedBytes: 0,
  BAPackets: 0,
  BABytes: 0,
  BASawStart: 0,
  BASawEnd: 0,
});

/** The counters as they are sent: TTLs that are not known are left out. */
export function tcpMetric(counters: TcpCounters): TcpMetric {
  const { ABSynTTL, BASynTTL, ...rest } = counters;
  return { ...rest, ...(ABSynTTL !== 0 && { ABSynTTL }), ...(BASynTTL !== 0 && { BASynTTL }) };
}
