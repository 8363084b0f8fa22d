import type { Flow } from '../../../flow/flow.js';
import type { NodeRevision } from '../../../graph/element.js';
import { spreadRows } from '../../execute/rows.js';
import type { Executor, QueriedGraph } from '../../execute/traversal.js';
import type { StepCall } from '../../step.js';
import { ownFilter } from '../ownFilter.js';
import { flowsIn } from './rows.js';

/** Nodes of one graph by what flows know of them, each looked up once. */
export class FlowNodes {
  private readonly byTid = new Map<string, NodeRevision | undefined>();
  private readonly byMac = new Map<string, NodeRevision | undefined>();
  private peers: Map<string, NodeRevision> | undefined;

  constructor(private readonly graph: QueriedGraph) {}

  captureNode({ NodeTID }: Flow): NodeRevision | undefined {
    return NodeTID === undefined ? undefined : once(this.byTid, NodeTID, () => first(this.graph.nodesBy('TID', NodeTID)));
  }

  /** The node with the address, or whose peer has it. */
  withMac(mac: string | undefined): NodeRevision | undefined {
    return mac === undefined ? undefined : once(this.byMac, mac, () => first(this.graph.nodesBy('MAC', mac)) ?? this.peersByMac().get(mac));
  }

  /** There is no index for these: read once, when the first is asked for. */
  private peersByMac(): Map<string, NodeRevision> {
    if (this.peers !== undefined) return this.peers;
    this.peers = new Map();
    for (const node of this.graph.nodes()) {
      const { PeerIntfMAC } = node.metadata;
      if (typeof PeerIntfMAC === 'string' && !this.peers.has(PeerIntfMAC)) this.peers.set(PeerIntfMAC, node);
    }
    return this.peers;
  }
}

/** The plan of a step that leads from flows to nodes, filtered by the step's own parameters. */
export const planEnds =
  (find: (flow: Flow, nodes: FlowNodes) => readonly (NodeRevision | undefined)[]) =>
  (call: StepCall, filters: Parameters<typeof ownFilter>[2] = []): Executor => {
    const filter = ownFilter(call, 'nodes', filters);
    return (input) => {
      const nodes = new FlowNodes(input.graph);
      const test = filter?.in(input.graph);
      return {
        rows: spreadRows(flowsIn(input), (flow, into: NodeRevision[]) => {
          for (const node of find(flow, nodes)) if (node !== undefined && (test === undefined || test(node))) into.push(node);
        }),
      };
    };
  };

/** `CaptureNode` and `Hops`: where each flow was captured. */
export const planCaptureNodes = planEnds((flow, nodes) => [nodes.captureNode(flow)]);

function once<V>(known: Map<string, V>, key: string, find: () => V): V {
  if (!known.has(key)) known.set(key, find());
  return known.get(key) as V;
}

function first(nodes: Iterable<NodeRevision>): NodeRevision | undefined {
  for (const node of nodes) return node;
  return undefined;
}
