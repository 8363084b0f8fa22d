import { CanopyError } from '../../src/common/errors.js';
import type { NodeRevision } from '../../src/graph/element.js';
import type { GraphView } from '../../src/graph/view.js';
import type { Namespaces, NetworkNamespace } from '../probes/kit/namespaces.js';
import type { Place } from './source.js';

/** Owners above one another that are looked through: an interface in a container in a namespace of the host. */
const MOST_OWNERS = 8;

/** A node of the agent's graph as a place, and the namespace that it is in. */
export interface Located {
  readonly node: NodeRevision;
  readonly place: Place;
  readonly namespace: NetworkNamespace;
}

/** Where a node is. Throws `NOT_FOUND`, retriable, when the agent has no such node, or none that lies in a namespace. */
export function locate(view: GraphView, namespaces: Namespaces, id: string): Located {
  const node = view.node(id);
  if (node === undefined) throw new CanopyError('NOT_FOUND', 'the agent has no such node', { retriable: true, details: { node: id } });
  const { metadata } = node;
  const { Name: name, TID: tid } = metadata;
  if (typeof name !== 'string' || typeof tid !== 'string')
    throw new CanopyError('NOT_FOUND', `the node ${id} has no ${typeof name === 'string' ? 'TID' : 'Name'} yet`, { retriable: true });
  const namespace = namespaceOf(view, namespaces, id);
  if (namespace === undefined)
    throw new CanopyError('NOT_FOUND', `${name} lies in no namespace that the agent watches`, { retriable: true });
  const addresses = (Array.isArray(metadata.IPV4) ? metadata.IPV4 : []).map((address) => String(address).split('/')[0]!);
  const namespacePath = namespace.isOwn ? undefined : namespace.path;
  return { node, namespace, place: { node: id, tid, interfaceName: name, namespacePath, addresses } };
}

/** The nearest owner that is a namespace: the host's node stands for the agent's own. */
function namespaceOf(view: GraphView, namespaces: Namespaces, id: string): NetworkNamespace | undefined {
  const byRoot = new Map([...namespaces.all()].map((namespace) => [namespace.root, namespace]));
  let current = id;
  for (let height = 0; height < MOST_OWNERS; height++) {
    const found = byRoot.get(current);
    if (found !== undefined) return found;
    const owner = [...view.inEdges(current)].find(({ metadata }) => metadata.RelationType === 'ownership');
    if (owner === undefined) return undefined;
    current = owner.parent;
  }
  return undefined;
}
