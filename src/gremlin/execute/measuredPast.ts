import type { Json, JsonObject } from '../../common/json.js';
import type { ElementId, NodeRevision } from '../../graph/element.js';
import { pathSteps, setPath } from '../../graph/metadataPath.js';
import type { IndexedKey } from '../../graph/view.js';
import type { Argument } from '../argument.js';
import type { StepCall } from '../step.js';
import { METRIC_FIELDS } from '../steps/metrics/fields.js';
import { pieces } from './rows.js';
import type { Run } from './run.js';
import { nodesIn, type QueriedGraph, type TimeSlice, type Traversal } from './traversal.js';

/** Paths below which agents measure. In the present the graph itself knows the latest values; those of the past are readings. */
const MEASURED = ['Metric', 'LastUpdateMetric', 'SFlow.Metric', 'SFlow.LastUpdateMetric', 'Ovs.Metric', 'Ovs.LastUpdateMetric'] as const;

const PREFIX = /^Metadata\./;

/** The measured paths that a step's parameters name, or of which they name a part or the whole. */
export function measuredPaths({ args }: StepCall): readonly string[] {
  const keys = args.flatMap(textsIn).map((text) => text.replace(PREFIX, ''));
  return MEASURED.filter((path) => keys.some((key) => key === path || key.startsWith(`${path}.`) || path.startsWith(`${key}.`)));
}

const textsIn = (argument: Argument): readonly string[] =>
  argument.kind === 'string' ? [argument.value] : 'args' in argument ? argument.args.flatMap(textsIn) : [];

/** A past instant together with what was measured last before it. */
class MeasuredPast implements QueriedGraph {
  readonly isLive = false;

  constructor(
    private readonly graph: QueriedGraph,
    private readonly measured: ReadonlyMap<ElementId, JsonObject>,
  ) {}

  get position() {
    return this.graph.position;
  }
  get at() {
    return this.graph.at;
  }
  get nodeCount() {
    return this.graph.nodeCount;
  }
  get edgeCount() {
    return this.graph.edgeCount;
  }
  node = (id: ElementId) => this.graph.node(id);
  edge = (id: ElementId) => this.graph.edge(id);
  nodes = () => this.graph.nodes();
  edges = () => this.graph.edges();
  outEdges = (id: ElementId) => this.graph.outEdges(id);
  inEdges = (id: ElementId) => this.graph.inEdges(id);
  nodesBy = (key: IndexedKey, value: string) => this.graph.nodesBy(key, value);
  measurements = (id: ElementId) => this.measured.get(id);
  release(): void {
    // Whoever gave the graph out releases it.
  }
}

/** The same state for a step that reads measurements of a past instant: of its rows, or of all nodes where it looks at others too. */
export async function withMeasurements(
  state: Traversal,
  { paths, slice, walks }: { readonly paths: readonly string[]; readonly slice: TimeSlice; readonly walks: boolean },
  run: Run,
): Promise<Traversal> {
  const nodes: readonly NodeRevision[] = walks ? [...state.graph.nodes()] : await run.all(nodesIn(state));
  run.spend(nodes.length);
  const ids = [...new Set(nodes.map(({ id }) => id))];
  const measured = new Map<ElementId, JsonObject>();
  for (const path of paths) {
    for (const [id, [reading]] of await run.source.readings(ids, path, METRIC_FIELDS, slice)) {
      const whole = setPath(measured.get(id) ?? {}, pathSteps(path)!, reading as Json);
      if (whole !== undefined) measured.set(id, whole);
    }
  }
  run.check();
  return { ...state, graph: new MeasuredPast(state.graph, measured), rows: walks ? state.rows : pieces(nodes) };
}
