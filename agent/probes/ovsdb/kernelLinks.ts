import type { ElementId } from '../../../src/graph/element.js';
import type { OvsRow } from '../../ovsdb/ovsdb.js';
import { mapIn, numberIn, textIn } from '../../ovsdb/values.js';
import type { NodeToWrite } from '../kit/graphWriter.js';
import { nameOf } from './metadata.js';

/** Where the datapath of a switch is seen: in the kernel, and in user space. */
const DATAPATHS = ['ovs-system', 'ovs-netdev'] as const;

/** Links of the kernel in all namespaces, by name: those that interfaces of the switch may be. */
export class KernelLinks {
  private readonly byId = new Map<ElementId, NodeToWrite>();
  private readonly byName = new Map<string, Set<NodeToWrite>>();

  /** Takes a node of another probe. Answers names under which something is different now. */
  put(node: NodeToWrite): readonly string[] {
    const before = this.byId.get(node.id);
    if (typeof node.metadata.IfIndex !== 'number') return [];
    const name = String(node.metadata.Name);
    if (before !== undefined) this.drop(before);
    this.byId.set(node.id, node);
    this.named(node).add(node);
    if (before === undefined) return [name];
    return isAlike(before, node) ? [] : [String(before.metadata.Name), name];
  }

  /** Answers the name of what went, where it was a link. */
  remove(id: ElementId): string | undefined {
    const node = this.byId.get(id);
    if (node === undefined) return undefined;
    this.byId.delete(id);
    this.drop(node);
    return String(node.metadata.Name);
  }

  /** The link of the switch's own datapath. */
  datapath(): ElementId | undefined {
    for (const name of DATAPATHS) for (const { id } of this.byName.get(name) ?? []) return id;
    return undefined;
  }

  /**
   * The link that an interface of the switch is: of those with its name best the one with its address and index, then with its address alone (it was
   * moved to another namespace), then what it was before, and the one with its index in the host's own namespace. `root`: the host's node.
   */
  find(row: OvsRow, before: ElementId | undefined, root: ElementId): ElementId | undefined {
    const addresses = [textIn(row, 'mac_in_use'), textIn(row, 'mac'), mapIn(row, 'external_ids')['attached-mac']].map((mac) =>
      mac?.toLowerCase(),
    );
    const ifIndex = numberIn(row, 'ifindex') ?? 0;
    let best: { readonly id: ElementId; readonly rank: number } | undefined;
    for (const { id, parent, metadata } of this.byName.get(nameOf(row)) ?? []) {
      const isOwn = parent === root;
      const hasAddress = typeof metadata.MAC === 'string' && addresses.includes(metadata.MAC.toLowerCase());
      const hasIndex = ifIndex !== 0 && metadata.IfIndex === ifIndex;
      if (!hasAddress && id !== before && !(hasIndex && isOwn)) continue;
      const rank = (hasAddress ? 8 : 0) + (hasIndex ? 4 : 0) + (id === before ? 2 : 0) + (isOwn ? 1 : 0);
      if (best === undefined || rank > best.rank) best = { id, rank };
    }
    return best?.id;
  }

  private named({ metadata }: NodeToWrite): Set<NodeToWrite> {
    const name = String(metadata.Name);
    const known = this.byName.get(name) ?? new Set();
    this.byName.set(name, known);
    return known;
  }

  private drop(node: NodeToWrite): void {
    const known = this.named(node);
    known.delete(node);
    if (known.size === 0) this.byName.delete(String(node.metadata.Name));
  }
}

export const isDatapath = (name: string): boolean => (DATAPATHS as readonly string[]).includes(name);

const isAlike = ({ parent, metadata: a }: NodeToWrite, other: NodeToWrite): boolean =>
  parent === other.parent && a.Name === other.metadata.Name && a.MAC === other.metadata.MAC && a.IfIndex === other.metadata.IfIndex;
