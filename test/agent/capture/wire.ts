import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Flow } from '../../../src/flow/flow.js';
import type { PacketSink } from '../../../src/flow/packetBatch.js';
import { readPcap } from '../../../src/flow/pcap/readPcap.js';
import { eventually, type Lab } from '../lab.js';
import { flush, table } from '../../flow/tables.js';
import type { HeardPacket } from './pump.js';

/** Two namespaces and a pair of links between them, on which the kernel says nothing by itself but ARP. */
export class Wire {
  readonly ends = { left: 'capl', right: 'capr' } as const;
  readonly addresses = { left: '198.51.100.1', right: '198.51.100.2' } as const;
  private readonly children: ChildProcess[] = [];

  /** Resolves when frames can be sent. */
  static async open(lab: Lab): Promise<Wire> {
    const wire = new Wire(lab);
    const { ends, addresses } = wire;
    for (const side of ['left', 'right']) lab.addNamespace(side);
    await lab.addQuietPair(ends.left, ends.right);
    for (const side of ['left', 'right'] as const) {
      lab.silence(side, 'lo');
      lab.ipIn(side, 'link set lo up');
      lab.ipIn(side, `addr add ${addresses[side]}/24 dev ${ends[side]}`);
    }
    return wire;
  }

  private constructor(readonly lab: Lab) {}

  /** Runs a program in a namespace to its end. Answers what it said. */
  run(side: 'left' | 'right', ...command: string[]): string {
    return execFileSync('nsenter', [`--net=${this.lab.path(side)}`, ...command], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  }

  /** Starts a program in a namespace; it ends with `close`. */
  start(side: 'left' | 'right', ...command: string[]): ChildProcess {
    const child = spawn('nsenter', [`--net=${this.lab.path(side)}`, ...command], { stdio: ['ignore', 'ignore', 'pipe'] });
    this.children.push(child);
    return child;
  }

  /** Waits until somebody listens on a port. */
  async listens(side: 'left' | 'right', protocol: 'tcp' | 'udp', port: number): Promise<void> {
    const hex = port.toString(16).toUpperCase().padStart(4, '0');
    // In /proc/net: the local address with the port, then the remote one with port 0.
    await eventually(
      () => this.run(side, 'cat', `/proc/net/${protocol}`, `/proc/net/${protocol}6`),
      (sockets) => new RegExp(`:${hex} [0-9A-F]+:0000 `).test(sockets),
    );
  }

  /** Turns what the network card does for the kernel on or off: joining what comes in, splitting what goes out. */
  offloads(side: 'left' | 'right', { joins, splits }: { joins: boolean; splits: boolean }): void {
    const word = (isOn: boolean): string => (isOn ? 'on' : 'off');
    const settings = ['gro', word(joins), 'tso', word(splits), 'gso', word(splits), 'tx', word(splits)];
    this.run(side, 'ethtool', '-K', this.ends[side], ...settings);
  }

  /** Frames that an interface took in and gave out since it was made, as its driver counts them. */
  frames(side: 'left' | 'right', link: string): { in: number; out: number } {
    const [{ stats64 }] = JSON.parse(this.run(side, 'ip', '-j', '-s', 'link', 'show', 'dev', link)) as [
      { stats64: { rx: { packets: number }; tx: { packets: number } } },
    ];
    return { in: stats64.rx.packets, out: stats64.tx.packets };
  }

  async close(): Promise<void> {
    for (const child of this.children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    }
    await this.lab.close();
  }
}

/** What tcpdump sees of the same interface at the same time. */
export class Witness {
  private constructor(readonly file: string) {}

  /** Resolves when it listens. */
  static async open(wire: Wire, side: 'left' | 'right', link: string, snapLength = 256, filter = ''): Promise<Witness> {
    const file = join(wire.lab.folder, `${side}-${link}.pcap`);
    wire.start(
      side,
      'tcpdump',
      '-i',
      link,
      '-U',
      '--immediate-mode',
      '-Z',
      'root',
      '-s',
      String(snapLength),
      '-w',
      file,
      ...(filter === '' ? [] : [filter]),
    );
    // It writes the file's header once its socket is open and bound.
    await eventually(
      () => existsSync(file) && readFileSync(file),
      (bytes) => bytes !== false && bytes.length >= 24,
    );
    return new Witness(file);
  }

  /** Frames that it has written so far. */
  frames(): number {
    let count = 0;
    this.readInto({ packet: () => void count++ });
    return count;
  }

  /** What it has written of each frame. */
  bytes(): Buffer[] {
    const all: Buffer[] = [];
    this.readInto({ packet: (bytes, offset, captured) => void all.push(Buffer.from(bytes.subarray(offset, offset + captured))) });
    return all;
  }

  /** The flows that its frames make. */
  flows(): Flow[] {
    const counted = table();
    this.readInto(counted);
    return flush(counted);
  }

  private readInto(sink: PacketSink): void {
    readPcap(readFileSync(this.file), sink);
  }
}

/** The flows that heard packets make. */
export function flowsOfPackets(packets: readonly HeardPacket[]): Flow[] {
  const counted = table();
  for (const { bytes, wireLength, timeMs, nanos, linkType, vlanTag, segments } of packets)
    counted.packet(bytes, 0, bytes.length, wireLength, timeMs, nanos, linkType, vlanTag, segments);
  return flush(counted);
}

/** What two captures of one interface must agree on, in an order of its own. */
export const conversations = (flows: readonly Flow[]): unknown[] =>
  flows
    .map(({ LayersPath, TrackingID, L3TrackingID, Link, Network, Transport, ICMP, Metric, FinishType }) => {
      const { ABPackets, ABBytes, BAPackets, BABytes } = Metric!;
      const counted = { ABPackets, ABBytes, BAPackets, BABytes };
      return { LayersPath, TrackingID, L3TrackingID, Link, Network, Transport, ICMP, counted, FinishType };
    })
    .sort((a, b) => (a.TrackingID! < b.TrackingID! ? -1 : 1));
