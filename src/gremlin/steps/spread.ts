import type { ElementId, Revision } from '../../graph/element.js';
import { filterRows, spreadRows } from '../execute/rows.js';
import { nodesIn, type Executor, type QueriedGraph } from '../execute/traversal.js';
import type { StepCall } from '../step.js';
import { ownFilter } from './ownFilter.js';

/** The plan of a step that leads from each node to what lies around it, `collect`, and filters that by the step's own parameters. */
export const planSpread =
  <T extends Revision>(gives: 'nodes' | 'edges', collect: (graph: QueriedGraph, id: ElementId, into: T[]) => void) =>
  (_args: unknown, _from: unknown, call: StepCall, filters: Parameters<typeof ownFilter>[2]): Executor => {
    const filter = ownFilter(call, gives, filters);
    return (input, run) => {
      const { graph } = input;
      const test = filter?.in(graph);
      const found = spreadRows(nodesIn(input), ({ id }, into: T[]) => collect(graph, id, into));
      return { rows: test === undefined ? found : filterRows(run.counted(found), test) };
    };
  };
