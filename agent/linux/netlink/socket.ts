import { LINUX, OFFSET, SIZE } from '../abi.js';
import { raw, setSocketOption, sys } from '../syscall.js';

export interface RouteSocketOptions {
  /** RTNLGRP numbers to subscribe to. */
  readonly groups: readonly number[];
  /** Bytes that the kernel may hold for us before it drops events. */
  readonly receiveBufferBytes: number;
}

/** Opens a rtnetlink socket in the namespace in which the thread is now; it stays in that namespace. Whoever opened it closes it. */
export function openRouteSocket({ groups, receiveBufferBytes }: RouteSocketOptions): number {
  const fd = sys.socket(LINUX.AF_NETLINK, LINUX.SOCK_RAW | LINUX.SOCK_CLOEXEC, LINUX.NETLINK_ROUTE);
  try {
    growReceiveBuffer(fd, receiveBufferBytes);
    // Without it filters of dumps are silently ignored; kernels before 4.20 do not have it.
    tryOption(fd, LINUX.NETLINK_GET_STRICT_CHK);
    tryOption(fd, LINUX.NETLINK_EXT_ACK);
    const address = Buffer.alloc(SIZE['struct sockaddr_nl']);
    address.writeUInt16LE(LINUX.AF_NETLINK, OFFSET['struct sockaddr_nl'].nl_family);
    // A socket that is not bound has port 0, as the kernel has: its events would count as our own and not reach us.
    sys.bind(fd, address, address.length);
    for (const group of groups) setSocketOption(fd, LINUX.SOL_NETLINK, LINUX.NETLINK_ADD_MEMBERSHIP, group);
    return fd;
  } catch (error) {
    sys.close(fd);
    throw error;
  }
}

function growReceiveBuffer(fd: number, bytes: number): void {
  const value = Buffer.alloc(4);
  value.writeInt32LE(bytes);
  // FORCE goes beyond the system's limit and needs NET_ADMIN; the other is cut to the limit.
  const forced = raw.setsockopt(fd, LINUX.SOL_SOCKET, LINUX.SO_RCVBUFFORCE, value, value.length);
  if (forced < 0) setSocketOption(fd, LINUX.SOL_SOCKET, LINUX.SO_RCVBUF, bytes);
}

function tryOption(fd: number, option: number): void {
  const value = Buffer.alloc(4);
  value.writeInt32LE(1);
  raw.setsockopt(fd, LINUX.SOL_NETLINK, option, value, value.length);
}
