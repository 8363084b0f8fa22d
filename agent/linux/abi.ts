import { CanopyError } from '../../src/common/errors.js';

/**
 * Every number of the kernel's interface that depends on, or could depend on, the machine: constants, sizes and offsets of structs.
 * Sources: the kernel's include/uapi headers. A test compares them with what a C compiler says.
 */

/** What differs between processor architectures. */
export interface MachineAbi {
  /** `struct epoll_event` is packed on x86-64 only. */
  readonly epollEventSize: number;
  readonly epollEventData: number;
}

const MACHINES: Readonly<Record<string, MachineAbi>> = {
  x64: { epollEventSize: 12, epollEventData: 4 },
  arm64: { epollEventSize: 16, epollEventData: 8 },
};

/** The numbers of an architecture as `process.arch` names it. Throws `UNAVAILABLE` for one that nobody has checked. */
export function machineAbi(architecture: string = process.arch): MachineAbi {
  const abi = MACHINES[architecture];
  if (abi === undefined) {
    throw new CanopyError(
      'UNAVAILABLE',
      `the agent has no kernel numbers for the architecture ${architecture}; it knows ${Object.keys(MACHINES).join(', ')}`,
    );
  }
  return abi;
}

/** Constants by their C names; the test compiles each of them. */
export const LINUX = {
  // sched.h
  CLONE_NEWNET: 0x40000000,
  // sys/socket.h
  AF_UNSPEC: 0,
  AF_UNIX: 1,
  AF_INET: 2,
  AF_BRIDGE: 7,
  AF_INET6: 10,
  AF_NETLINK: 16,
  SOCK_STREAM: 1,
  SOCK_RAW: 3,
  SOCK_CLOEXEC: 0o2000000,
  SOL_SOCKET: 1,
  SO_RCVBUF: 8,
  SO_RCVBUFFORCE: 33,
  SO_NETNS_COOKIE: 71,
  MSG_TRUNC: 0x20,
  MSG_DONTWAIT: 0x40,
  // sys/epoll.h, sys/eventfd.h
  EPOLLIN: 0x1,
  EPOLL_CTL_ADD: 1,
  EPOLL_CTL_DEL: 2,
  EPOLL_CLOEXEC: 0o2000000,
  EFD_CLOEXEC: 0o2000000,
  EFD_NONBLOCK: 0o4000,
  // linux/magic.h
  NSFS_MAGIC: 0x6e736673,
  // linux/netlink.h
  NETLINK_ROUTE: 0,
  SOL_NETLINK: 270,
  NETLINK_ADD_MEMBERSHIP: 1,
  NETLINK_EXT_ACK: 11,
  NETLINK_GET_STRICT_CHK: 12,
  NLM_F_REQUEST: 0x1,
  NLM_F_MULTI: 0x2,
  NLM_F_ACK: 0x4,
  NLM_F_DUMP_INTR: 0x10,
  NLM_F_DUMP: 0x300,
  NLMSG_NOOP: 1,
  NLMSG_ERROR: 2,
  NLMSG_DONE: 3,
  NLMSG_OVERRUN: 4,
  NLA_TYPE_MASK: 0x3fff,
  // linux/rtnetlink.h
  RTM_NEWLINK: 16,
  RTM_DELLINK: 17,
  RTM_GETLINK: 18,
  RTM_NEWADDR: 20,
  RTM_DELADDR: 21,
  RTM_GETADDR: 22,
  RTM_NEWNSID: 88,
  RTM_DELNSID: 89,
  RTM_GETNSID: 90,
  RTM_NEWSTATS: 92,
  RTM_GETSTATS: 94,
  RTNLGRP_LINK: 1,
  RTNLGRP_IPV4_IFADDR: 5,
  RTNLGRP_IPV6_IFADDR: 9,
  RTNLGRP_NSID: 28,
  RTEXT_FILTER_SKIP_STATS: 8,
  // linux/net_namespace.h
  NETNSA_NSID: 1,
  NETNSA_FD: 3,
  // linux/if_link.h
  IFLA_ADDRESS: 1,
  IFLA_IFNAME: 3,
  IFLA_MTU: 4,
  IFLA_LINK: 5,
  IFLA_MASTER: 10,
  IFLA_OPERSTATE: 16,
  IFLA_LINKINFO: 18,
  IFLA_EXT_MASK: 29,
  IFLA_LINK_NETNSID: 37,
  IFLA_NEW_NETNSID: 45,
  IFLA_NEW_IFINDEX: 49,
  IFLA_PERM_ADDRESS: 54,
  IFLA_INFO_KIND: 1,
  IFLA_INFO_DATA: 2,
  IFLA_INFO_SLAVE_KIND: 4,
  IFLA_INFO_SLAVE_DATA: 5,
  IFLA_VLAN_ID: 1,
  IFLA_BOND_MODE: 1,
  IFLA_VXLAN_ID: 1,
  IFLA_GENEVE_ID: 1,
  IFLA_MACVLAN_MODE: 1,
  IFLA_IPVLAN_MODE: 1,
  IFLA_VRF_TABLE: 1,
  IFLA_BOND_SLAVE_STATE: 1,
  IFLA_BOND_SLAVE_MII_STATUS: 2,
  IFLA_BOND_SLAVE_LINK_FAILURE_COUNT: 3,
  IFLA_BOND_SLAVE_PERM_HWADDR: 4,
  IFLA_BOND_SLAVE_QUEUE_ID: 5,
  IFLA_BOND_SLAVE_AD_AGGREGATOR_ID: 6,
  IFLA_BOND_SLAVE_AD_ACTOR_OPER_PORT_STATE: 7,
  IFLA_BOND_SLAVE_AD_PARTNER_OPER_PORT_STATE: 8,
  IFLA_STATS_LINK_64: 1,
  // linux/if_addr.h
  IFA_ADDRESS: 1,
  IFA_LOCAL: 2,
  // net/if.h
  IFF_UP: 0x1,
  IFF_BROADCAST: 0x2,
  IFF_LOOPBACK: 0x8,
  IFF_POINTOPOINT: 0x10,
  IFF_MULTICAST: 0x1000,
  // linux/sockios.h, linux/ethtool.h
  SIOCETHTOOL: 0x8946,
  ETHTOOL_GDRVINFO: 0x3,
  ETHTOOL_GLINKSETTINGS: 0x4c,
  // sys/syscall.h: the same on every architecture since 5.3
  SYS_pidfd_open: 434,
  // linux/connector.h, linux/cn_proc.h
  NETLINK_CONNECTOR: 11,
  CN_IDX_PROC: 1,
  CN_VAL_PROC: 1,
  PROC_CN_MCAST_LISTEN: 1,
  PROC_EVENT_NONE: 0,
  PROC_EVENT_FORK: 1,
  PROC_EVENT_EXEC: 2,
  // linux/prctl.h
  PR_CAPBSET_READ: 23,
  PR_CAPBSET_DROP: 24,
  PR_SET_NO_NEW_PRIVS: 38,
  PR_CAP_AMBIENT: 47,
  PR_CAP_AMBIENT_CLEAR_ALL: 4,
  // linux/capability.h
  _LINUX_CAPABILITY_VERSION_3: 0x20080522,
  CAP_NET_ADMIN: 12,
  CAP_NET_RAW: 13,
  CAP_SYS_PTRACE: 19,
  CAP_SYS_ADMIN: 21,
  CAP_BPF: 39,
} as const;

