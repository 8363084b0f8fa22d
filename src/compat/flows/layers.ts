import {
  ICMP_TYPES,
  type FlowLayer,
  type IcmpLayer,
  type LinkProtocol,
  type NetworkProtocol,
  type TransportLayer,
  type TransportProtocol,
} from '../../flow/flow.js';
import { numberAt, type Shape, type Values } from './numbering.js';
import { wireText } from './wire.js';

/** Flow protocols by the numbers of flows.md §1.1. */
const ETHERNET = 0;
const NETWORKS: Readonly<Record<number, NetworkProtocol>> = { 1: 'IPV4', 5: 'IPV6' };
const TRANSPORTS: Readonly<Record<number, TransportProtocol>> = { 2: 'TCP', 3: 'UDP', 4: 'SCTP' };

/** Bytes of an address as text. */
const MOST_ADDRESS_BYTES = 64;
const MOST_PORT = 65_535;
const MOST_ICMP_CODE = 255;

const textAt = (values: Values, place: number): string => {
  const bytes = values[place];
  return bytes instanceof Uint8Array ? wireText(bytes, MOST_ADDRESS_BYTES) : '';
};

const COLON = 0x3a;
const holdsColon = (value: Values[number]): boolean => value instanceof Uint8Array && value.includes(COLON);

/** Protocol, A, B, ID of the link or the network: Ethernet is 0 and left out, and an address says of which version of IP it is. */
export const LAYER: Shape<'link' | 'network'> = {
  name: 'layer',
  fields: ['number', 'bytes', 'bytes', 'number'],
  inOrder: [[1, 2]],
  isPossible: (values, of) => {
    const protocol = numberAt(values, 0);
    if (numberAt(values, 3) < 0) return false;
    if (of === 'link') return protocol === ETHERNET;
    const expected = holdsColon(values[1] ?? values[2]) ? 'IPV6' : 'IPV4';
    return NETWORKS[protocol] === expected;
  },
};

export const linkOf = (values: Values): FlowLayer<LinkProtocol> => ({
  Protocol: 'ETHERNET',
  A: textAt(values, 1),
  B: textAt(values, 2),
  ID: numberAt(values, 3),
});

export const networkOf = (values: Values): FlowLayer<NetworkProtocol> => ({
  Protocol: NETWORKS[numberAt(values, 0)]!,
  A: textAt(values, 1),
  B: textAt(values, 2),
  ID: numberAt(values, 3),
});

/** Protocol, A, B, ID, all of them numbers; ID is always 0. In doubt the path of layers says which protocol it is. */
export const TRANSPORT: Shape<string> = {
  name: 'transport',
  fields: ['number', 'number', 'number', 'number'],
  inOrder: [[1, 2]],
  isPossible: (values, layersPath) => {
    const protocol = TRANSPORTS[numberAt(values, 0)];
    if (protocol === undefined || values[3] !== undefined) return false;
    const layers = layersPath.split('/');
    const named = Object.values(TRANSPORTS).filter((name) => layers.includes(name));
    return (named.length === 0 || named.includes(protocol)) && isPort(numberAt(values, 1)) && isPort(numberAt(values, 2));
  },
};

const isPort = (value: number): boolean => value >= 0 && value <= MOST_PORT;

export const transportOf = (values: Values): TransportLayer => ({
  Protocol: TRANSPORTS[numberAt(values, 0)]!,
  A: numberAt(values, 1),
  B: numberAt(values, 2),
  ID: numberAt(values, 3),
});

const ECHO = ICMP_TYPES.indexOf('ECHO');
const NEIGHBOR = ICMP_TYPES.indexOf('NEIGHBOR');
/** Last layers that name the type, which is the same in both directions. */
const ICMP_LAYERS: readonly (readonly [layer: RegExp, type: number])[] = [
  [/ICMPv6Echo$/, ECHO],
  [/ICMPv6Neighbor\w*$/, NEIGHBOR],
];

/** Type, Code, ID. The type is 0 only where it is not known; an echo has no code. */
export const ICMP: Shape<string> = {
  name: 'icmp',
  fields: ['number', 'number', 'number'],
  inOrder: [],
  isPossible: (values, layersPath) => {
    const [type, code, id] = [numberAt(values, 0), numberAt(values, 1), numberAt(values, 2)];
    if (ICMP_TYPES[type] === undefined || code < 0 || code > MOST_ICMP_CODE || id < 0 || id > MOST_PORT) return false;
    if (type === 0 && (code !== 0 || id !== 0)) return false;
    if (type === ECHO && code !== 0) return false;
    return ICMP_LAYERS.every(([layer, named]) => !layer.test(layersPath) || named === type);
  },
};

export function icmpOf(values: Values): IcmpLayer {
  const [Code, ID] = [numberAt(values, 1), numberAt(values, 2)];
  return { Type: ICMP_TYPES[numberAt(values, 0)]!, ...(Code !== 0 && { Code }), ...(ID !== 0 && { ID }) };
}
