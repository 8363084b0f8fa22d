import type * as Koffi from 'koffi';
import { CanopyError } from '../../src/common/errors.js';
import { filterPlace, inWords } from '../../src/common/filterPlace.js';
import { interfaceNow, linkTypeOf, LINK_TYPE } from './interface.js';
import { PACKET_SIZE } from './packetAbi.js';
import { memoryAt, openLibrary } from './syscall.js';

/** Texts in libpcap's filter language (pcap-filter(7)) to instructions of classic BPF, through libpcap itself, which is loaded with the first text. */

/** By its name on Linux; the version is that of its functions. */
export const PCAP_LIBRARY = 'libpcap.so.0.8';
const INSTALL = 'install libpcap0.8 (Debian, Ubuntu) or libpcap (Fedora, Alpine)';
/** BPF_RET | BPF_K. */
const RETURN_CONSTANT = 0x06;
const ERROR_BYTES = 256;
/** `PCAP_NETMASK_UNKNOWN`. */
const NO_NETMASK = 0xffff_ffff;
/** Bytes: the handle that a text is compiled on never captures. */
const LEAST_BUFFER = 64 * 1024;
/** Bytes of `struct bpf_program`: a length, and a pointer at 8. */
const PROGRAM_BYTES = 16;
/** `DLT_LINUX_SLL`: libpcap would read frames with a header of its own making, so its offsets are not those of our frames. */
const COOKED = 113;
/** `DLT_RAW` on Linux: the only link type whose number in memory is another than in files, where it is 101. */
const RAW = 12;

type Native = (...args: unknown[]) => unknown;
interface Pcap {
  readonly create: Native;
  readonly setSnapLength: Native;
  readonly setBufferSize: Native;
  readonly activate: Native;
  readonly openDead: Native;
  readonly compile: Native;
  readonly freeCode: Native;
  readonly linkType: Native;
  readonly error: Native;
  readonly close: Native;
  readonly statusText: Native;
}

/** `pcap_compile`, `pcap_freecode` and `pcap_geterr`. */
export type Compiler = Pick<Pcap, 'compile' | 'freeCode' | 'error'>;

let loaded: Pcap | undefined;

/** libpcap, loaded once. Throws `UNAVAILABLE` with the package to install. */
function pcap(): Pcap {
  if (loaded !== undefined) return loaded;
  let library: ReturnType<typeof Koffi.load>;
  try {
    library = openLibrary(PCAP_LIBRARY);
  } catch (error) {
    throw new CanopyError('UNAVAILABLE', `a filter needs ${PCAP_LIBRARY}, which is not there; ${INSTALL}`, { cause: error });
  }
  return (loaded = {
    create: library.func('pcap_create', 'void *', ['str', 'void *']),
    setSnapLength: library.func('pcap_set_snaplen', 'int', ['void *', 'int']),
    setBufferSize: library.func('pcap_set_buffer_size', 'int', ['void *', 'int']),
    activate: library.func('pcap_activate', 'int', ['void *']),
    openDead: library.func('pcap_open_dead', 'void *', ['int', 'int']),
    compile: library.func('pcap_compile', 'int', ['void *', 'void *', 'str', 'int', 'uint32_t']),
    freeCode: library.func('pcap_freecode', 'void', ['void *']),
    linkType: library.func('pcap_datalink', 'int', ['void *']),
    error: library.func('pcap_geterr', 'str', ['void *']),
    close: library.func('pcap_close', 'void', ['void *']),
    statusText: library.func('pcap_statustostr', 'str', ['int']),
  });
}

/** Why there are no filters on this host; `undefined` where there are. */
export function whyNoFilters(): string | undefined {
  try {
    pcap();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** The program that keeps so many bytes of every packet. */
export function keepEverything(snapLength: number): Buffer {
  const instruction = Buffer.alloc(PACKET_SIZE['struct sock_filter']);
  instruction.writeUInt16LE(RETURN_CONSTANT, 0);
  instruction.writeUInt32LE(snapLength, 4);
  return instruction;
}

/**
 * Compiles a text for live packets of an interface, in whose namespace the thread has to be: only a live handle knows that the kernel takes VLAN
 * tags out of frames. Throws `BAD_INPUT` with libpcap's message and the place, `UNAVAILABLE` without libpcap or when the interface cannot be opened.
 */
export function compileLive(text: string, interfaceName: string, snapLength: number): Buffer {
  if (text.trim() === '') return keepEverything(snapLength);
  const library = pcap();
  const message = Buffer.alloc(ERROR_BYTES);
  const handle = library.create(interfaceName, message);
  if (handle === null) throw new CanopyError('UNAVAILABLE', `libpcap: ${textIn(message)}`);
  try {
    library.setSnapLength(handle, snapLength);
    library.setBufferSize(handle, LEAST_BUFFER);
    const status = library.activate(handle) as number;
    // Positive: a warning only.
    if (status < 0) {
      const reason = [library.statusText(status), library.error(handle)].filter((part) => part !== '').join(': ');
      throw new CanopyError('UNAVAILABLE', `libpcap cannot open ${interfaceName}: ${reason}`, { retriable: true });
    }
    if (library.linkType(handle) !== COOKED) return compile(library, handle, text);
    // Of some tunnels: ours begin with IP.
    return compileFor(linkTypeOf(interfaceNow(interfaceName).hardwareType), text, snapLength);
  } finally {
    library.close(handle);
  }
}

/** Compiles a text for packets of a link type as the kernel has them, or to see whether it is good. Throws as `compileLive`. */
export function compileFor(linkType: number, text: string, snapLength: number): Buffer {
  if (text.trim() === '') return keepEverything(snapLength);
  const library = pcap();
  const handle = library.openDead(linkType === LINK_TYPE.raw ? RAW : linkType, snapLength);
  if (handle === null) throw new CanopyError('BAD_INPUT', `libpcap does not know the link type ${linkType}`);
  try {
    return compile(library, handle, text);
  } finally {
    library.close(handle);
  }
}

/**
 * Compiles a text with a handle of libpcap into a `struct bpf_program`, which is the caller's to free. Throws `BAD_INPUT` with libpcap's message, `about` before
 * it, and the place.
 */
export function compileWith({ compile, freeCode, error }: Compiler, handle: unknown, text: string, about: string): Buffer {
  const program = Buffer.alloc(PROGRAM_BYTES);
  const refusal = (some: string): string | undefined =>
    (compile(handle, program, some, 1, NO_NETMASK) as number) < 0 ? (error(handle) as string) : undefined;
  const message = refusal(text);
  if (message === undefined) return program;
  const place = filterPlace(text, message, (some) => {
    const words = refusal(some);
    if (words === undefined) freeCode(program);
    return words;
  });
  throw new CanopyError('BAD_INPUT', `${about}: ${message}${inWords(place)}`, { details: { filter: text, ...place } });
}

/** The instructions of a text, compiled with a handle of libpcap. Throws as `compileWith`. */
export function compile(library: Compiler, handle: unknown, text: string): Buffer {
  const program = compileWith(library, handle, text, `the filter ${JSON.stringify(text)} is not good`);
  const bytes = program.readUInt32LE(0) * PACKET_SIZE['struct sock_filter'];
  const instructions = Buffer.from(new Uint8Array(memoryAt(Number(program.readBigUInt64LE(8)), bytes)));
  library.freeCode(program);
  return instructions;
}

const textIn = (memory: Buffer): string => memory.toString('utf8', 0, Math.max(0, memory.indexOf(0)));
