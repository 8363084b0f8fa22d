import { CanopyError } from '../../common/errors.js';
import type { Position } from '../../graph/position.js';
import type { QueriedGraph } from '../execute/traversal.js';

/** A past moment of which a database has found what was asked for: only where and when it is can be read of it. */
export class MomentOnly implements QueriedGraph {
  readonly isLive = false;
  readonly nodeCount = 0;
  readonly edgeCount = 0;

  constructor(
    readonly position: Position,
    readonly at: number,
  ) {}

  /** As of every past. */
  measurements(): undefined {
    return undefined;
  }
  release(): void {
    // Nothing is held.
  }
  node = notRead;
  edge = notRead;
  nodes = notRead;
  edges = notRead;
  outEdges = notRead;
  inEdges = notRead;
  nodesBy = notRead;
}

function notRead(): never {
  throw new CanopyError('INTERNAL', 'the graph around what a database found was asked for, and was not read');
}
