import { LINUX } from '../abi.js';
import { ipText } from './ipAddress.js';
import { eachAttribute, readU16BE, readU32, readU8 } from './message.js';

/** IFLA_INFO_DATA of tunnels (linux/if_tunnel.h, linux/if_link.h): every kind has the same few things under numbers of its own. */

/** What a tunnel is between. Each is there only where the kind has it, and it is set. */
export interface Tunnel {
  readonly local?: string;
  readonly remote?: string;
  /** UDP port of the far ends. */
  readonly port?: number;
  /** What tells tunnels between the same two ends apart. */
  readonly inKey?: number;
  readonly outKey?: number;
  /** Without it, that of the inner packet. */
  readonly ttl?: number;
}

type Field = keyof Tunnel;

const GRE: Readonly<Record<number, Field>> = {
  [LINUX.IFLA_GRE_LOCAL]: 'local',
  [LINUX.IFLA_GRE_REMOTE]: 'remote',
  [LINUX.IFLA_GRE_IKEY]: 'inKey',
  [LINUX.IFLA_GRE_OKEY]: 'outKey',
  [LINUX.IFLA_GRE_TTL]: 'ttl',
};
const IPTUN: Readonly<Record<number, Field>> = {
  [LINUX.IFLA_IPTUN_LOCAL]: 'local',
  [LINUX.IFLA_IPTUN_REMOTE]: 'remote',
  [LINUX.IFLA_IPTUN_TTL]: 'ttl',
};
const VTI: Readonly<Record<number, Field>> = {
  [LINUX.IFLA_VTI_LOCAL]: 'local',
  [LINUX.IFLA_VTI_REMOTE]: 'remote',
  [LINUX.IFLA_VTI_IKEY]: 'inKey',
  [LINUX.IFLA_VTI_OKEY]: 'outKey',
};
const FIELDS: Readonly<Record<string, Readonly<Record<number, Field>>>> = {
  vxlan: {
    [LINUX.IFLA_VXLAN_LOCAL]: 'local',
    [LINUX.IFLA_VXLAN_LOCAL6]: 'local',
    [LINUX.IFLA_VXLAN_GROUP]: 'remote',
    [LINUX.IFLA_VXLAN_GROUP6]: 'remote',
    [LINUX.IFLA_VXLAN_PORT]: 'port',
    [LINUX.IFLA_VXLAN_TTL]: 'ttl',
  },
  geneve: {
    [LINUX.IFLA_GENEVE_REMOTE]: 'remote',
    [LINUX.IFLA_GENEVE_REMOTE6]: 'remote',
    [LINUX.IFLA_GENEVE_PORT]: 'port',
    [LINUX.IFLA_GENEVE_TTL]: 'ttl',
  },
  gre: GRE,
  gretap: GRE,
  erspan: GRE,
  ip6gre: GRE,
  ip6gretap: GRE,
  ip6erspan: GRE,
  ipip: IPTUN,
  sit: IPTUN,
  ip6tnl: IPTUN,
  vti: VTI,
  vti6: VTI,
};

/** `undefined` for kinds that are no tunnels, and for tunnels that say nothing. */
export function decodeTunnel(kind: string, bytes: Buffer, start: number, end: number): Tunnel | undefined {
  const fields = Object.hasOwn(FIELDS, kind) ? FIELDS[kind] : undefined;
  if (fields === undefined) return undefined;
  const tunnel: { -readonly [Name in Field]?: Tunnel[Name] } = {};
  eachAttribute(bytes, start, end, (type, at, length) => {
    const field = fields[type];
    switch (field) {
      case 'local':
      case 'remote':
        // Zeros stand for any.
        if (isSet(bytes, at, length)) tunnel[field] = ipText(bytes, at, length);
        return;
      case 'port':
        return void (tunnel.port = readU16BE(bytes, at, length));
      case 'inKey':
      case 'outKey':
        if (isSet(bytes, at, length) && length >= 4) tunnel[field] = bytes.readUInt32BE(at);
        return;
      case 'ttl':
        if (isSet(bytes, at, length)) tunnel.ttl = length === 1 ? readU8(bytes, at, length) : readU32(bytes, at, length);
        return;
      case undefined:
        return;
    }
  });
  return Object.keys(tunnel).length === 0 ? undefined : tunnel;
}

function isSet(bytes: Buffer, at: number, length: number): boolean {
  for (let index = at; index < at + length; index++) if (bytes[index] !== 0) return true;
  return false;
}
