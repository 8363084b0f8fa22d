import { PACKET } from './packetAbi.js';
import { addressOf, raw } from './syscall.js';

/** Bytes of a large page; where the machine has other ones, the kernel takes what fits or none. */
const LARGE_PAGE_BYTES = 2 * 1024 * 1024;

/**
 * Memory of zeros that the kernel is asked to keep in large pages (`madvise`; it has to be allowed by
 * /sys/kernel/mm/transparent_hugepage/enabled, as it is nearly everywhere): where a table has hundreds of thousands of rows, looking up where
 * a page lies takes as long as the rows themselves, and each page that is touched first is one interruption. Only what is touched is
 * resident, in steps of a large page. Where there are none, or no C library can be reached, it is ordinary memory.
 */
export function largePages(bytes: number): Uint8Array<ArrayBuffer> {
  const memory = Buffer.from(new ArrayBuffer(bytes + LARGE_PAGE_BYTES));
  let offset = 0;
  try {
    const address = Number(addressOf(memory));
    offset = (LARGE_PAGE_BYTES - (address % LARGE_PAGE_BYTES)) % LARGE_PAGE_BYTES;
    // What it answers changes nothing: kernels without large pages refuse.
    raw.madvise(address + offset, bytes, PACKET.MADV_HUGEPAGE);
  } catch {
    // A machine on which nothing of the C library can be called.
  }
  return new Uint8Array(memory.buffer, offset, bytes);
}
