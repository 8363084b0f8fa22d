import { createRequire } from 'node:module';
import type * as Koffi from 'koffi';
import { CanopyError } from '../../common/errors.js';
import { filterPlace, inWords } from '../../common/filterPlace.js';
import type { RawPacket } from '../../flow/flow.js';

/** Filters of libpcap over packets that were kept, and over texts before agents get them (pcap-filter(7)). Agents compile for themselves. */

const LIBRARY = 'libpcap.so.0.8';
/** Bytes of a packet that a filter may look at. */
const SNAP_LENGTH = 65_535;
/** `PCAP_NETMASK_UNKNOWN`. */
const NO_NETMASK = 0xffff_ffff;
/** Bytes of `struct bpf_program`: a length, and a pointer at 8. */
const PROGRAM_BYTES = 16;
const ETHERNET = 1;

type Native = (...args: unknown[]) => unknown;
interface Pcap {
  readonly openDead: Native;
  readonly compile: Native;
  readonly freeCode: Native;
  readonly error: Native;
  readonly close: Native;
  readonly run: Native;
}

let loaded: Pcap | undefined;

function pcap(): Pcap {
  if (loaded !== undefined) return loaded;
  try {
    const koffi = createRequire(import.meta.url)('koffi') as typeof Koffi;
    const library = koffi.load(LIBRARY);
    return (loaded = {
      openDead: library.func('pcap_open_dead', 'void *', ['int', 'int']),
      compile: library.func('pcap_compile', 'int', ['void *', 'void *', 'str', 'int', 'uint32_t']),
      freeCode: library.func('pcap_freecode', 'void', ['void *']),
      error: library.func('pcap_geterr', 'str', ['void *']),
      close: library.func('pcap_close', 'void', ['void *']),
      run: library.func('bpf_filter', 'uint', ['void *', 'void *', 'uint', 'uint']),
    });
  } catch (cause) {
    throw new CanopyError('UNAVAILABLE', `filters need ${LIBRARY} on the analyzer; install libpcap0.8 (Debian, Ubuntu) or libpcap`, {
      cause,
    });
  }
}

/** Throws `BAD_INPUT` with libpcap's words and the place for a text that is no filter. Where libpcap is missing only agents can say. */
export function checkFilter(text: string, field: string): void {
  if (text === '') return;
  try {
    withFilter(text, ETHERNET, () => undefined);
  } catch (error) {
    if (!(error instanceof CanopyError) || error.code !== 'BAD_INPUT') return;
    throw new CanopyError('BAD_INPUT', `${field}: ${error.message}`, { details: { field, value: text, ...error.details } });
  }
}

/** The packets that the filter lets through, each by its own link type. */
export function filterPackets(packets: readonly RawPacket[], text: string): readonly RawPacket[] {
  const passed = new Set<RawPacket>();
  const byLinkType = new Map<number, RawPacket[]>();
  for (const packet of packets) byLinkType.set(packet.LinkType, [...(byLinkType.get(packet.LinkType) ?? []), packet]);
  if (byLinkType.size === 0) withFilter(text, ETHERNET, () => undefined);
  for (const [linkType, same] of byLinkType) {
    withFilter(text, linkType, (matches) => {
      for (const packet of same) if (matches(packet.Data, packet.WireLength)) passed.add(packet);
    });
  }
  return packets.filter((packet) => passed.has(packet));
}

function withFilter(text: string, linkType: number, use: (matches: (packet: Uint8Array, wireLength: number) => boolean) => void): void {
  const { openDead, compile, freeCode, error, close, run } = pcap();
  const handle = openDead(linkType, SNAP_LENGTH);
  try {
    const program = Buffer.alloc(PROGRAM_BYTES);
    const compiled = (some: string): boolean => (compile(handle, program, some, 1, NO_NETMASK) as number) === 0;
    if (!compiled(text)) {
      const message = String(error(handle));
      const place = filterPlace(text, message, (some) => {
        if (!compiled(some)) return String(error(handle));
        freeCode(program);
        return undefined;
      });
      throw new CanopyError('BAD_INPUT', `'${text}' is no filter: ${message}${inWords(place)}`, { details: { filter: text, ...place } });
    }
    try {
      const instructions = program.readBigUInt64LE(8);
      use((packet, wireLength) => (run(instructions, packet, wireLength, packet.length) as number) !== 0);
    } finally {
      freeCode(program);
    }
  } finally {
    close(handle);
  }
}
