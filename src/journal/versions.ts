import type { HeaderBlock } from './block.js';
import { OP } from './block.js';

/** Ordinal of a change that is about no element: coverage. */
export const COVERAGE_ORDINAL = 0;

/**
 * Which revision each element has at one position: by ordinal the seq of the change that made it; 0 when it is not there; negative for an
 * edge that is suspended. Eight bytes an element, so the whole graph at any instant is a copy of one array and a walk over headers.
 */
export class VersionMap {
  #versions: Float64Array;

  constructor(versions: Float64Array = new Float64Array(1024)) {
    this.#versions = versions;
  }

  /** One more than the greatest ordinal that may be set. */
  get length(): number {
    return this.#versions.length;
  }

  get(ordinal: number): number {
    return this.#versions[ordinal] ?? 0;
  }

  set(ordinal: number, version: number): void {
    if (ordinal >= this.#versions.length) {
      const larger = new Float64Array(Math.max(ordinal + 1, this.#versions.length * 2));
      larger.set(this.#versions);
      this.#versions = larger;
    }
    this.#versions[ordinal] = version;
  }

  copy(): VersionMap {
    return new VersionMap(this.#versions.slice());
  }

  /** The array itself, for walking; do not keep it. */
  raw(): Float64Array {
    return this.#versions;
  }

  /** Takes entries `from` up to `to` (indexes, exclusive) of the block, oldest first. */
  forward(block: HeaderBlock, from: number, to: number): void {
    for (let index = from; index < to; index++) {
      const ordinal = block.ordinal[index]!;
      if (ordinal !== COVERAGE_ORDINAL) this.set(ordinal, versionAfter(block.op[index]!, block.firstSeq + index));
    }
  }

  /** Takes back entries `from` up to `to` of the block, newest first. */
  backward(block: HeaderBlock, from: number, to: number): void {
    for (let index = to - 1; index >= from; index--) {
      const ordinal = block.ordinal[index]!;
      if (ordinal !== COVERAGE_ORDINAL) this.set(ordinal, block.previous[index]!);
    }
  }
}

/** What a change makes of its element's entry. */
export function versionAfter(op: number, seq: number): number {
  if (op === OP.added || op === OP.updated) return seq;
  return op === OP.suspended || op === OP.removedWaiting ? -seq : 0;
}
