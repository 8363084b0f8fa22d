import { LINUX } from './abi.js';
import { CanopyError } from '../../src/common/errors.js';
import { PACKET, PACKET_OFFSET } from './packetAbi.js';
import { isErrno, sys } from './syscall.js';

/** Bytes that are given to calls with a `struct ifreq`: the largest of all architectures. */
const IFREQ_BYTES = 40;
/** Longest name of an interface, without the final zero. */
const NAME_BYTES = 15;
const IFREQ = PACKET_OFFSET['struct ifreq'];

/** An interface as its own namespace knows it now. */
export interface InterfaceNow {
  readonly index: number;
  /** IFF_* flags. */
  readonly flags: number;
  /** ARPHRD_* number: what its frames begin with. */
  readonly hardwareType: number;
  /** Its address, six bytes; zeros where it has none of that length. */
  readonly mac: Buffer;
  readonly mtu: number;
}

/** Looks at an interface of the thread's namespace. Throws as `lookAtInterface`. */
export function interfaceNow(name: string): InterfaceNow {
  // Not a packet socket: closing one of those waits until every processor has seen it.
  const socket = sys.socket(LINUX.AF_UNIX, LINUX.SOCK_STREAM | LINUX.SOCK_CLOEXEC, 0);
  try {
    return lookAtInterface(socket, name);
  } finally {
    sys.close(socket);
  }
}

/** Looks at an interface through any socket of its namespace. Throws `UNAVAILABLE`, retriable, when there is none of this name. */
export function lookAtInterface(socket: number, name: string): InterfaceNow {
  if (Buffer.byteLength(name) > NAME_BYTES) throw new CanopyError('BAD_INPUT', `no interface has a name as long as ${name}`);
  const request = Buffer.alloc(IFREQ_BYTES);
  request.write(name, IFREQ.ifr_name);
  const ask = (call: number): Buffer => {
    request.fill(0, IFREQ.ifr_ifindex);
    sys.ioctl(socket, call, request);
    return request;
  };
  try {
    const index = ask(PACKET.SIOCGIFINDEX).readInt32LE(IFREQ.ifr_ifindex);
    const flags = ask(PACKET.SIOCGIFFLAGS).readUInt16LE(IFREQ.ifr_flags);
    const mtu = ask(PACKET.SIOCGIFMTU).readInt32LE(IFREQ.ifr_mtu);
    ask(PACKET.SIOCGIFHWADDR);
    const hardwareType = request.readUInt16LE(IFREQ.ifr_hwaddr);
    const mac = Buffer.from(request.subarray(IFREQ.ifr_hwaddr + 2, IFREQ.ifr_hwaddr + 8));
    return { index, flags, hardwareType, mac, mtu };
  } catch (error) {
    if (!isErrno(error, 'ENODEV')) throw error;
    throw new CanopyError('UNAVAILABLE', `there is no interface ${name}`, { retriable: true, cause: error });
  }
}

/** Sets an interface of the thread's namespace up; one that is up stays so. Needs NET_ADMIN. Throws as `lookAtInterface`. */
export function setUp(name: string): void {
  const { flags } = interfaceNow(name);
  if ((flags & LINUX.IFF_UP) !== 0) return;
  const request = Buffer.alloc(IFREQ_BYTES);
  request.write(name, IFREQ.ifr_name);
  request.writeUInt16LE(flags | LINUX.IFF_UP, IFREQ.ifr_flags);
  const socket = sys.socket(LINUX.AF_UNIX, LINUX.SOCK_STREAM | LINUX.SOCK_CLOEXEC, 0);
  try {
    sys.ioctl(socket, PACKET.SIOCSIFFLAGS, request);
  } finally {
    sys.close(socket);
  }
}

/** Throws `UNAVAILABLE`, retriable, when the interface is down: nothing can be received or sent there. */
export function demandUp(name: string, { flags }: InterfaceNow): void {
  if ((flags & LINUX.IFF_UP) !== 0) return;
  throw new CanopyError('UNAVAILABLE', `the interface ${name} is down`, { retriable: true });
}

/** Numbers of pcap's link types. */
export const LINK_TYPE = { ethernet: 1, raw: 101, ipv4: 228, ipv6: 229 } as const;

/**
 * What a frame of an interface of this hardware type begins with, as pcap's link type. Tunnels carry both versions of IP whatever their name says: packets of sit
 * begin with IPv6, and with IPv4 where it is a tunnel of that too. Throws `BAD_INPUT` for what is neither Ethernet nor IP.
 */
export function linkTypeOf(hardwareType: number): number {
  switch (hardwareType) {
    case PACKET.ARPHRD_ETHER:
    case PACKET.ARPHRD_LOOPBACK:
      return LINK_TYPE.ethernet;
    case PACKET.ARPHRD_NONE:
    case PACKET.ARPHRD_RAWIP:
    case PACKET.ARPHRD_PPP:
    case PACKET.ARPHRD_6LOWPAN:
    case PACKET.ARPHRD_IPGRE:
    case PACKET.ARPHRD_IP6GRE:
    case PACKET.ARPHRD_TUNNEL:
    case PACKET.ARPHRD_SIT:
    case PACKET.ARPHRD_TUNNEL6:
      return LINK_TYPE.raw;
    default:
      throw new CanopyError('BAD_INPUT', `frames of interfaces of the hardware type ${hardwareType} begin with neither Ethernet nor IP`);
  }
}
