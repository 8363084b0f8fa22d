/**
 * Where the memory of large tables comes from: so many bytes of zeros, aligned as it is best for the machine, which go back when nobody
 * uses them any more. Who runs on the kernel itself has one that takes large pages (agent/linux/largePages.ts); without one, tables take
 * ordinary memory. Tables that stay small never ask for it.
 */
export type TableMemory = (bytes: number) => Uint8Array<ArrayBuffer>;

/** Bytes of memory from which on it is asked for: what is smaller lies in the processor's caches anyway, and would be rounded up too much. */
export const LARGE_MEMORY_BYTES = 2 * 1024 * 1024;
