import { CanopyError } from '../../../src/common/errors.js';
import type { FlowRow } from '../../../src/flow/table/flowRow.js';
import type { FlowSink } from '../../../src/flow/table/sink.js';
import { connectDatagrams } from '../../linux/inetSocket.js';
import { raw, sys } from '../../linux/syscall.js';
import { readPeer } from '../ownTraffic.js';

/** Sends flows as NetFlow version 5 (the format is in `../netflow/version5.ts`) instead of to the analyzer (flows.md §4.4). IPv4 only. */

const HEADER_BYTES = 24;
const RECORD_BYTES = 48;
const RECORDS = 20;
/** What is left out of the octets: NetFlow counts packets without their link layer. */
const ETHERNET_BYTES = 14;
const PROTOCOLS: Readonly<Record<string, number>> = { TCP: 6, UDP: 17, SCTP: 132 };
const ICMP = 1;
const MOST = 0xffff_ffff;
const MOST_ENGINES = 255;

/** A sink that packs and sends. Datagrams that cannot be sent are counted: whoever listens may be away. */
export interface FlowExporter extends FlowSink {
  /** Sends what waits. */
  end(): void;
  readonly unsent: number;
  close(): void;
}

/**
 * Throws `BAD_INPUT` for what is no `HOST:PORT`, and what the kernel says. Each exporter of a capture has an engine of its own, from 1 on, since it counts its records
 * itself.
 */
export function openNetflowExporter(target: string, nowMs: number, engine = 1): FlowExporter {
  const peer = readPeer(target);
  if (peer === undefined || peer.port === 0) throw new CanopyError('BAD_INPUT', `the target ${JSON.stringify(target)} is no ADDRESS:PORT`);
  const fd = connectDatagrams(peer.address, peer.port);
  const datagram = Buffer.alloc(HEADER_BYTES + RECORDS * RECORD_BYTES);
  let count = 0;
  let sequence = 0;
  let unsent = 0;

  const send = (): void => {
    if (count === 0) return;
    const now = Date.now();
    datagram.writeUInt16BE(5, 0);
    datagram.writeUInt16BE(count, 2);
    datagram.writeUInt32BE((now - nowMs) % 2 ** 32, 4);
    datagram.writeUInt32BE(Math.floor(now / 1_000), 8);
    datagram.writeUInt32BE((now % 1_000) * 1_000_000, 12);
    datagram.writeUInt32BE(sequence, 16);
    datagram[21] = ((engine - 1) % MOST_ENGINES) + 1;
    sequence = (sequence + count) >>> 0;
    const length = HEADER_BYTES + count * RECORD_BYTES;
    if (raw.send(fd, datagram, length, 0) < 0) unsent += count;
    datagram.fill(0, 0, length);
    count = 0;
  };

  return {
    flow(row: FlowRow): void {
      const flow = row.toFlow();
      const { Network, Transport, LastUpdateMetric: metric, ICMP: icmp, Link } = flow;
      if (Network?.Protocol !== 'IPV4' || metric === undefined) return;
      const at = HEADER_BYTES + count * RECORD_BYTES;
      const packets = metric.ABPackets + metric.BAPackets;
      const overhead = Link === undefined ? 0 : ETHERNET_BYTES * packets;
      writeAddress(datagram, at, Network.A);
      writeAddress(datagram, at + 4, Network.B);
      datagram.writeUInt32BE(Math.min(MOST, packets), at + 16);
      datagram.writeUInt32BE(Math.min(MOST, Math.max(0, metric.ABBytes + metric.BABytes - overhead)), at + 20);
      datagram.writeUInt32BE(Math.max(0, flow.Start - nowMs) % 2 ** 32, at + 24);
      datagram.writeUInt32BE(Math.max(0, flow.Last - nowMs) % 2 ** 32, at + 28);
      datagram.writeUInt16BE(Transport?.A ?? 0, at + 32);
      datagram.writeUInt16BE(Transport?.B ?? 0, at + 34);
      datagram[at + 38] = Transport === undefined ? (icmp === undefined ? 0 : ICMP) : PROTOCOLS[Transport.Protocol]!;
      datagram.fill(255, at + 44, at + 46);
      if (++count === RECORDS) send();
    },
    end: send,
    get unsent() {
      return unsent;
    },
    close() {
      send();
      sys.close(fd);
    },
  };
}

function writeAddress(datagram: Buffer, at: number, address: string): void {
  address.split('.').forEach((part, index) => (datagram[at + index] = Number(part)));
}
