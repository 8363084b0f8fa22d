import { constants } from 'node:os';
import ipaddr from 'ipaddr.js';
import { CanopyError } from '../../src/common/errors.js';
import { LINUX } from './abi.js';
import { PACKET, PACKET_OFFSET, PACKET_SIZE } from './packetAbi.js';
import { check, getSocketOptionBytes, isErrno, raw, setSocketOption, sys } from './syscall.js';

/** Sockets of addresses and ports for threads that wait in the kernel instead of in Node; opened in the namespace in which the thread is. */

const IN = PACKET_OFFSET['struct sockaddr_in'];
const IN6 = PACKET_OFFSET['struct sockaddr_in6'];
/** Bytes that the kernel may hold while we are busy; cut to the system's limit. */
const RECEIVE_BUFFER = 4 * 1024 * 1024;
const BACKLOG = 16;

/** Awaits datagrams on an address; with a range of ports on the first free one. Throws what the kernel says. */
export const openDatagrams = (address: string, ports: readonly [first: number, last: number]): OpenSocket =>
  openOnFirstFree(PACKET.SOCK_DGRAM, address, ports, (fd) => {
    const value = Buffer.alloc(4);
    value.writeInt32LE(RECEIVE_BUFFER);
    if (raw.setsockopt(fd, LINUX.SOL_SOCKET, LINUX.SO_RCVBUFFORCE, value, value.length) < 0)
      setSocketOption(fd, LINUX.SOL_SOCKET, LINUX.SO_RCVBUF, RECEIVE_BUFFER);
  });

/** Awaits connections on an address; with a range of ports on the first free one. */
export const openListener = (address: string, ports: readonly [first: number, last: number]): OpenSocket =>
  openOnFirstFree(
    LINUX.SOCK_STREAM,
    address,
    ports,
    (fd) => setSocketOption(fd, LINUX.SOL_SOCKET, PACKET.SO_REUSEADDR, 1),
    (fd) => sys.listen(fd, BACKLOG),
  );

export interface OpenSocket {
  readonly fd: number;
  readonly port: number;
}

function openOnFirstFree(
  type: number,
  address: string,
  [first, last]: readonly [number, number],
  beforeBind: (fd: number) => void,
  afterBind: (fd: number) => void = () => undefined,
): OpenSocket {
  const family = ipaddr.parse(address).kind() === 'ipv6' ? LINUX.AF_INET6 : LINUX.AF_INET;
  for (let port = first; port <= last; port++) {
    const fd = sys.socket(family, type | LINUX.SOCK_CLOEXEC | PACKET.SOCK_NONBLOCK, 0);
    try {
      beforeBind(fd);
      const name = socketAddress(address, port);
      sys.bind(fd, name, name.length);
      afterBind(fd);
      return { fd, port };
    } catch (error) {
      sys.close(fd);
      if (!isErrno(error, 'EADDRINUSE')) throw error;
    }
  }
  const ports = first === last ? `port ${first} is` : `all ports from ${first} to ${last} are`;
  throw new CanopyError('UNAVAILABLE', `${ports} in use on ${address}`, { retriable: true });
}

/** An open socket to an address, for datagrams out. Throws `UNAVAILABLE`, retriable, where no route leads there. */
export const connectDatagrams = (address: string, port: number): number => connectTo(address, port, PACKET.SOCK_DGRAM, 0);

/** The same for packets of a protocol of IP. */
export const connectRaw = (address: string, protocol: number): number => connectTo(address, 0, LINUX.SOCK_RAW, protocol);

function connectTo(address: string, port: number, type: number, protocol: number): number {
  const name = socketAddress(address, port);
  const family = name.length === PACKET_SIZE['struct sockaddr_in'] ? LINUX.AF_INET : LINUX.AF_INET6;
  const fd = sys.socket(family, type | LINUX.SOCK_CLOEXEC, protocol);
  try {
    sys.connect(fd, name, name.length);
    return fd;
  } catch (cause) {
    sys.close(fd);
    if (!isErrno(cause, 'ENETUNREACH') && !isErrno(cause, 'EHOSTUNREACH')) throw cause;
    throw new CanopyError('UNAVAILABLE', `no route leads to ${address} from the network namespace of the agent`, {
      retriable: true,
      cause,
    });
  }
}

/** The address as the kernel takes it. */
export function socketAddress(address: string, port: number): Buffer {
  const parsed = ipaddr.parse(address);
  const isV6 = parsed.kind() === 'ipv6';
  const name = Buffer.alloc(PACKET_SIZE[isV6 ? 'struct sockaddr_in6' : 'struct sockaddr_in']);
  name.writeUInt16LE(isV6 ? LINUX.AF_INET6 : LINUX.AF_INET, 0);
  name.writeUInt16BE(port, isV6 ? IN6.sin6_port : IN.sin_port);
  name.set(parsed.toByteArray(), isV6 ? IN6.sin6_addr : IN.sin_addr);
  return name;
}

/** Datagrams that the kernel had no room for, since the socket was opened; 0 where it does not say (before Linux 4.12). */
export function droppedDatagrams(fd: number): number {
  try {
    return getSocketOptionBytes(fd, LINUX.SOL_SOCKET, PACKET.SO_MEMINFO, 4 * PACKET.SK_MEMINFO_VARS).readUInt32LE(
      4 * PACKET.SK_MEMINFO_DROPS,
    );
  } catch {
    return 0;
  }
}

/** Reads datagrams into one buffer. */
export class DatagramReader {
  readonly buffer = Buffer.allocUnsafeSlow(65_536);
  private readonly from = Buffer.alloc(PACKET_SIZE['struct sockaddr_in6']);
  private readonly fromLength = Buffer.alloc(4);

  /** Bytes of the next datagram, now in `buffer`; `undefined` when there is none. */
  next(fd: number): number | undefined {
    this.fromLength.writeUInt32LE(this.from.length);
    const length = raw.recvfrom(fd, this.buffer, this.buffer.length, LINUX.MSG_DONTWAIT, this.from, this.fromLength);
    if (length === -constants.errno.EAGAIN) return undefined;
    return check('recvfrom', length);
  }

  /** Who sent the last one, without the port. */
  sender(): string {
    const isV6 = this.from.readUInt16LE(0) === LINUX.AF_INET6;
    const bytes = isV6 ? this.from.subarray(IN6.sin6_addr, IN6.sin6_addr + 16) : this.from.subarray(IN.sin_addr, IN.sin_addr + 4);
    return ipaddr.fromByteArray([...bytes]).toString();
  }
}

/** The next connection; `undefined` when none waits. */
export function acceptConnection(fd: number): number | undefined {
  const nobody = Buffer.alloc(PACKET_SIZE['struct sockaddr_in6']);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(nobody.length);
  const connection = raw.accept(fd, nobody, length, LINUX.SOCK_CLOEXEC | PACKET.SOCK_NONBLOCK);
  if (connection === -constants.errno.EAGAIN || connection === -constants.errno.ECONNABORTED) return undefined;
  return check('accept4', connection, [fd]);
}
