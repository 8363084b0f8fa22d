/** What captures write on nodes, for the reference of metadata. */
export const CAPTURE_METADATA_KEYS = [
  {
    path: 'Captures',
    kind: 'state',
    type: 'object',
    meaning: 'A list with an entry for each capture that runs, or should run, on the node.',
  },
  { path: 'Captures.ID', kind: 'state', type: 'text', meaning: 'Id of the capture.' },
  { path: 'Captures.State', kind: 'state', type: 'text', meaning: '`active`, or `error` where it does not run.' },
  { path: 'Captures.Error', kind: 'state', type: 'text', meaning: 'Why it does not run; absent where it does.' },
  { path: 'Captures.Name', kind: 'state', type: 'text', meaning: 'Name of the capture; absent where it has none, as are the texts below.' },
  { path: 'Captures.Description', kind: 'state', type: 'text', meaning: 'What it is for.' },
  { path: 'Captures.BPFFilter', kind: 'state', type: 'text', meaning: "Its filter in libpcap's language." },
  {
    path: 'Captures.Type',
    kind: 'state',
    type: 'text',
    meaning: 'How packets or flows are to be had, where that was asked for: afpacket, pcap, ebpf, sflow, …',
  },
  { path: 'Captures.PCAPSocket', kind: 'state', type: 'text', meaning: 'Where a stream of packets is awaited (`pcapsocket`).' },
  { path: 'Captures.SFlowSocket', kind: 'state', type: 'text', meaning: 'Where sFlow, NetFlow or IPFIX is awaited.' },
  { path: 'Captures.MirrorOf', kind: 'state', type: 'text', meaning: 'Id of the node whose traffic is mirrored here.' },
  { path: 'Captures.PacketsReceived', kind: 'measurement', type: 'integer', unit: 'packets', meaning: 'Received since it began there.' },
  {
    path: 'Captures.PacketsDropped',
    kind: 'measurement',
    type: 'integer',
    unit: 'packets',
    meaning: 'Lost in the kernel because nobody fetched them in time.',
  },
  { path: 'Captures.PacketsIfDropped', kind: 'measurement', type: 'integer', unit: 'packets', meaning: 'Lost at the interface.' },
] as const;
