import type { JsonObject } from '../../../common/json.js';

/** Fields of an interface's metrics, times in milliseconds. */
export const METRIC_FIELDS = [
  'Collisions',
  'Multicast',
  'RxBytes',
  'RxCompressed',
  'RxCrcErrors',
  'RxDropped',
  'RxErrors',
  'RxFifoErrors',
  'RxFrameErrors',
  'RxLengthErrors',
  'RxMissedErrors',
  'RxOverErrors',
  'RxPackets',
  'TxAbortedErrors',
  'TxBytes',
  'TxCarrierErrors',
  'TxCompressed',
  'TxDropped',
  'TxErrors',
  'TxFifoErrors',
  'TxHeartbeatErrors',
  'TxPackets',
  'TxWindowErrors',
  'Start',
  'Last',
] as const;

/** Fields of a flow's metrics, times in milliseconds, the round trip in nanoseconds. */
const FLOW_METRIC_FIELDS = ['ABPackets', 'ABBytes', 'BAPackets', 'BABytes', 'Start', 'Last', 'RTT'] as const;

const OF_INTERFACES: ReadonlySet<string> = new Set(METRIC_FIELDS);

/** Every field that a metric of its kind may have, also where it is zero and left out; of kinds with fields of their own those that it has. */
export function fieldsOfMetric(metric: JsonObject): readonly string[] {
  if (Object.hasOwn(metric, 'ABPackets')) return FLOW_METRIC_FIELDS;
  const own = Object.keys(metric);
  return own.every((field) => OF_INTERFACES.has(field)) ? METRIC_FIELDS : own;
}

/** A metric of an interface or a flow with its fields in their order; another kind's as it is. */
export function orderedMetric(metric: JsonObject): JsonObject {
  const names = Object.keys(metric);
  const order = Object.hasOwn(metric, 'ABPackets') ? FLOW_METRIC_FIELDS : METRIC_FIELDS;
  if (!names.every((name) => (order as readonly string[]).includes(name))) return metric;
  return Object.fromEntries(order.flatMap((name) => (Object.hasOwn(metric, name) ? [[name, metric[name]!]] : [])));
}
