import { PACKET } from './packetAbi.js';
import { memoryAt, sys } from './syscall.js';

/** Memory that is shared with the kernel: a ring, or a map of its virtual machine. */
export interface MappedMemory {
  readonly address: number;
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly words: Int32Array;
}

/**
 * Memory that was let go of, by size. A view of a map that is gone ends the process when it is read, and a view cannot be taken away from who has it: so letting go
 * puts anonymous memory in place of the map, and the next map of this size comes over that, under the same views.
 */
const unused = new Map<number, MappedMemory[]>();

/** Maps the first so many bytes of what the descriptor stands for. Throws what the kernel says. */
export function mapMemory(fd: number, bytes: number): MappedMemory {
  const before = unused.get(bytes)?.pop();
  const place = before === undefined ? 0 : PACKET.MAP_FIXED;
  let address: number;
  try {
    address = sys.mmap(before?.address ?? 0, bytes, PACKET.PROT_READ | PACKET.PROT_WRITE, PACKET.MAP_SHARED | place, fd, 0);
  } catch (error) {
    if (before !== undefined) unused.get(bytes)!.push(before);
    throw error;
  }
  if (before !== undefined) return before;
  const memory = memoryAt(address, bytes);
  return { address, bytes: new Uint8Array(memory), view: new DataView(memory), words: new Int32Array(memory) };
}

/** Lets go of it: the kernel's memory is gone, and what is left under the views is nobody's. */
export function unmapMemory(memory: MappedMemory): void {
  const bytes = memory.bytes.length;
  sys.mmap(
    memory.address,
    bytes,
    PACKET.PROT_READ | PACKET.PROT_WRITE,
    PACKET.MAP_PRIVATE | PACKET.MAP_ANONYMOUS | PACKET.MAP_FIXED,
    -1,
    0,
  );
  const list = unused.get(bytes);
  if (list === undefined) unused.set(bytes, [memory]);
  else list.push(memory);
}
