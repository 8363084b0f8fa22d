import type { Json, JsonObject } from '../../common/json.js';
import type { Flow } from '../../flow/flow.js';
import type { NodeRevision } from '../../graph/element.js';
import { isJsonObject } from '../../graph/metadataPath.js';
import type { NodeView } from '../elementView.js';
import { intAt, textAt } from '../metadata.js';
import { ancestorsOf } from '../relations.js';

/** The key of hosts under which their open sockets stand, in Skydive's form. */
const SOCKETS = 'Sockets';

/** Addresses of a socket that listens on all. */
const EVERY_ADDRESS: Readonly<Record<'IPV4' | 'IPV6', readonly string[]>> = { IPV4: ['0.0.0.0', '::'], IPV6: ['::'] };

/** An open socket and the process that has it. */
export interface SocketView {
  readonly protocol: string;
  readonly state: string | undefined;
  readonly process: string | undefined;
  readonly name: string | undefined;
  readonly pid: number | undefined;
  readonly localAddress: string | undefined;
  readonly localPort: number | undefined;
  readonly remoteAddress: string | undefined;
  readonly remotePort: number | undefined;
}

/**
 * The socket at one end of a TCP or UDP flow: the one with exactly these ends, else the one that listens there and talks to anybody. `node` is where the end is, `host` its
 * machine. What listens on a machine is none of what a namespace on it has.
 */
export function socketAt({ Network, Transport }: Flow, side: 'A' | 'B', node: NodeView, host: NodeView): SocketView | undefined {
  if (Network === undefined || (Transport?.Protocol !== 'TCP' && Transport?.Protocol !== 'UDP')) return undefined;
  const { Protocol } = Transport;
  const other = side === 'A' ? 'B' : 'A';
  const sockets = socketsOf(host);
  const connected = sockets.get(keyOf(Protocol, Network[side], Transport[side], Network[other], Transport[other]));
  if (connected !== undefined) return connected;
  if (ancestorsOf(node).some(({ type }) => type === 'netns')) return undefined;
  for (const address of [Network[side], ...EVERY_ADDRESS[Network.Protocol as 'IPV4' | 'IPV6']]) {
    const listening = sockets.get(keyOf(Protocol, address, Transport[side], '', 0));
    if (listening !== undefined) return listening;
  }
  return undefined;
}

/** Worked out once for a revision: a page of flows asks a hundred times. */
const indexed = new WeakMap<NodeRevision, ReadonlyMap<string, SocketView>>();

function socketsOf(host: NodeView): ReadonlyMap<string, SocketView> {
  let known = indexed.get(host.element);
  if (known === undefined) {
    const list = host.metadataAt(SOCKETS);
    const views = Array.isArray(list) ? (list as Json[]).filter(isJsonObject).map(socketView) : [];
    known = new Map(views.map((socket) => [keyOfView(socket), socket]));
    indexed.set(host.element, known);
  }
  return known;
}

const socketView = (socket: JsonObject): SocketView => ({
  protocol: textAt(socket.Protocol) ?? '',
  state: textAt(socket.State),
  process: textAt(socket.Process),
  name: textAt(socket.Name),
  pid: intAt(socket.Pid),
  localAddress: textAt(socket.LocalAddress),
  localPort: intAt(socket.LocalPort),
  remoteAddress: textAt(socket.RemoteAddress),
  remotePort: intAt(socket.RemotePort),
});

const keyOfView = ({ protocol, localAddress = '', localPort = 0, remoteAddress = '', remotePort = 0 }: SocketView): string =>
  keyOf(protocol, localAddress, localPort, remotePort === 0 ? '' : remoteAddress, remotePort);

const keyOf = (...parts: readonly (string | number)[]): string => parts.join(' ');
