/** What the picture needs to know of a node to choose its shape, its place in a row and its layer. */
export interface Kinded {
  readonly type: string;
  readonly kind?: string | undefined;
  readonly addresses?: readonly string[] | undefined;
}

/** Things that look alike and are shown or left out together. */
export type Family =
  'port' | 'bond' | 'bridge' | 'vlan' | 'tunnel' | 'tap' | 'veth' | 'workload' | 'loopback' | 'namespace' | 'host' | 'other';

const BY_KIND: Readonly<Record<string, Family>> = {
  BOND: 'bond',
  BRIDGE: 'bridge',
  DEVICE: 'port',
  DUMMY: 'other',
  GENEVE: 'tunnel',
  GRE: 'tunnel',
  IPVLAN: 'vlan',
  LOOPBACK: 'loopback',
  MACVLAN: 'vlan',
  MACVTAP: 'tap',
  OVS_INTERNAL: 'port',
  OVS_PATCH: 'veth',
  TAP: 'tap',
  TUN: 'tunnel',
  VETH: 'veth',
  VLAN: 'vlan',
  VRF: 'bridge',
  VXLAN: 'tunnel',
  WIREGUARD: 'tunnel',
};

const BY_TYPE: Readonly<Record<string, Family>> = {
  host: 'host',
  netns: 'namespace',
  container: 'workload',
  pod: 'workload',
  libvirt: 'workload',
  process: 'workload',
  socket: 'workload',
  ovsbridge: 'bridge',
  ovsport: 'port',
  switch: 'host',
  switchport: 'port',
  team: 'bond',
  sit: 'tunnel',
  ipip: 'tunnel',
  ip6tnl: 'tunnel',
};

/** Which family a node belongs to: by the kind of interface, else by the word of its source. */
export const familyOf = ({ type, kind }: Kinded): Family => BY_KIND[kind ?? ''] ?? BY_TYPE[type] ?? 'other';

/** What a group of the overview stands for, after its id: `host:web-1`, `type:veth`; `undefined` where it is nothing of a kind. */
export function familyOfGroup(id: string): Family | undefined {
  if (id.startsWith('host:')) return 'host';
  const family = id.startsWith('type:')
    ? familyOf({ type: id.slice('type:'.length), kind: id.slice('type:'.length).toUpperCase() })
    : 'other';
  return family === 'other' ? undefined : family;
}

/** Order within an area: what leads out first, what is only for the machine itself last. */
const RANKS: readonly Family[] = [
  'host',
  'port',
  'bond',
  'bridge',
  'vlan',
  'tunnel',
  'tap',
  'veth',
  'other',
  'workload',
  'namespace',
  'loopback',
];
export const rankOf = (family: Family): number => RANKS.indexOf(family);

/** Outline of a glyph; the numbers are known to the shader. */
export const SHAPES = { square: 0, circle: 1, diamond: 2, hexagon: 3, triangle: 4 } as const;
export type Shape = keyof typeof SHAPES;

const SHAPE: Readonly<Record<Family, Shape>> = {
  port: 'square',
  bond: 'square',
  bridge: 'hexagon',
  vlan: 'diamond',
  tunnel: 'triangle',
  tap: 'triangle',
  veth: 'circle',
  workload: 'hexagon',
  loopback: 'circle',
  namespace: 'square',
  host: 'square',
  other: 'diamond',
};
export const shapeOf = (family: Family): Shape => SHAPE[family];

/** What the legend calls each family. */
export const FAMILY_NAMES: Readonly<Record<Family, string>> = {
  port: 'Physical interface',
  bond: 'Bond',
  bridge: 'Bridge',
  vlan: 'VLAN, macvlan',
  tunnel: 'Tunnel',
  tap: 'Tap',
  veth: 'Virtual pair',
  workload: 'Container, process',
  loopback: 'Loopback',
  namespace: 'Namespace',
  host: 'Host, switch',
  other: 'Other',
};
