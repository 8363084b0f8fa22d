import type { Json, JsonObject } from '../common/json.js';
import type { NodeRevision } from '../graph/element.js';
import { NodeView, type Moment } from './elementView.js';
import { interfaceKindOf, kindOf, type InterfaceKind, type NodeKind } from './kinds.js';
import { counterAt, intAt, textAt, textsAt } from './metadata.js';
import { wholeMetadata } from '../graph/readMetadata.js';

/** A machine. */
export class HostView extends NodeView {
  get __typename(): 'Host' {
    return 'Host';
  }
  get hostname(): string {
    return textAt(this.element.metadata.Hostname) ?? this.name;
  }
  get platform(): JsonObject | undefined {
    return platformOf(this.element.metadata);
  }
}

/** A network namespace. */
export class NetworkNamespaceView extends NodeView {
  get __typename(): 'NetworkNamespace' {
    return 'NetworkNamespace';
  }
  get path(): string {
    return textAt(this.element.metadata.Path) ?? '';
  }
  get inode(): number | undefined {
    return counterAt(this.element.metadata.Inode);
  }
  get device(): number | undefined {
    return counterAt(this.element.metadata.Device);
  }
  get manager(): string | undefined {
    return textAt(this.element.metadata.Manager);
  }
}

/** Ethtool reports the speed of a link in Mbit/s. */
const BITS_PER_MEGABIT = 1_000_000;

/** A network interface. */
export class NetworkInterfaceView extends NodeView {
  get __typename(): 'NetworkInterface' {
    return 'NetworkInterface';
  }
  get kind(): InterfaceKind {
    return interfaceKindOf(this.element);
  }
  get ifIndex(): number | undefined {
    return intAt(this.element.metadata.IfIndex);
  }
  get mac(): string | undefined {
    return textAt(this.element.metadata.MAC);
  }
  get mtu(): number | undefined {
    return intAt(this.element.metadata.MTU);
  }
  get speed(): number | undefined {
    const megabits = counterAt(this.element.metadata.Speed);
    return megabits === undefined ? undefined : counterAt(megabits * BITS_PER_MEGABIT);
  }
  get driver(): string | undefined {
    return textAt(this.element.metadata.Driver);
  }
  get encapsulation(): string | undefined {
    return textAt(this.element.metadata.EncapType);
  }
  get flags(): readonly string[] {
    return textsAt(this.element.metadata.LinkFlags);
  }
  get addresses(): readonly string[] {
    return [...textsAt(this.element.metadata.IPV4), ...textsAt(this.element.metadata.IPV6)];
  }
  get vlan(): number | undefined {
    return intAt(this.element.metadata.Vlan);
  }
  get features(): Json | undefined {
    return this.element.metadata.Features ?? wholeMetadata(this.element, undefined).Features;
  }
}

/** A node of a type without a kind of its own. */
export class CustomNodeView extends NodeView {
  get __typename(): 'CustomNode' {
    return 'CustomNode';
  }
}

const viewsByKind: Readonly<Record<NodeKind, new (node: NodeRevision, moment: Moment | undefined) => NodeView>> = {
  Host: HostView,
  NetworkNamespace: NetworkNamespaceView,
  NetworkInterface: NetworkInterfaceView,
  CustomNode: CustomNodeView,
};

/** The node with the fields of its kind. */
export const nodeViewOf = (node: NodeRevision, moment: Moment | undefined): NodeView => new viewsByKind[kindOf(node)](node, moment);

/** Facts about a machine that its agent writes into the metadata of the host, by their keys there. */
const PLATFORM_KEYS = [
  'OS',
  'Platform',
  'PlatformFamily',
  'PlatformVersion',
  'KernelVersion',
  'KernelCmdLine',
  'VirtualizationSystem',
  'VirtualizationRole',
  'InstanceID',
  'IsolatedCPU',
  'CPU',
] as const;

function platformOf(metadata: JsonObject): JsonObject | undefined {
  const facts = PLATFORM_KEYS.filter((key) => metadata[key] !== undefined).map((key) => [key, metadata[key]!] as const);
  return facts.length === 0 ? undefined : Object.fromEntries(facts);
}
