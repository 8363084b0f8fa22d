import type { Json, JsonObject } from '../../../src/common/json.js';
import type { ElementId } from '../../../src/graph/element.js';
import type { VirtualFunction } from '../../linux/netlink/virtualFunction.js';
import { isPciAddress, physicalFunctionOf, virtualFunctionsOf } from '../../linux/sriov.js';
import type { GraphWriter } from '../kit/graphWriter.js';
import type { RelationDeclaration } from '../kit/relationDeclaration.js';
import type { Link } from './link.js';

const VF = 'vf';

/** What the edges that are written here say. */
export const VIRTUAL_FUNCTION_RELATION: RelationDeclaration = {
  type: VF,
  meaning: 'From an SR-IOV device to the interface of each of its virtual functions, in whichever namespace.',
};

export interface VirtualFunctionsOptions {
  readonly graph: GraphWriter;
  /** What the physical function says of its virtual ones; asks the kernel. */
  readonly read: (link: Link) => readonly VirtualFunction[];
  /** `Vfs` or `VfID` of the link are others now. */
  readonly write: (link: Link) => void;
  /** Where sysfs is. */
  readonly sysfs?: string;
}

interface Physical {
  readonly addresses: readonly string[];
  /** Edges to virtual functions that have an interface, by their PCI address. */
  readonly edges: Map<string, ElementId>;
}

/** SR-IOV: which interface is a virtual function of which, in whichever namespaces they are. */
export class VirtualFunctions {
  /** Interfaces of PCI functions by address. A function may have several: the first one stands for it. */
  private readonly byAddress = new Map<string, Link>();
  private readonly physical = new Map<Link, Physical>();

  constructor(private readonly options: VirtualFunctionsOptions) {}

  /** The link is there, or is another one: looks at what is PCI only. */
  changed(link: Link): void {
    const address = link.driver?.busInfo;
    if (address === undefined || !isPciAddress(address)) return;
    if (!this.byAddress.has(address)) this.byAddress.set(address, link);
    this.readPhysical(link, address);
    const parent = physicalFunctionOf(address, this.options.sysfs);
    const owner = parent === undefined ? undefined : this.byAddress.get(parent);
    if (owner !== undefined && owner !== link) this.readPhysical(owner, parent!);
  }

  gone(link: Link): void {
    const address = link.driver?.busInfo;
    if (address === undefined || this.byAddress.get(address) !== link) return;
    this.byAddress.delete(address);
    this.physical.delete(link);
    // Its node goes with all edges; those of others only have to forget it.
    for (const { edges } of this.physical.values()) edges.delete(address);
  }

  /** Functions are made without a word. */
  readAgain(): void {
    for (const [address, link] of this.byAddress) this.readPhysical(link, address);
  }

  private readPhysical(link: Link, address: string): void {
    const addresses = virtualFunctionsOf(address, this.options.sysfs);
    // Representors share the address of the physical function, and say nothing of virtual ones.
    const functions = addresses.length === 0 ? [] : this.options.read(link);
    const before = JSON.stringify(link.virtualFunctions);
    link.virtualFunctions = functions.length === 0 ? undefined : functions.map(asMetadata);
    if (JSON.stringify(link.virtualFunctions) !== before) this.options.write(link);
    const known = this.physical.get(link);
    const edges = known?.edges ?? new Map<string, ElementId>();
    if (functions.length === 0) this.physical.delete(link);
    else this.physical.set(link, { addresses, edges });
    this.relate(link, functions.length === 0 ? [] : addresses, edges);
  }

  private relate(link: Link, addresses: readonly string[], edges: Map<string, ElementId>): void {
    for (const [address, edge] of edges) {
      if (addresses.includes(address)) continue;
      edges.delete(address);
      this.options.graph.removeEdge(edge);
      const other = this.byAddress.get(address);
      if (other !== undefined) this.number(other, undefined);
    }
    addresses.forEach((address, id) => {
      const other = this.byAddress.get(address);
      if (other === undefined || edges.has(address)) return;
      this.number(other, id);
      edges.set(address, this.options.graph.putEdge({ parent: link.id, child: other.id, relationType: VF }));
    });
  }

  private number(link: Link, id: number | undefined): void {
    if (link.virtualFunctionId === id) return;
    link.virtualFunctionId = id;
    this.options.write(link);
  }
}

/** Zeros are left out, but of the number. */
function asMetadata({ id, hardwareAddress, vlan, qos, txRate, isSpoofChecked, linkState }: VirtualFunction): JsonObject {
  const metadata: Record<string, Json> = { ID: id, Spoofchk: isSpoofChecked };
  if (linkState !== 0) metadata.LinkState = linkState;
  if (hardwareAddress !== undefined) metadata.MAC = hardwareAddress;
  if (qos !== 0) metadata.Qos = qos;
  if (txRate !== 0) metadata.TxRate = txRate;
  if (vlan !== 0) metadata.Vlan = vlan;
  return metadata;
}
