import { DatagramReader, droppedDatagrams, openDatagrams, type OpenSocket } from '../linux/inetSocket.js';
import { sys } from '../linux/syscall.js';
import type { SourceContext } from './source.js';

/** Datagrams of one socket before the next one has its turn. */
const DATAGRAMS_AT_ONCE = 256;

/** Where datagrams of exporters come in: a socket in the node's namespace. */
export interface Collector {
  /** `192.0.2.7:6343`. */
  readonly address: string;
  /** Datagrams that the kernel had no room for. */
  dropped(): number;
  close(): void;
}

/**
 * Collects on the node's only IPv4 address, else on all: on the port that the capture asks for, else on the usual one, else on the first free one of the range.
 */
export function openCollector(
  context: SourceContext,
  usualPort: number,
  range: readonly [first: number, last: number],
  take: (datagram: Buffer, sender: string) => void,
): Collector {
  const { addresses } = context.place;
  const address = addresses.length === 1 ? addresses[0]! : '0.0.0.0';
  const { port } = context.spec;
  const socket = context.inPlace(() => (port !== 0 ? openDatagrams(address, [port, port]) : openUsual(address, usualPort, range)));
  const reader = new DatagramReader();
  context.watch(socket.fd, () => {
    for (let turn = 0; turn < DATAGRAMS_AT_ONCE; turn++) {
      const length = reader.next(socket.fd);
      if (length === undefined) return;
      take(reader.buffer.subarray(0, length), reader.sender());
    }
  });
  let droppedAtEnd: number | undefined;
  return {
    address: `${address}:${socket.port}`,
    dropped: () => droppedAtEnd ?? droppedDatagrams(socket.fd),
    close() {
      droppedAtEnd ??= droppedDatagrams(socket.fd);
      context.unwatch(socket.fd);
      sys.close(socket.fd);
    },
  };
}

function openUsual(address: string, usualPort: number, range: readonly [number, number]): OpenSocket {
  try {
    return openDatagrams(address, [usualPort, usualPort]);
  } catch {
    return openDatagrams(address, range);
  }
}
