import type { Ordinals } from '../../journal/ordinals.js';
import type { VersionMap } from '../../journal/versions.js';

/** Edges between two steps of the making: about a millisecond. */
const EDGES_PER_STEP = 8_192;

/** Ordinals of the edges at each node in one direction: those of the node in place `n` are `edges[starts[n]]` up to `edges[starts[n + 1]]`. */
interface Direction {
  readonly starts: Uint32Array;
  readonly edges: Uint32Array;
}

/** Which edges leave and enter each node, in typed arrays: made in one pass over what is there, without reading any edge. */
export class Adjacency {
  private constructor(
    private readonly leaving: Direction,
    private readonly entering: Direction,
  ) {}

  /** In one go. */
  static of(versions: VersionMap, ordinals: Ordinals): Adjacency {
    const steps = Adjacency.steps(versions, ordinals);
    for (;;) {
      const step = steps.next();
      if (step.done) return step.value;
    }
  }

  /** In small steps, between which others may run. */
  static *steps(versions: VersionMap, ordinals: Ordinals): Generator<void, Adjacency> {
    const present = presentEdges(versions.raw());
    const leaving = yield* group(present, versions.length, (edge) => ordinals.parentOf(edge));
    return new Adjacency(leaving, yield* group(present, versions.length, (edge) => ordinals.childOf(edge)));
  }

  out(node: number): Uint32Array {
    return slice(this.leaving, node);
  }

  in(node: number): Uint32Array {
    return slice(this.entering, node);
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

function* group(edges: Uint32Array, length: number, nodeOf: (edge: number) => number): Generator<void, Direction> {
  const starts = new Uint32Array(place(length) + 2);
  for (let from = 0; from < edges.length; from += EDGES_PER_STEP) {
    for (const edge of edges.subarray(from, from + EDGES_PER_STEP)) starts[place(nodeOf(edge))]!++;
    yield;
  }
  // First where the edges of each node end; filled from the end, that becomes where they start.
  for (let node = 1; node < starts.length; node++) starts[node]! += starts[node - 1]!;
  const grouped = new Uint32Array(edges.length);
  for (let to = edges.length; to > 0; to -= EDGES_PER_STEP) {
    for (let next = to - 1; next >= Math.max(0, to - EDGES_PER_STEP); next--)
      grouped[--starts[place(nodeOf(edges[next]!))]!] = edges[next]!;
    yield;
  }
  return { starts, edges: grouped };
}

/** Nodes have even ordinals. */
const place = (node: number): number => node >>> 1;

const slice = ({ starts, edges }: Direction, node: number): Uint32Array =>
  edges.subarray(starts[place(node)] ?? 0, starts[place(node) + 1] ?? 0);
