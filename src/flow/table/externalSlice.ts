import { ipv4Word, ipv6Words, macWords } from '../addresses.js';
import { LAYER_NAMES } from '../decode/layers.js';
import type { PathTable } from '../decode/paths.js';
import { ENDPOINT, Slice } from '../decode/slice.js';
import { ICMP_TYPES } from '../flow.js';
import type { FlowKeys } from '../keys/flowKeys.js';
import type { ExternalFlow } from './external.js';

const LAYER_NUMBERS = new Map<string, number>(LAYER_NAMES.map((name, number) => [name, number]));
const TRANSPORTS = { TCP: ENDPOINT.tcp, UDP: ENDPOINT.udp, SCTP: ENDPOINT.sctp } as const;

/** The flow's fields as those of a packet's part from A to B, so that it is found and kept like any other. */
export function externalSlice(flow: ExternalFlow, paths: PathTable): Slice {
  const slice = new Slice();
  for (const name of flow.layersPath.split('/')) {
    const layer = LAYER_NUMBERS.get(name) ?? 0;
    if (layer === 0) continue;
    slice.path = paths.extend(slice.path, layer);
    slice.lastLayer = layer;
  }
  const { link, network, transport, icmp } = flow;
  if (link !== undefined) {
    slice.hasMac = true;
    [slice.sourceMacHigh, slice.sourceMacLow] = macWords(link.a);
    [slice.targetMacHigh, slice.targetMacLow] = macWords(link.b);
    slice.linkId = link.id;
  }
  if (network !== undefined) {
    slice.networkId = network.id;
    if (network.protocol === 'IPV4') {
      slice.network = ENDPOINT.ipv4;
      slice.source0 = ipv4Word(network.a);
      slice.target0 = ipv4Word(network.b);
    } else {
      slice.network = ENDPOINT.ipv6;
      [slice.source0, slice.source1, slice.source2, slice.source3] = ipv6Words(network.a);
      [slice.target0, slice.target1, slice.target2, slice.target3] = ipv6Words(network.b);
    }
  }
  if (transport !== undefined) {
    slice.transport = TRANSPORTS[transport.protocol];
    slice.sourcePort = transport.a;
    slice.targetPort = transport.b;
  }
  if (icmp !== undefined) {
    slice.hasIcmp = true;
    slice.icmp = (ICMP_TYPES.indexOf(icmp.type) << 24) | (icmp.code << 16) | icmp.id;
  }
  return slice;
}

/** Works out the ids by Skydive's rule for flows that come as fields: texts instead of bytes, and no kinds of endpoints. */
export function externalKeys(flow: ExternalFlow, keys: FlowKeys): void {
  const { link, network, transport, icmp } = flow;
  keys.begin();
  if (network !== undefined) {
    const byPort = network.a === network.b && transport !== undefined && transport.a > transport.b;
    const swap = network.a > network.b || byPort;
    keys.text(swap ? network.b : network.a);
    keys.text(swap ? network.a : network.b);
    keys.number(network.id);
    if (transport !== undefined) {
      keys.word(swap ? (transport.b << 16) | transport.a : (transport.a << 16) | transport.b);
      keys.number(transport.id);
    }
    if (icmp !== undefined) keys.word((ICMP_TYPES.indexOf(icmp.type) << 24) | (icmp.code << 16) | icmp.id);
  } else if (link !== undefined) {
    const swap = link.a > link.b;
    keys.text(swap ? link.b : link.a);
    keys.text(swap ? link.a : link.b);
    keys.number(link.id);
  }
  keys.ofFields(flow.start);
}
