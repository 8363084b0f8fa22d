import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { Log } from '../../common/log.js';

export interface DatagramParts {
  /** Address and port: those of the analyzer's own door, as agents expect. */
  readonly host: string;
  readonly port: number;
  /** `false`: nothing of this address is taken. */
  readonly take: (address: string, bytes: Uint8Array) => boolean;
  readonly log: Log;
}

export interface FlowDatagrams {
  readonly counters: { readonly received: number; readonly refused: number };
  close(): void;
}

/** Bytes that the kernel keeps while we are busy: some thousand flows. */
const BUFFER_BYTES = 4 * 1024 * 1024;

/**
 * Flows of old agents as datagrams, one message each (flows.md §3), which is how agents of Skydive send them unless told otherwise. They
 * carry no credentials: only those of a host from which an agent is connected are taken. Without the port the rest of the analyzer goes on.
 */
export function openFlowDatagrams({ host, port, take, log }: DatagramParts): FlowDatagrams {
  const counters = { received: 0, refused: 0 };
  let socket: Socket | undefined = createSocket({ type: isIPv6(host) ? 'udp6' : 'udp4', recvBufferSize: BUFFER_BYTES });
  const close = (): void => {
    socket?.close();
    socket = undefined;
  };
  socket.on('error', (error) => {
    log.warn({ host, port, error: error.message }, 'flows of old agents are not received as datagrams');
    close();
  });
  socket.on('message', (bytes, { address }) => {
    counters.received += 1;
    if (!take(plainAddress(address), bytes)) counters.refused += 1;
  });
  socket.bind({ address: host, port });
  socket.unref();
  return { counters, close };
}

/** An IPv4 address as itself, where a socket of IPv6 shows it. */
export const plainAddress = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/, '');
