import { CanopyError } from '../../src/common/errors.js';
import { openLibrary, memoryAt } from './syscall.js';
import { compileWith, PCAP_LIBRARY } from './classicBpf.js';

/** A live capture by libpcap itself, through FFI: nothing is compiled at installation, and it works in threads that wait in the kernel (pcap(3PCAP)). */

type Native = (...args: unknown[]) => unknown;

const ERROR_BYTES = 256;
/** Milliseconds after which libpcap hands over what it has. */
const TIMEOUT = 100;
/** `struct pcap_pkthdr` on 64-bit machines: two longs of time, then the captured and the original length. */
const HEADER = { seconds: 0, microseconds: 8, captured: 16, length: 20, bytes: 24 } as const;
const STATS_BYTES = 12;

export interface LivePacket {
  readonly bytes: Uint8Array;
  readonly wireLength: number;
  readonly timeMs: number;
  readonly nanos: number;
}

export interface LiveHandle {
  /** Readable when there are packets. */
  readonly fd: number;
  readonly linkType: number;
  /** The next packet; `undefined` when none waits; a text when the capture has come to its end. The bytes are good until the next call. */
  next(): LivePacket | string | undefined;
  /** Since it was opened. */
  counts(): { readonly dropped: number; readonly ifDropped: number };
  close(): void;
}

/** Throws `BAD_INPUT` for a bad filter, `UNAVAILABLE` when the interface cannot be opened in the thread's namespace. */
export function openLive(interfaceName: string, snapLength: number, filter: string): LiveHandle {
  const library = openLibrary(PCAP_LIBRARY);
  const call = (name: string, result: string, parameters: readonly string[]): Native => library.func(name, result, [...parameters]);
  const close = call('pcap_close', 'void', ['void *']);
  const error = call('pcap_geterr', 'str', ['void *']);
  const message = Buffer.alloc(ERROR_BYTES);
  const handle = call('pcap_create', 'void *', ['str', 'void *'])(interfaceName, message);
  if (handle === null) throw new CanopyError('UNAVAILABLE', `libpcap cannot open ${interfaceName}`);
  const demand = (status: unknown): void => {
    if ((status as number) < 0)
      throw new CanopyError('UNAVAILABLE', `libpcap on ${interfaceName}: ${String(error(handle))}`, { retriable: true });
  };
  try {
    for (const [name, value] of [
      ['pcap_set_snaplen', snapLength],
      ['pcap_set_promisc', 1],
      ['pcap_set_timeout', TIMEOUT],
    ] as const)
      demand(call(name, 'int', ['void *', 'int'])(handle, value));
    demand(call('pcap_activate', 'int', ['void *'])(handle));
    demand(call('pcap_setnonblock', 'int', ['void *', 'int', 'void *'])(handle, 1, message));
    if (filter.trim() !== '') {
      const compile = call('pcap_compile', 'int', ['void *', 'void *', 'str', 'int', 'uint32_t']);
      const freeCode = call('pcap_freecode', 'void', ['void *']);
      const program = compileWith({ compile, freeCode, error }, handle, filter, `libpcap on ${interfaceName}`);
      const isSet = call('pcap_setfilter', 'int', ['void *', 'void *'])(handle, program);
      freeCode(program);
      demand(isSet);
    }
  } catch (failure) {
    close(handle);
    throw failure;
  }
  const nextPacket = call('pcap_next_ex', 'int', ['void *', 'void *', 'void *']);
  const readStats = call('pcap_stats', 'int', ['void *', 'void *']);
  const headerAt = Buffer.alloc(8);
  const bytesAt = Buffer.alloc(8);
  const stats = Buffer.alloc(STATS_BYTES);
  return {
    fd: call('pcap_get_selectable_fd', 'int', ['void *'])(handle) as number,
    linkType: call('pcap_datalink', 'int', ['void *'])(handle) as number,
    next() {
      const answer = nextPacket(handle, headerAt, bytesAt) as number;
      if (answer === 0) return undefined;
      if (answer < 0) return `libpcap on ${interfaceName}: ${String(error(handle))}`;
      const header = new DataView(memoryAt(Number(headerAt.readBigUInt64LE()), HEADER.bytes));
      const microseconds = header.getUint32(HEADER.microseconds, true);
      const milliseconds = Math.floor(microseconds / 1_000);
      return {
        bytes: new Uint8Array(memoryAt(Number(bytesAt.readBigUInt64LE()), header.getUint32(HEADER.captured, true))),
        wireLength: header.getUint32(HEADER.length, true),
        timeMs: Number(header.getBigUint64(HEADER.seconds, true)) * 1_000 + milliseconds,
        nanos: (microseconds - milliseconds * 1_000) * 1_000,
      };
    },
    counts() {
      readStats(handle, stats);
      return { dropped: stats.readUInt32LE(4), ifDropped: stats.readUInt32LE(8) };
    },
    close: () => void close(handle),
  };
}
