import { readFileSync } from 'node:fs';

/** What a real kernel said of links of every kind, and what `ip`, `wg` and `ethtool` made of it at the same moment: see README.md. */
export interface Recording {
  readonly kernel: string;
  readonly iproute2: string;
  /** Commands of the guest that failed. */
  readonly lacks: readonly string[];
  readonly links: readonly RecordedLink[];
  readonly statistics: readonly RecordedStatistics[];
  /** Below `/sys/bus/pci/devices`: contents of files, targets of links. */
  readonly sysfs: Readonly<Record<string, string>>;
  /** Answer to the question for the number of the family `wireguard`. */
  readonly family: string;
  readonly wireguard: readonly RecordedWireGuard[];
}

/** Bytes are hex. */
export interface RecordedLink {
  readonly name: string;
  /** Body of the RTM_NEWLINK, as the agent asks for it. */
  readonly message: string;
  /** The same with virtual functions, of adapters that have some. */
  readonly functions?: string;
  /** `struct ethtool_drvinfo`. */
  readonly driver?: string;
  readonly ip: IpLink;
}

/** `ip -d -j link`: what of it is compared. */
export interface IpLink {
  readonly ifindex: number;
  readonly ifname: string;
  readonly link?: string;
  readonly link_index?: number;
  readonly link_netnsid?: number;
  readonly flags: readonly string[];
  readonly mtu: number;
  readonly master?: string;
  readonly operstate: string;
  readonly link_type: string;
  readonly address?: string;
  readonly parentdev?: string;
  readonly linkinfo?: {
    readonly info_kind?: string;
    readonly info_data?: Readonly<Record<string, unknown>>;
    readonly info_slave_kind?: string;
    readonly info_slave_data?: Readonly<Record<string, unknown>>;
  };
  readonly vfinfo_list?: readonly {
    readonly vf: number;
    readonly address: string;
    readonly vlan_list: readonly { readonly vlan?: number; readonly qos?: number }[];
    readonly rate: { readonly max_tx: number };
    readonly spoofchk: boolean;
    readonly link_state: string;
  }[];
}

export interface RecordedStatistics {
  readonly name: string;
  /** `struct ethtool_sset_info`, `ethtool_gstrings`, `ethtool_stats`. */
  readonly info: string;
  readonly strings: string;
  readonly values: string;
  /** `ethtool -S`. */
  readonly ethtool: Readonly<Record<string, number>>;
}

export interface RecordedWireGuard {
  readonly name: string;
  readonly messages: readonly string[];
  /** `wg show all dump`, without the secret keys. */
  readonly wg: readonly Readonly<Record<string, string>>[];
}

export const readRecording = (): Recording =>
  JSON.parse(readFileSync(new URL('../../../fixtures/netlink/linux-6.12.json', import.meta.url), 'utf8')) as Recording;

export const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex');
