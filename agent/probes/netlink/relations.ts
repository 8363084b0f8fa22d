import type { ElementId } from '../../../src/graph/element.js';
import { concatenatedId } from '../../../src/common/ids.js';
import type { EdgeToWrite, GraphWriter } from '../kit/graphWriter.js';
import type { RelationDeclaration } from '../kit/relationDeclaration.js';
import { lowerIndexes, type Link } from './link.js';
import { isEndOfPair, linkType } from './names.js';
import type { WatchedNamespace } from './watchedNamespace.js';

const LAYER2 = 'layer2';
/** From a link to those made on top of it. A VLAN has its edge on layer 2 instead, as scripts written for Skydive know it. */
const LOWER = 'lower';

/** What the edges that are written here say. */
export const LINK_RELATIONS: readonly RelationDeclaration[] = [
  {
    type: LAYER2,
    meaning:
      'From a bridge, bond, team or VRF to each link that belongs to it, without `Type`; from a link to a VLAN on it, with `Type: vlan`; between the ends of a pair in whichever namespaces, with the kind of the pair as `Type` (veth, netkit, vxcan).',
  },
  {
    type: LOWER,
    meaning:
      'From a link to one that is made on top of it, in whichever namespace, with the kind of the upper one as `Type`: macvlan, macvtap, ipvlan, macsec, vxlan, gretap, ipip, xfrm, hsr, … A VLAN has its `layer2` edge instead; these are no part of layer 2, so that paths and neighbours on `layer2` stay those that scripts written for Skydive know.',
  },
];

/** The kernel's switch of Open vSwitch is no bridge that people made: ports of it get their edges from the OVSDB. */
const NOT_A_MASTER = 'ovs-system';

export interface RelationsOptions {
  readonly graph: GraphWriter;
  /** Which watched namespace a number of this one stands for. */
  readonly resolve: (from: WatchedNamespace, nsId: number) => WatchedNamespace | undefined;
  /** Asks the kernel again what this link is: it does not tell when the other end of a pair moved. */
  readonly refresh: (link: Link) => void;
}

/** Edges between links: masters, links below others, pairs (veth, netkit) in whichever namespaces. */
export class Relations {
  /** Links whose other side is in a namespace that is not known. */
  private readonly unresolved = new Set<Link>();
  /** Ends of pairs whose other end has not been seen, or does not agree yet, and links above one in another namespace that has not been seen. */
  private readonly waiting = new Set<Link>();
  /** Both links of an edge, first the one that names the other; in a pair each names the other. */
  private readonly ends = new Map<ElementId, readonly [Link, Link]>();

  constructor(private readonly options: RelationsOptions) {}

  /** Makes the link's edges agree with what it says, and those of links that may have waited for it. */
  changed(link: Link): void {
    this.relate(link);
    // Copies: a link that is looked at leaves these sets and may be back in them at once, at the end, for ever.
    for (const other of [...this.waiting]) if (this.isBelow(link, other)) this.relate(other);
    for (const dependant of [...(link.namespace.dependants.get(link.message.ifIndex) ?? [])])
      if (dependant !== link) this.relate(dependant);
  }

  /** A namespace was added, or numbers changed: what was not found may be now. Answers the links that were looked at again. */
  retry(): Link[] {
    const links = [...this.unresolved, ...this.waiting];
    for (const link of links) this.relate(link);
    return links;
  }

  /** The link leaves its namespace: what tied it to links there ends; a veth pair stays a pair wherever its ends are. */
  leave(link: Link): void {
    this.unresolved.delete(link);
    this.waiting.delete(link);
    for (const id of [...link.edges]) if (!this.isPair(id)) this.drop(id);
  }

  /** The link is gone: so are all its edges. */
  remove(link: Link): void {
    this.unresolved.delete(link);
    this.waiting.delete(link);
    for (const id of [...link.edges]) this.drop(id);
  }

  /** The other end of the link's pair, while there is an edge between them. */
  peerOf(link: Link): Link | undefined {
    for (const id of link.edges) if (this.isPair(id)) return this.ends.get(id)?.find((end) => end !== link);
    return undefined;
  }

