import type { Ordinals } from '../../journal/ordinals.js';
import type { VersionMap } from '../../journal/versions.js';

/** Ordinals of the edges at each node in one direction: those of node `n` are `edges[starts[n]]` up to `edges[starts[n + 1]]`. */
interface Direction {
  readonly starts: Uint32Array;
  readonly edges: Uint32Array;
}

/** Which edges leave and enter each node, in typed arrays: made in one pass over what is there, without reading any edge. */
export class Adjacency {
  readonly #out: Direction;
  readonly #in: Direction;

  constructor(versions: VersionMap, ordinals: Ordinals) {
    const present = presentEdges(versions.raw());
    this.#out = group(present, versions.length, (edge) => ordinals.parentOf(edge));
    this.#in = group(present, versions.length, (edge) => ordinals.childOf(edge));
  }

  out(node: number): Uint32Array {
    return slice(this.#out, node);
  }

  in(node: number): Uint32Array {
    return slice(this.#in, node);
  }

  get bytes(): number {
    return 2 * (this.#out.starts.byteLength + this.#out.edges.byteLength);
  }
}

function presentEdges(raw: Float64Array): Uint32Array {
  let count = 0;
  for (let ordinal = 1; ordinal < raw.length; ordinal += 2) if (raw[ordinal]! > 0) count++;
  const edges = new Uint32Array(count);
  let next = 0;
  for (let ordinal = 1; ordinal < raw.length; ordinal += 2) if (raw[ordinal]! > 0) edges[next++] = ordinal;
  return edges;
}

function group(edges: Uint32Array, length: number, nodeOf: (edge: number) => number): Direction {
  const starts = new Uint32Array(length + 1);
  for (const edge of edges) starts[nodeOf(edge) + 1]!++;
  for (let node = 0; node < length; node++) starts[node + 1]! += starts[node]!;
  const fill = starts.slice();
  const grouped = new Uint32Array(edges.length);
  for (const edge of edges) grouped[fill[nodeOf(edge)]!++] = edge;
  return { starts, edges: grouped };
}

const slice = ({ starts, edges }: Direction, node: number): Uint32Array => edges.subarray(starts[node] ?? 0, starts[node + 1] ?? 0);
