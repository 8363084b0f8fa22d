import type { ElementId } from '../../../src/graph/element.js';
import { concatenatedId } from '../../../src/common/ids.js';
import type { EdgeToWrite, GraphWriter } from '../kit/graphWriter.js';
import type { Link } from './link.js';
import { linkType } from './names.js';
import type { WatchedNamespace } from './watchedNamespace.js';

const LAYER2 = 'layer2';

/** The kernel's switch of Open vSwitch is no bridge that people made: ports of it get their edges from the OVSDB. */
const NOT_A_MASTER = 'ovs-system';

export interface RelationsOptions {
  readonly graph: GraphWriter;
  /** Which watched namespace a number of this one stands for. */
  readonly resolve: (from: WatchedNamespace, nsId: number) => WatchedNamespace | undefined;
  /** Asks the kernel again what this link is: it does not tell when the other end of a pair moved. */
  readonly refresh: (link: Link) => void;
}

/** Layer-2 edges between links: masters, parents of VLANs, veth pairs in whichever namespaces. */
export class Relations {
  /** Links whose other side is in another namespace and has not been found there. */
  private readonly unresolved = new Set<Link>();
  /** Both links of an edge, to find an edge from the side that did not cause it. */
  private readonly ends = new Map<ElementId, readonly [Link, Link]>();

  constructor(private readonly options: RelationsOptions) {}

  /** Makes the link's edges agree with what it says, and those of links that may have waited for it. */
  changed(link: Link): void {
    this.relate(link);
    for (const dependant of link.namespace.dependants.get(link.message.ifIndex) ?? []) if (dependant !== link) this.relate(dependant);
  }

  /** A namespace was added, or numbers changed: what was not found may be now. Answers the links that were looked at again. */
  retry(): Link[] {
    const links = [...this.unresolved];
    for (const link of links) this.relate(link);
    return links;
  }

  /** The link leaves its namespace: what tied it to links there ends; a veth pair stays a pair wherever its ends are. */
  leave(link: Link): void {
    this.unresolved.delete(link);
    for (const id of [...link.edges]) if (!this.isPair(id)) this.drop(link, id);
    for (const dependant of link.namespace.dependants.get(link.message.ifIndex) ?? []) {
      for (const id of [...dependant.edges]) if (!this.isPair(id) && this.ends.get(id)?.includes(link)) this.drop(dependant, id);
    }
  }

  /** The link is gone: so are all its edges. */
  remove(link: Link): void {
    this.leave(link);
    for (const id of [...link.edges]) this.drop(link, id);
  }

  /** The other end of the link's pair, while there is an edge between them. */
  peerOf(link: Link): Link | undefined {
    for (const id of link.edges) if (this.isPair(id)) return this.ends.get(id)?.find((end) => end !== link);
    return undefined;
  }

  private relate(link: Link): void {
    this.unresolved.delete(link);
    const wanted = new Map<ElementId, [EdgeToWrite, Link]>();
    const want = (parent: Link, child: Link, metadata?: EdgeToWrite['metadata']): void => {
      const edge = { parent: parent.id, child: child.id, relationType: LAYER2, metadata };
      wanted.set(concatenatedId(parent.id, child.id, LAYER2), [edge, parent === link ? child : parent]);
    };
    const master = link.namespace.links.get(link.message.masterIndex);
    if (master !== undefined && master.message.name !== NOT_A_MASTER) want(master, link);
    const { parentNsId } = link.message;
    if (parentNsId !== undefined && this.options.resolve(link.namespace, parentNsId) === undefined) this.unresolved.add(link);
    const below = this.linkBelow(link);
    if (below !== undefined && link.message.info.vlanId !== undefined) want(below, link, { Type: 'vlan' });
    if (below !== undefined && isVeth(link) && this.agree(link, below)) {
      const [parent, child] = isLowerEnd(link, below) ? [below, link] : [link, below];
      want(parent, child, { Type: 'veth' });
    }
    for (const id of [...link.edges]) if (!wanted.has(id)) this.drop(link, id);
    for (const [id, [edge, other]] of wanted) {
      if (link.edges.has(id)) continue;
      this.options.graph.putEdge(edge);
      this.ends.set(id, [link, other]);
      link.edges.add(id);
      // A pair has two causes: either end may undo it.
      if (edge.metadata?.Type === 'veth') this.take(other, id);
    }
  }

  /** The other end drops the edge it had, since it has one peer only. */
  private take(peer: Link, id: ElementId): void {
    for (const old of [...peer.edges]) if (old !== id && this.isPair(old)) this.drop(peer, old);
    peer.edges.add(id);
  }

  private linkBelow({ message, namespace }: Link): Link | undefined {
    if (message.parentIndex === 0) return undefined;
    if (message.parentNsId === undefined) return namespace.links.get(message.parentIndex);
    return this.options.resolve(namespace, message.parentNsId)?.links.get(message.parentIndex);
  }

  /** Whether both ends name each other. When the peer says something else, it is asked again, once: it is not told when this end moves. */
  private agree(link: Link, peer: Link): boolean {
    if (!isVeth(peer)) return false;
    if (this.linkBelow(peer) === link) return true;
    this.options.refresh(peer);
    return this.linkBelow(peer) === link && this.linkBelow(link) === peer;
  }

  private isPair(id: ElementId): boolean {
    return this.ends.get(id)?.every(isVeth) ?? false;
  }

  private drop(link: Link, id: ElementId): void {
    link.edges.delete(id);
    for (const end of this.ends.get(id) ?? []) end.edges.delete(id);
    this.ends.delete(id);
    this.options.graph.removeEdge(id);
  }
}

const isVeth = ({ message, driver }: Link): boolean => linkType(message.info.kind, driver) === 'veth';

/** The end with the lower index is the child, as old scripts know it; ends with equal indexes are told apart by their ids. */
function isLowerEnd(link: Link, peer: Link): boolean {
  const [own, other] = [link.message.ifIndex, peer.message.ifIndex];
  return own === other ? link.id < peer.id : own < other;
}
