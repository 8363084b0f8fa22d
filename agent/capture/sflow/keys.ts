import type { MetadataKey } from '../../probes/kit/metadataKeys.js';

/** What sFlow captures write on their node, for the reference of metadata. */
export const SFLOW_METADATA_KEYS: readonly MetadataKey[] = [
  {
    path: 'SFlow.IfMetrics.*.*',
    kind: 'measurement',
    type: 'integer',
    meaning:
      'Counters of an interface, by its index in the device that sends: IfInOctets, IfInUcastPkts, IfInMulticastPkts, IfInBroadcastPkts, IfInDiscards, IfInErrors, IfInUnknownProtos, and IfOut… likewise.',
  },
  {
    path: 'SFlow.Metric.*',
    kind: 'measurement',
    type: 'integer',
    meaning:
      'The sums over all interfaces by the same names, and what else the device counts: Eth…, Vlan…, OvsDp… (datapath) and OvsApp… (files, connections, memory).',
  },
  { path: 'SFlow.Metric.Start', kind: 'measurement', type: 'integer', unit: 'ms since the epoch', meaning: 'When the capture began.' },
  { path: 'SFlow.Metric.Last', kind: 'measurement', type: 'integer', unit: 'ms since the epoch', meaning: 'When counters came last.' },
  {
    path: 'SFlow.LastUpdateMetric.*',
    kind: 'measurement',
    type: 'integer',
    meaning: 'What was added to each of these sums since the report before, from `Start` to `Last` (ms since the epoch).',
  },
];
