import type { RingMemoryShare } from '../source.js';

/** Memory that the owner and all capture workers see: words of 32 bits. */

/** Kibibytes that rings may have in all, and those that are taken. */
const RING_MOST = 0;
const RING_TAKEN = 1;
/** Bytes of batches that were handed to the owner and not yet taken. */
const WAITING = 2;
const WORDS = 4;

const KIB = 1024;

export function newSharedMemory(mostRingBytes: number): SharedArrayBuffer {
  const memory = new SharedArrayBuffer(WORDS * 4);
  new Int32Array(memory)[RING_MOST] = Math.floor(mostRingBytes / KIB);
  return memory;
}

/** The budget of rings, shared by all threads. */
export function ringShare(memory: SharedArrayBuffer): RingMemoryShare {
  const words = new Int32Array(memory);
  return {
    get most() {
      return words[RING_MOST]! * KIB;
    },
    get taken() {
      return Atomics.load(words, RING_TAKEN) * KIB;
    },
    take(bytes) {
      const wanted = Math.ceil(bytes / KIB);
      for (;;) {
        const taken = Atomics.load(words, RING_TAKEN);
        if (taken + wanted > words[RING_MOST]!) return false;
        if (Atomics.compareExchange(words, RING_TAKEN, taken, taken + wanted) === taken) return true;
      }
    },
    give: (bytes) => void Atomics.sub(words, RING_TAKEN, Math.ceil(bytes / KIB)),
  };
}

/** Bytes on their way from the workers to the owner. */
export function batchesUnderWay(memory: SharedArrayBuffer): {
  add(bytes: number): void;
  taken(bytes: number): void;
  readonly bytes: number;
} {
  const words = new Int32Array(memory);
  return {
    add: (bytes) => void Atomics.add(words, WAITING, bytes),
    taken: (bytes) => void Atomics.sub(words, WAITING, bytes),
    get bytes() {
      return Atomics.load(words, WAITING);
    },
  };
}
