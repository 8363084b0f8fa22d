import { constants } from 'node:os';
import { PcapParser } from '../../../src/flow/pcap/pcapParser.js';
import { LINUX } from '../../linux/abi.js';
import { acceptConnection, openListener, type OpenSocket } from '../../linux/inetSocket.js';
import { isUnfit, packetFilter, type PacketFilter } from '../../linux/packetFilter.js';
import { raw, sys } from '../../linux/syscall.js';
import type { OpenSource, SourceContext, SourceCounts, SourceFacts } from '../source.js';

/** Connections to one capture at once. */
const MOST_CONNECTIONS = 32;
/** Bytes of one receive, and receives before others have their turn. */
const RECEIVE_BYTES = 64 * 1024;
const RECEIVES_AT_ONCE = 16;
/** Bytes of a stream that wait for their time; then the sender has to wait. */
const MOST_WAITING = 1024 * 1024;

/** Milliseconds: longer pauses between two packets are left out, or a file of a day would keep its sender waiting for one. */
const LONGEST_PAUSE = 60_000;

/** Awaits streams of packets on a port of its own, on the agent's own namespace. */
export const openPcapsocket = (context: SourceContext): OpenSource => new PcapSocketSource(context);

/** A packet that waits for its time. */
interface WaitingPacket {
  readonly bytes: Uint8Array;
  readonly wireLength: number;
  readonly timeMs: number;
  readonly nanos: number;
  readonly linkType: number;
}

/** One sender. */
class Connection {
  readonly waiting: WaitingPacket[] = [];
  waitingBytes = 0;
  /** Milliseconds from the times in the stream to ours: the first packet is now, and the pauses between packets stay as they were. */
  shift: number | undefined;
  isAtEnd = false;
  /** It is not read until its packets' time has come. */
  isHeld = false;
  isClosed = false;
  private readonly parser = new PcapParser({
    packet: (bytes, offset, captured, wireLength, timeMs, nanos, linkType) => {
      this.waiting.push({ bytes: bytes.slice(offset, offset + captured), wireLength, timeMs, nanos, linkType });
      this.waitingBytes += captured;
    },
  });

  constructor(readonly fd: number) {}

  /** Takes the next piece. Answers `false` when it is none of a capture file. */
  give(piece: Buffer): boolean {
    try {
      // The parser may keep a part, and the buffer is used again.
      this.parser.push(Buffer.from(piece));
      return true;
    } catch {
      return false;
    }
  }

  /** Whether everything that came was read. */
  wasWhole(): boolean {
    try {
      return this.parser.end().problem === undefined;
    } catch {
      return false;
    }
  }
}

class PcapSocketSource implements OpenSource {
  private readonly listener: OpenSocket;
  private readonly connections = new Map<number, Connection>();
  private readonly buffer = Buffer.allocUnsafeSlow(RECEIVE_BYTES);
  private readonly filter: PacketFilter | undefined;
  private received = 0;
  private damaged = 0;
  private refused = 0;
  private unfit = 0;

  constructor(private readonly context: SourceContext) {
    const { address, ports } = context.settings.pcapSocket;
    const { port } = context.spec;
    // A bad filter is told of before anybody connects.
    this.filter = packetFilter(context.spec.bpf);
    this.listener = openListener(address, port === 0 ? ports : [port, port]);
    context.watch(this.listener.fd, () => this.accept());
  }

  private accept(): void {
    for (let fd = acceptConnection(this.listener.fd); fd !== undefined; fd = acceptConnection(this.listener.fd)) {
      if (this.connections.size >= MOST_CONNECTIONS) {
        this.refused++;
        sys.close(fd);
        continue;
      }
      const connection = new Connection(fd);
      this.connections.set(fd, connection);
      this.listen(connection);
    }
  }

  private listen(connection: Connection): void {
    connection.isHeld = false;
    this.context.watch(connection.fd, () => this.receive(connection));
  }

  private receive(connection: Connection): void {
    const { fd } = connection;
    for (let turn = 0; turn < RECEIVES_AT_ONCE && !connection.isAtEnd && !connection.isClosed; turn++) {
      if (connection.waitingBytes > MOST_WAITING) {
        connection.isHeld = true;
        return this.context.unwatch(fd);
      }
      const length = raw.recv(fd, this.buffer, this.buffer.length, LINUX.MSG_DONTWAIT);
      if (length === -constants.errno.EAGAIN) return;
      if (length <= 0) this.ends(connection);
      else if (!connection.give(this.buffer.subarray(0, length))) {
        this.damaged++;
        return this.drop(connection);
      }
      this.deliver(connection, Date.now());
    }
  }

  /** Nothing more comes in; what is there still has its time. */
  private ends(connection: Connection): void {
    connection.isAtEnd = true;
    this.context.unwatch(connection.fd);
    if (!connection.wasWhole()) this.damaged++;
  }

  /** Hands over the packets whose time has come. */
  private deliver(connection: Connection, nowMs: number): void {
    const { waiting } = connection;
    let delivered = 0;
    for (const { bytes, wireLength, timeMs, nanos, linkType } of waiting) {
      connection.shift ??= nowMs - timeMs;
      if (timeMs + connection.shift > nowMs + LONGEST_PAUSE) connection.shift = nowMs - timeMs;
      if (timeMs + connection.shift > nowMs) break;
      delivered++;
      connection.waitingBytes -= bytes.length;
      try {
        if (!this.passes(linkType, bytes, wireLength)) continue;
      } catch (error) {
        if (!isUnfit(error)) throw error;
        this.unfit++;
        return this.drop(connection);
      }
      this.received++;
      this.context.packets.packet(bytes, 0, bytes.length, wireLength, timeMs + connection.shift, nanos, linkType, 0, 1);
    }
    waiting.splice(0, delivered);
    if (connection.isAtEnd && waiting.length === 0) this.drop(connection);
    else if (connection.isHeld && connection.waitingBytes <= MOST_WAITING) this.listen(connection);
  }

  private passes(linkType: number, bytes: Uint8Array, wireLength: number): boolean {
    return this.filter?.(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), wireLength, linkType) ?? true;
  }

  private drop(connection: Connection): void {
    if (connection.isClosed) return;
    connection.isClosed = true;
    this.context.unwatch(connection.fd);
    this.connections.delete(connection.fd);
    sys.close(connection.fd);
  }

  tick(nowMs: number): void {
    for (const connection of [...this.connections.values()]) this.deliver(connection, nowMs);
  }

  counts(): SourceCounts {
    const drops = {
      ...(this.damaged > 0 ? { damagedStreams: this.damaged } : {}),
      ...(this.refused > 0 ? { tooManyConnections: this.refused } : {}),
      // Streams of a link type for which the filter makes no sense.
      ...(this.unfit > 0 ? { unfitStreams: this.unfit } : {}),
    };
    return { received: this.received, dropped: 0, ifDropped: 0, drops };
  }

  facts(): SourceFacts {
    const { address } = this.context.settings.pcapSocket;
    return { pcapSocket: `${address}:${this.listener.port}`, facts: { connections: this.connections.size } };
  }

  close(): void {
    for (const connection of [...this.connections.values()]) this.drop(connection);
    this.context.unwatch(this.listener.fd);
    sys.close(this.listener.fd);
  }
}
