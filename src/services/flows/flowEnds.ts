import type { Flow } from '../../flow/flow.js';
import type { NodeRevision } from '../../graph/element.js';
import type { GraphView } from '../../graph/view.js';
import { ancestorsOf } from '../relations.js';
import type { Moment, NodeView } from '../elementView.js';
import { nodeViewOf } from '../nodeViews.js';

/** Addresses that every host has. */
const isLoopback = (address: string): boolean => address.startsWith('127.') || address === '::1';

/** The node on which the flow was captured. */
export function captureNodeOf({ NodeTID }: Pick<Flow, 'NodeTID'>, moment: Moment): NodeView | undefined {
  const node = NodeTID === undefined ? undefined : firstOf(moment.graph.nodesBy('TID', NodeTID));
  return node && nodeViewOf(node, moment);
}

/**
 * Where one end of the flow is: the interface that has its address; of several with the same one that which has its MAC too, then one on the host of the capture. Without any,
 * the one that has the MAC, unless that may be a router's: the other side is then beyond what is watched.
 */
export function endOf(flow: Flow, side: 'A' | 'B', moment: Moment): NodeView | undefined {
  const { graph } = moment;
  const address = flow.Network?.[side];
  const mac = flow.Link?.[side];
  const host = flow.NodeTID === undefined ? undefined : firstOf(graph.nodesBy('TID', flow.NodeTID))?.host;
  const node =
    address === undefined || address === ''
      ? byMac(graph, mac, host)
      : (byAddress(graph, address, mac, host) ?? localByMac(graph, mac, address));
  return node && nodeViewOf(node, moment);
}

/** The machine that a node is of. */
export const hostOf = (node: NodeView): NodeView | undefined =>
  node.type === 'host' ? node : ancestorsOf(node).find(({ type }) => type === 'host');

function byAddress(graph: GraphView, address: string, mac: string | undefined, host: string | undefined): NodeRevision | undefined {
  const all = address.includes(':') ? withIpv6(graph, address) : [...graph.nodesBy('IPV4', address)];
  const found = isLoopback(address) ? all.filter((node) => node.host === host) : all;
  return found.find(({ metadata }) => metadata.MAC === mac && mac !== undefined) ?? found.find((node) => node.host === host) ?? found[0];
}

/** There is no index of these. */
function withIpv6(graph: GraphView, address: string): NodeRevision[] {
  const found: NodeRevision[] = [];
  for (const node of graph.nodes()) {
    const list = node.metadata.IPV6;
    if (Array.isArray(list) && list.some((entry) => typeof entry === 'string' && entry.split('/', 1)[0] === address)) found.push(node);
  }
  return found;
}

function byMac(graph: GraphView, mac: string | undefined, host: string | undefined): NodeRevision | undefined {
  if (mac === undefined || mac === '') return undefined;
  const found = [...graph.nodesBy('MAC', mac)];
  return found.find((node) => node.host === host) ?? found[0];
}

/** An interface without an address of its own may be the end; one that has others routes for somebody else. */
function localByMac(graph: GraphView, mac: string | undefined, address: string): NodeRevision | undefined {
  const node = byMac(graph, mac, undefined);
  const addresses = node?.metadata[address.includes(':') ? 'IPV6' : 'IPV4'];
  return Array.isArray(addresses) && addresses.length > 0 ? undefined : node;
}

function firstOf(nodes: Iterable<NodeRevision>): NodeRevision | undefined {
  for (const node of nodes) return node;
  return undefined;
}
