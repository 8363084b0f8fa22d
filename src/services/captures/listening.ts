import type { ElementId, NodeRevision } from '../../graph/element.js';
import type { GraphView } from '../../graph/view.js';
import type { CaptureActivity, CaptureSpec, CaptureType } from '../../protocol/capture.js';

/** Kinds of capture that await what others send, and by which protocol. */
const PROTOCOLS: ReadonlyMap<CaptureType | undefined, 'TCP' | 'UDP'> = new Map([
  ['pcapsocket', 'TCP'],
  ['sflow', 'UDP'],
  ['netflow', 'UDP'],
]);

/** Address of collectors on nodes that have several addresses or none. */
const EVERY_ADDRESS = '0.0.0.0';

/** Owners above one another that are looked through. */
const MOST_OWNERS = 8;

interface Listener {
  readonly protocol: 'TCP' | 'UDP';
  /** One network namespace of one host. */
  readonly place: string;
  readonly address: string;
  readonly port: number;
  /** Who listens there, for people. */
  readonly who: string;
}

/** Ports at which captures listen, for captures that are about to be made: two cannot have the same. */
export class TakenPorts {
  private readonly listeners: Listener[] = [];

  constructor(
    private readonly graph: GraphView,
    activities: Iterable<CaptureActivity>,
  ) {
    for (const activity of activities) {
      const node = graph.node(activity.node);
      const protocol = PROTOCOLS.get(activity.type);
      const socket = activity.pcapSocket ?? activity.sflowSocket ?? activity.facts.netflowSocket;
      if (node === undefined || protocol === undefined || activity.state !== 'ACTIVE' || typeof socket !== 'string') continue;
      const colon = socket.lastIndexOf(':');
      const where = { place: this.placeOf(node, protocol), address: socket.slice(0, colon), port: Number(socket.slice(colon + 1)) };
      this.listeners.push({ protocol, ...where, who: `capture ${activity.capture} on ${String(node.metadata.Name)}` });
    }
  }

  /** Takes the port that the capture asks for on the node; answers why it cannot have it. One that asks for none is given a free one. */
  take({ port }: CaptureSpec, type: CaptureType | undefined, node: NodeRevision): string | undefined {
    const protocol = PROTOCOLS.get(type);
    if (protocol === undefined || port === 0) return undefined;
    // Streams are awaited at one address of the agent.
    const address = protocol === 'TCP' ? EVERY_ADDRESS : addressOf(node);
    const place = this.placeOf(node, protocol);
    const before = this.listeners.find(
      (other) => other.protocol === protocol && other.port === port && other.place === place && overlap(other.address, address),
    );
    if (before !== undefined)
      return `port ${port} (${protocol}) is taken there by ${before.who}; give another port, or none for a free one`;
    this.listeners.push({ protocol, place, address, port, who: `the same capture on ${String(node.metadata.Name)}` });
    return undefined;
  }

  /** Streams come to the agent's own namespace, datagrams to the node's. */
  private placeOf(node: NodeRevision, protocol: 'TCP' | 'UDP'): string {
    return protocol === 'TCP' ? node.origin : `${node.origin} ${this.namespaceOf(node.id)}`;
  }

  private namespaceOf(id: ElementId): ElementId {
    let current = id;
    for (let height = 0; height < MOST_OWNERS; height++) {
      const owner = [...this.graph.inEdges(current)].find(({ metadata }) => metadata.RelationType === 'ownership')?.parent;
      if (owner === undefined) return current;
      current = owner;
      if (this.graph.node(owner)?.metadata.Type === 'netns') return current;
    }
    return current;
  }
}

/** The node's only address, as agents choose it. */
function addressOf({ metadata }: NodeRevision): string {
  const addresses = Array.isArray(metadata.IPV4) ? metadata.IPV4 : [];
  return addresses.length === 1 ? String(addresses[0]).split('/')[0]! : EVERY_ADDRESS;
}

const overlap = (a: string, b: string): boolean => a === b || a === EVERY_ADDRESS || b === EVERY_ADDRESS;
