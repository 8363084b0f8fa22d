import { CanopyError } from '../../common/errors.js';
import { ClassicFormat } from './classic.js';
import { NextGenerationFormat } from './nextGeneration.js';
import { copyBytes } from '../copyBytes.js';
import { PacketBatch, type PacketSink } from '../packetBatch.js';

/** How far a file was read. */
export interface PcapSummary {
  readonly format: 'pcap' | 'pcapng';
  readonly packets: number;
  /** Bytes up to the end of the last whole record. */
  readonly bytesRead: number;
  /** Why reading stopped before the end of the file. */
  readonly problem?: string;
}

/** What a format does with the bytes from `at`: the position behind the last whole record in them. */
export interface PcapFormat {
  readonly name: 'pcap' | 'pcapng';
  packets: number;
  /** Set when the rest cannot be read. */
  problem: string | undefined;
  read(bytes: Uint8Array, at: number, end: number, packets: PacketBatch): number;
}

/** Bytes of a record at most: no capture writes longer ones, and a damaged length must not be waited for. */
export const MAX_RECORD_BYTES = 16 * 1024 * 1024;

/** Bytes that are read in one go: positions in them are 32 bits wide. */
const MOST_AT_ONCE = 2 ** 30;

const MAGIC_LENGTH = 4;

/** Reads a capture file piece by piece, whichever of the formats, byte orders and time units it has. */
export class PcapParser {
  private format: PcapFormat | undefined;
  /** Begin of a record whose rest is still to come. */
  private rest: Uint8Array = new Uint8Array(0);
  private bytesRead = 0;
  private readonly batch: PacketBatch;

  /** Packets keep the times of the file. Their memory is used again after they were handed over. */
  constructor(sink: PacketSink) {
    this.batch = new PacketBatch(sink);
  }

  /** Takes the next bytes. Throws `BAD_INPUT` when they begin no capture file. */
  push(chunk: Uint8Array): void {
    if (chunk.length > MOST_AT_ONCE) {
      for (let at = 0; at < chunk.length; at += MOST_AT_ONCE) this.push(chunk.subarray(at, at + MOST_AT_ONCE));
      return;
    }
    if (this.format?.problem !== undefined) return;
    const bytes = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    if (bytes.length < MAGIC_LENGTH) {
      this.rest = copyBytes(bytes, 0, bytes.length);
      return;
    }
    this.format ??= openFormat(bytes);
    this.batch.begin(bytes);
    const at = this.format.read(bytes, 0, bytes.length, this.batch);
    this.batch.deliver();
    this.bytesRead += at;
    this.rest = copyBytes(bytes, at, bytes.length);
  }

  /** Says how far the file was read. Throws `BAD_INPUT` when it had no header. */
  end(): PcapSummary {
    const { format, bytesRead, rest } = this;
    if (format === undefined) throw new CanopyError('BAD_INPUT', `${rest.length} bytes are no capture file`);
    const cut = rest.length > 0 ? `the file ends within a record, ${rest.length} bytes behind the last whole one` : undefined;
    const problem = format.problem ?? cut;
    return { format: format.name, packets: format.packets, bytesRead, ...(problem !== undefined && { problem }) };
  }
}

function openFormat(bytes: Uint8Array): PcapFormat {
  const magic = new DataView(bytes.buffer, bytes.byteOffset, MAGIC_LENGTH).getUint32(0);
  const format = NextGenerationFormat.open(magic) ?? ClassicFormat.open(magic);
  if (format !== undefined) return format;
  throw new CanopyError(
    'BAD_INPUT',
    `neither pcap nor pcapng: the first bytes are ${Buffer.from(bytes.subarray(0, MAGIC_LENGTH)).toString('hex')}`,
  );
}
