import type { EdgeRevision, ElementId, NodeRevision } from '../../../graph/element.js';
import { stepsFrom, type Direction } from '../../../graph/walk/steps.js';
import { OWNERSHIP } from '../../../graph/walk/ownership.js';
import type { Run } from '../../execute/run.js';
import { nodesIn, type Executor, type QueriedGraph, type Rows } from '../../execute/traversal.js';
import { anyCriterion, readPairs, type Filter } from '../../predicates/filter.js';
import type { StepCall } from '../../step.js';

/** How far a walk goes, and along which edges. */
export interface WalkArguments {
  readonly call: StepCall;
  /** Edges in a row. */
  readonly depth: number;
}

/** `([k, v, …][, depth])`: an odd number of parameters ends with the depth. */
export function readWalk(call: StepCall): WalkArguments {
  const { args } = call;
  const last = args.at(-1);
  const hasDepth = args.length % 2 === 1;
  if (hasDepth && last!.kind !== 'integer') {
    throw call.misread(`${call.name} last argument must be the maximum depth specified as an integer`, last);
  }
  const wrong = args.find(({ kind }, index) => index % 2 === 0 && index < args.length - (hasDepth ? 1 : 0) && kind !== 'string');
  if (wrong) {
    throw call.misread(
      `${call.name} accepts an optional number of key/value tuples and an optional depth: keys should be of string type`,
      wrong,
    );
  }
  return { call, depth: hasDepth ? (last as { value: number }).value : 1 };
}

const OWNED: Filter = {
  in: () => (edge) => edge.metadata['RelationType'] === OWNERSHIP,
  lookups: [],
  wanted: { kind: 'value', key: 'RelationType', shape: { kind: 'texts', texts: [OWNERSHIP] } },
};

/** The edges that the parameters name, any of them; without any those of ownership, or all. */
export function alongEdges({ call }: WalkArguments, otherwise: 'ownership' | 'all'): Filter | undefined {
  const pairs = call.args.length - (call.args.length % 2);
  if (pairs > 0) return anyCriterion(readPairs(call, call.args.slice(0, pairs)), 'edges', call);
  return otherwise === 'ownership' ? OWNED : undefined;
}

/** The start nodes and what lies at most `depth` edges from one of them, each once, nearest first. */
export const walk =
  (direction: Direction, depth: number, filter: Filter | undefined): Executor =>
  async (input, run) => {
    const start = await run.all(nodesIn(input));
    return { rows: rings(input.graph, start, direction, depth, filter, run) };
  };

function* rings(
  graph: QueriedGraph,
  start: readonly NodeRevision[],
  direction: Direction,
  depth: number,
  filter: Filter | undefined,
  run: Run,
): Rows<NodeRevision> {
  const seen = new Set<ElementId>();
  const test = filter?.in(graph);
  const via = test === undefined ? () => true : (edge: EdgeRevision) => test(edge);
  let ring: NodeRevision[] = [];
  const take = (node: NodeRevision, into: NodeRevision[]): void => {
    if (seen.has(node.id)) return;
    seen.add(node.id);
    into.push(node);
  };
  for (const node of start) take(node, ring);
  for (let step = 0; ring.length > 0; step++) {
    yield ring;
    if (step >= depth) return;
    run.spendDepth(step + 1);
    const next: NodeRevision[] = [];
    for (const { id } of ring) {
      const found = stepsFrom(graph, id, direction, via);
      run.spend(found.length);
      for (const [, node] of found) take(node, next);
    }
    ring = next;
  }
}
