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