  private relate(link: Link): void {
    this.unresolved.delete(link);
    this.waiting.delete(link);
    const wanted = new Map<ElementId, [EdgeToWrite, Link]>();
    const want = (parent: Link, child: Link, metadata?: EdgeToWrite['metadata'], relationType = LAYER2): void => {
      const edge = { parent: parent.id, child: child.id, relationType, metadata };
      wanted.set(concatenatedId(parent.id, child.id, relationType), [edge, parent === link ? child : parent]);
    };
    const master = link.namespace.links.get(link.message.masterIndex);
    if (master !== undefined && master.message.name !== NOT_A_MASTER) want(master, link);
    const { parentNsId } = link.message;
    const isAway = parentNsId !== undefined && this.options.resolve(link.namespace, parentNsId) === undefined;
    if (isAway) this.unresolved.add(link);
    if (!isPaired(link)) {
      const below = this.linksBelow(link);
      const relationType = link.message.info.vlanId === undefined ? LOWER : LAYER2;
      for (const lower of below) want(lower, link, { Type: typeOf(link) }, relationType);
      if (parentNsId !== undefined && !isAway && below.length < lowerIndexes(link).length) this.waiting.add(link);
    } else if (!isAway) {
      const below = this.linkBelow(link);
      const metadata = { Type: typeOf(link) };
      if (below === undefined || !this.agree(link, below)) this.waiting.add(link);
      else if (isLowerEnd(link, below)) want(below, link, metadata);
      else want(link, below, metadata);
    }
    for (const id of [...link.edges]) if (!wanted.has(id) && this.isOf(link, id)) this.drop(id);
    for (const [id, [edge, other]] of wanted) {
      if (link.edges.has(id)) continue;
      // An end has one peer only: what its pair was before is over.
      if (isPaired(link) && typeOf(other) === edge.metadata?.Type) for (const old of [...other.edges]) if (this.isPair(old)) this.drop(old);
      this.options.graph.putEdge(edge);
      this.ends.set(id, [link, other]);
      if (isPaired(link)) this.waiting.delete(other);
      link.edges.add(id);
      other.edges.add(id);
    }
  }

  /** Those of the links below that are known: more than one of an HSR ring only. */
  private linksBelow(link: Link): readonly Link[] {
    const indexes = lowerIndexes(link);
    if (indexes.length === 0) return NONE;
    const namespace = this.namespaceBelow(link);
    return indexes.flatMap((ifIndex) => {
      const below = namespace?.links.get(ifIndex);
      return below === undefined || below === link ? [] : [below];
    });
  }

  private isBelow(link: Link, other: Link): boolean {
    return lowerIndexes(other).includes(link.message.ifIndex) && this.linksBelow(other).includes(link);
  }

  /** The other end, as far as this one says. */
  private linkBelow(link: Link): Link | undefined {
    return this.namespaceBelow(link)?.links.get(link.message.parentIndex);
  }

  private namespaceBelow({ message: { parentNsId }, namespace }: Link): WatchedNamespace | undefined {
    return parentNsId === undefined ? namespace : this.options.resolve(namespace, parentNsId);
  }

  /** Whether both ends name each other. When the peer says something else, it is asked again, once: it is not told when this end moves. */
  private agree(link: Link, peer: Link): boolean {
    if (typeOf(peer) !== typeOf(link)) return false;
    if (this.linkBelow(peer) === link) return true;
    this.options.refresh(peer);
    return this.linkBelow(peer) === link && this.linkBelow(link) === peer;
  }

  private isPair(id: ElementId): boolean {
    const ends = this.ends.get(id);
    return ends !== undefined && ends.every(isPaired) && typeOf(ends[0]) === typeOf(ends[1]);
  }

  /** Whether the link is the one that names the other, and so decides on the edge. */
  private isOf(link: Link, id: ElementId): boolean {
    return this.ends.get(id)?.[0] === link || this.isPair(id);
  }

  private drop(id: ElementId): void {
    for (const end of this.ends.get(id) ?? []) end.edges.delete(id);
    this.ends.delete(id);
    this.options.graph.removeEdge(id);
  }
}

const NONE: readonly Link[] = [];
const typeOf = ({ message, driver }: Link): string => linkType(message.info.kind, driver?.driver);
const isPaired = (link: Link): boolean => isEndOfPair(typeOf(link));

/** The end with the lower index is the child, as old scripts know it; ends with equal indexes are told apart by their ids. */
function isLowerEnd(link: Link, peer: Link): boolean {
  const [own, other] = [link.message.ifIndex, peer.message.ifIndex];
  return own === other ? link.id < peer.id : own < other;
}
