import type { Json, JsonObject } from '../common/json.js';
import type { Flow } from './flow.js';

/** Other names of a flow's parts; they do not ask for the protocol. */
const ALIASES: Readonly<Record<string, string>> = {
  ETHERNET: 'Link',
  IPV4: 'Network',
  IPV6: 'Network',
  TCP: 'Transport',
  UDP: 'Transport',
  SCTP: 'Transport',
  VRRP: 'VRRPv2',
};

/** Numbers that the JSON form leaves out when they are 0. */
const ZEROS: ReadonlySet<string> = new Set([
  'Metric.RTT',
  'LastUpdateMetric.RTT',
  'ICMP.Code',
  'ICMP.ID',
  'TCPMetric.ABSynTTL',
  'TCPMetric.BASynTTL',
]);

/** Layers with two ends: their bare name means either. */
const TWO_ENDED: ReadonlySet<string> = new Set(['Link', 'Network', 'Transport']);

/** A flow's key as written in filters and orders, taken apart once. Source: the getters of Skydive's flows, restated in docs/flows.md. */
export interface FlowKey {
  /** The value; `undefined` when the flow has none. */
  read(flow: Flow): Json | undefined;
  /** What a filter compares with: both ends of a layer that is named without one. */
  readAny(flow: Flow): Json | undefined;
}

/** `Network.A`, `TCP.B`, `DNS.QDCount`, `Metric.ABBytes`… */
export function flowKey(key: string): FlowKey {
  const [head = '', ...rest] = key.split('.');
  const part = Object.hasOwn(ALIASES, head) ? ALIASES[head]! : head;
  const isZero = ZEROS.has([part, ...rest].join('.'));
  const read = (flow: Flow): Json | undefined => {
    let value = ownValue(flow as unknown as JsonObject, part);
    for (const step of rest) {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
      const object = value as JsonObject;
      value = ownValue(object, step) ?? looselyNamed(object, step);
      if (value === undefined) return isZero ? 0 : undefined;
    }
    return value;
  };
  if (rest.length > 0 || !TWO_ENDED.has(part)) return { read, readAny: read };
  return {
    read,
    readAny: (flow) => {
      const layer = flow[part as 'Link' | 'Network' | 'Transport'];
      return layer && [layer.A, layer.B];
    },
  };
}

const ownValue = (object: JsonObject, key: string): Json | undefined => (Object.hasOwn(object, key) ? object[key] : undefined);

/** The extra layers are written in one case and asked for in another: `QDCount` is `q_d_count`. */
function looselyNamed(object: JsonObject, step: string): Json | undefined {
  const plain = step.replaceAll('_', '').toLowerCase();
  const found = Object.keys(object).find((key) => key.replaceAll('_', '').toLowerCase() === plain);
  return found === undefined ? undefined : object[found];
}

/** Every key of a flow, as `Keys()` lists them. */
export const FLOW_KEYS: readonly string[] = [
  ...['UUID', 'LayersPath', 'Application', 'TrackingID', 'L3TrackingID', 'ParentUUID', 'NodeTID', 'CaptureID'],
  ...['Link', 'Network', 'Transport'].flatMap((part) => ['Protocol', 'A', 'B', 'ID'].map((field) => `${part}.${field}`)),
  ...['Type', 'Code', 'ID'].map((field) => `ICMP.${field}`),
  ...['Metric', 'LastUpdateMetric'].flatMap((part) =>
    ['ABPackets', 'ABBytes', 'BAPackets', 'BABytes', 'Start', 'Last', 'RTT'].map((field) => `${part}.${field}`),
  ),
  ...['Start', 'Last', 'RawPacketsCaptured'],
].sort();