/** Sizes of structs by their C names. */
export const SIZE = {
  'struct nlmsghdr': 16,
  'struct nlattr': 4,
  'struct nlmsgerr': 20,
  'struct sockaddr_nl': 12,
  'struct sockaddr_un': 110,
  'struct ifinfomsg': 16,
  'struct ifaddrmsg': 8,
  'struct if_stats_msg': 12,
  'struct rtgenmsg': 1,
  'struct ifreq': 40,
  'struct ethtool_drvinfo': 196,
  'struct ethtool_link_settings': 48,
  'struct cn_msg': 20,
  'struct __user_cap_header_struct': 8,
  'struct __user_cap_data_struct': 12,
} as const;

/** Offsets of fields by their C names. */
export const OFFSET = {
  'struct nlmsghdr': { nlmsg_len: 0, nlmsg_type: 4, nlmsg_flags: 6, nlmsg_seq: 8, nlmsg_pid: 12 },
  'struct sockaddr_nl': { nl_family: 0, nl_pid: 4, nl_groups: 8 },
  'struct sockaddr_un': { sun_family: 0, sun_path: 2 },
  'struct ifinfomsg': { ifi_family: 0, ifi_type: 2, ifi_index: 4, ifi_flags: 8, ifi_change: 12 },
  'struct ifaddrmsg': { ifa_family: 0, ifa_prefixlen: 1, ifa_flags: 2, ifa_scope: 3, ifa_index: 4 },
  'struct if_stats_msg': { family: 0, ifindex: 4, filter_mask: 8 },
  'struct ifreq': { ifr_name: 0, ifr_data: 16 },
  'struct ethtool_drvinfo': { cmd: 0, driver: 4 },
  'struct ethtool_link_settings': { cmd: 0, speed: 4, link_mode_masks_nwords: 15 },
  'struct cn_msg': { 'id.idx': 0, 'id.val': 4, seq: 8, ack: 12, len: 16 },
  'struct proc_event': {
    what: 0,
    'event_data.ack.err': 16,
    'event_data.fork.child_pid': 24,
    'event_data.fork.child_tgid': 28,
    'event_data.exec.process_pid': 16,
    'event_data.exec.process_tgid': 20,
  },
} as const;

/** Counters in the order of `struct rtnl_link_stats64` (linux/if_link.h), each a 64-bit number, by the names that metadata has for them. */
export const LINK_COUNTERS = [
  ['rx_packets', 'RxPackets'],
  ['tx_packets', 'TxPackets'],
  ['rx_bytes', 'RxBytes'],
  ['tx_bytes', 'TxBytes'],
  ['rx_errors', 'RxErrors'],
  ['tx_errors', 'TxErrors'],
  ['rx_dropped', 'RxDropped'],
  ['tx_dropped', 'TxDropped'],
  ['multicast', 'Multicast'],
  ['collisions', 'Collisions'],
  ['rx_length_errors', 'RxLengthErrors'],
  ['rx_over_errors', 'RxOverErrors'],
  ['rx_crc_errors', 'RxCrcErrors'],
  ['rx_frame_errors', 'RxFrameErrors'],
  ['rx_fifo_errors', 'RxFifoErrors'],
  ['rx_missed_errors', 'RxMissedErrors'],
  ['tx_aborted_errors', 'TxAbortedErrors'],
  ['tx_carrier_errors', 'TxCarrierErrors'],
  ['tx_fifo_errors', 'TxFifoErrors'],
  ['tx_heartbeat_errors', 'TxHeartbeatErrors'],
  ['tx_window_errors', 'TxWindowErrors'],
  ['rx_compressed', 'RxCompressed'],
  ['tx_compressed', 'TxCompressed'],
] as const;
