import { CanopyError } from '../../src/common/errors.js';
import { LINK_TYPE } from '../../src/flow/decode/dissect.js';
import { compile, compileFor, PCAP_LIBRARY, type Compiler } from './classicBpf.js';
import { loadLibrary, openLibrary } from './syscall.js';

/** Texts in libpcap's filter language over packets in our own memory, as libpcap reads them over a capture file. */

const MOST_BYTES = 65_535;
const ERROR_BYTES = 256;
/** Header of a file without packets. */
const FILE_HEADER_BYTES = 24;
const MICROSECONDS = 0xa1b2c3d4;
const MAJOR_VERSION = 2;
const MINOR_VERSION = 4;
/** Bytes of a loopback's header. */
const FAMILY_BYTES = 4;

type Native = (...args: unknown[]) => unknown;
interface FileReader extends Compiler {
  readonly openInMemory: Native;
  readonly write: Native;
  readonly rewind: Native;
  readonly closeFile: Native;
  readonly open: Native;
  readonly close: Native;
  readonly run: Native;
}

let loaded: FileReader | undefined;

function fileReader(): FileReader {
  if (loaded !== undefined) return loaded;
  const c = loadLibrary();
  const library = openLibrary(PCAP_LIBRARY);
  return (loaded = {
    openInMemory: c.func('fmemopen', 'void *', ['void *', 'size_t', 'str']),
    write: c.func('fwrite', 'size_t', ['void *', 'size_t', 'size_t', 'void *']),
    rewind: c.func('rewind', 'void', ['void *']),
    closeFile: c.func('fclose', 'int', ['void *']),
    open: library.func('pcap_fopen_offline', 'void *', ['void *', 'void *']),
    close: library.func('pcap_close', 'void', ['void *']),
    compile: library.func('pcap_compile', 'int', ['void *', 'void *', 'str', 'int', 'uint32_t']),
    freeCode: library.func('pcap_freecode', 'void', ['void *']),
    error: library.func('pcap_geterr', 'str', ['void *']),
    run: library.func('bpf_filter', 'uint', ['void *', 'void *', 'uint', 'uint']),
  });
}

/** Whether a packet of a link type, numbered as in capture files, is let through. */
export type PacketFilter = (memory: Buffer, wireLength: number, linkType: number) => boolean;

type Program = (memory: Buffer, wireLength: number) => boolean;

/**
 * What a text says of packets in our own memory; `undefined` for an empty text: everything passes. Throws `BAD_INPUT` with libpcap's message and the place for
 * one that is good nowhere, and `UNAVAILABLE` without libpcap. What makes no sense for a link type, as `inbound` for Ethernet, is thrown by the first packet of
 * that type.
 */
export function packetFilter(text: string): PacketFilter | undefined {
  if (text.trim() === '') return undefined;
  compileFor(LINK_TYPE.ethernet, text, MOST_BYTES);
  const programs = new Map<number, Program>();
  return (memory, wireLength, linkType) => {
    let program = programs.get(linkType);
    if (program === undefined) programs.set(linkType, (program = programFor(linkType, text)));
    return program(memory, wireLength);
  };
}

/** Whether a filter makes no sense for the link type of a packet that it was asked about. */
export const isUnfit = (error: unknown): boolean => error instanceof CanopyError && error.code === 'BAD_INPUT';

function programFor(linkType: number, text: string): Program {
  const { run } = fileReader();
  const over =
    (instructions: Buffer): Program =>
    (memory, wireLength) =>
      run(instructions, memory, wireLength, memory.length) !== 0;
  let little: Program;
  try {
    little = over(compileForFile(linkType, text, true));
  } catch (error) {
    // It is not compiled again for each packet.
    return () => {
      throw error;
    };
  }
  if (linkType !== LINK_TYPE.null) return little;
  // A BSD loopback writes the address family as its machine does, and none needs more than the lower 16 of the 32 bits.
  const big = over(compileForFile(linkType, text, false));
  return (memory, wireLength) =>
    memory.length >= FAMILY_BYTES && memory.readUInt16BE(0) === 0 ? big(memory, wireLength) : little(memory, wireLength);
}

/**
 * Compiles with a handle of a file: with any other, libpcap takes loopbacks for this machine's, and lets `inbound` and the like ask the kernel about packets
 * that are not there.
 */
function compileForFile(linkType: number, text: string, isLittleEndian: boolean): Buffer {
  const library = fileReader();
  const message = Buffer.alloc(ERROR_BYTES);
  const file = library.openInMemory(null, FILE_HEADER_BYTES, 'w+');
  if (file === null) throw new CanopyError('UNAVAILABLE', 'no memory for a filter');
  library.write(fileHeader(linkType, isLittleEndian), 1, FILE_HEADER_BYTES, file);
  library.rewind(file);
  const handle = library.open(file, message);
  if (handle === null) {
    library.closeFile(file);
    throw new CanopyError('BAD_INPUT', `libpcap does not know the link type ${linkType}`);
  }
  try {
    return compile(library, handle, text);
  } finally {
    // With the file.
    library.close(handle);
  }
}

function fileHeader(linkType: number, isLittleEndian: boolean): Uint8Array {
  const view = new DataView(new ArrayBuffer(FILE_HEADER_BYTES));
  view.setUint32(0, MICROSECONDS, isLittleEndian);
  view.setUint16(4, MAJOR_VERSION, isLittleEndian);
  view.setUint16(6, MINOR_VERSION, isLittleEndian);
  view.setUint32(16, MOST_BYTES, isLittleEndian);
  view.setUint32(20, linkType, isLittleEndian);
  return new Uint8Array(view.buffer);
}
