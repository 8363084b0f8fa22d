import type { Flow } from '../../flow/flow.js';
import type { NodeRevision } from '../../graph/element.js';
import type { NodeView } from '../elementView.js';
import { ancestorsOf } from '../relations.js';
import { socketKey, socketsOf, type SocketView } from '../sockets.js';

/** Addresses of a socket that listens on all. */
const EVERY_ADDRESS: Readonly<Record<'IPV4' | 'IPV6', readonly string[]>> = { IPV4: ['0.0.0.0', '::'], IPV6: ['::'] };

/**
 * The socket at one end of a TCP or UDP flow: the one with exactly these ends, else the one that listens there and talks to anybody. `node` is where the end is, `host` its
 * machine. What listens on a machine is none of what a namespace on it has.
 */
export function socketAt({ Network, Transport }: Flow, side: 'A' | 'B', node: NodeView, host: NodeView): SocketView | undefined {
  if (Network === undefined || (Transport?.Protocol !== 'TCP' && Transport?.Protocol !== 'UDP')) return undefined;
  const { Protocol } = Transport;
  const other = side === 'A' ? 'B' : 'A';
  const sockets = indexOf(host);
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

function indexOf(host: NodeView): ReadonlyMap<string, SocketView> {
  let known = indexed.get(host.element);
  if (known === undefined) {
    known = new Map(socketsOf(host)?.map((socket) => [keyOfView(socket), socket]));
    indexed.set(host.element, known);
  }
  return known;
}

/** What a socket that talks to nobody yet says of the other end is no part of its key. */
const keyOfView = (socket: SocketView): string => socketKey((socket.remotePort ?? 0) === 0 ? { ...socket, remoteAddress: '' } : socket);

const keyOf = (...parts: readonly (string | number)[]): string => parts.join(' ');
