import type { Json, JsonObject } from '../common/json.js';
import type { ExtraLayer } from '../protocol/capture.js';
import { HEADER_SIZE } from '../services/captures/check.js';
import type { Capture } from '../services/captures/capture.js';

/** Bits of `ExtraLayers`. */
export const LAYER_BITS: readonly (readonly [bit: number, layer: ExtraLayer])[] = [
  [1, 'VRRP'],
  [2, 'DNS'],
  [4, 'DHCPv4'],
];
/** What old clients send and expect for all of them. */
const ALL_LAYERS = 255;

/** The form of old clients: what is empty is left out, but for the fields that they read without asking. */
export function captureJson({ id, name, description, gremlin, spec }: Capture, active: number): JsonObject {
  const extraLayers = LAYER_BITS.reduce((bits, [bit, layer]) => (spec.extraLayers.includes(layer) ? bits | bit : bits), 0);
  const given: Record<string, Json | undefined> = {
    UUID: id,
    GremlinQuery: gremlin,
    BPFFilter: spec.bpf || undefined,
    Name: name || undefined,
    Description: description || undefined,
    Type: spec.type,
    Count: active,
    Port: spec.port || undefined,
    SamplingRate: spec.samplingRate,
    PollingInterval: spec.pollingIntervalMs / 1_000,
    RawPacketLimit: spec.rawPacketLimit || undefined,
    HeaderSize: spec.headerSize === HEADER_SIZE ? undefined : spec.headerSize,
    ExtraTCPMetric: spec.extraTcpMetric,
    IPDefrag: spec.ipDefrag,
    ReassembleTCP: spec.reassembleTcp,
    LayerKeyMode: spec.layerKeyMode,
    ExtraLayers: (spec.extraLayers.length === LAYER_BITS.length ? ALL_LAYERS : extraLayers) || undefined,
    Target: spec.target || undefined,
    TargetType: spec.targetType === 'local' ? undefined : spec.targetType,
  };
  return Object.fromEntries(Object.entries(given).filter((entry): entry is [string, Json] => entry[1] !== undefined));
}
